/**
 * A pack: sealed blobs one after the other, then a sealed header that lists them, then the header's length.
 * Blobs of one type only share a pack. Offsets follow from the lengths, so a header cannot lie about them.
 */

import type { Chance } from '../base/chance.ts';
import { limits } from '../base/limits.ts';
import type { Id } from './id.ts';
import { type SealKey, seal, sealOverheadBytes, unseal } from './seal.ts';

export type BlobType = 'data' | 'tree';

/** Where a blob lies in its pack. */
export interface PackBlob {
  readonly id: Id;
  readonly type: BlobType;
  readonly offset: number;
  /** Sealed length, with the 32 bytes that sealing adds. */
  readonly length: number;
  /** Length of the plaintext before compression, or 0 for a blob that is not compressed. */
  readonly plainLength: number;
}

const plainEntryBytes = 37;
const compressedEntryBytes = 41;
const lengthBytes = 4;

function entryBytes(blob: { readonly plainLength: number }): number {
  return blob.plainLength === 0 ? plainEntryBytes : compressedEntryBytes;
}

/** What a blob adds to its pack, header entry included. */
export function packedBytes(blob: PackBlob): number {
  return blob.length + entryBytes(blob);
}

/** The size that a pack with these blobs has. */
export function packBytes(blobs: Iterable<PackBlob>): number {
  let bytes = sealOverheadBytes + lengthBytes;
  for (const blob of blobs) bytes += packedBytes(blob);
  return bytes;
}

/** Whether two lists name the same blobs at the same places. */
export function isSameContent(a: readonly PackBlob[], b: readonly PackBlob[]): boolean {
  const isSame = (one: PackBlob, other: PackBlob | undefined): boolean =>
    one.id === other?.id &&
    one.type === other.type &&
    one.offset === other.offset &&
    one.length === other.length &&
    one.plainLength === other.plainLength;
  return a.length === b.length && a.every((one, i) => isSame(one, b[i]));
}

/** The end of a pack: sealed header and its length. */
export function encodePackHeader(key: SealKey, blobs: readonly PackBlob[], chance: Chance): Buffer {
  const plaintext = Buffer.concat(blobs.map(encodeEntry));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(plaintext.length + sealOverheadBytes);
  return Buffer.concat([seal(key, plaintext, chance), length]);
}

function encodeEntry(blob: PackBlob): Buffer {
  const entry = Buffer.alloc(entryBytes(blob));
  entry[0] = (blob.type === 'tree' ? 1 : 0) + (blob.plainLength === 0 ? 0 : 2);
  entry.writeUInt32LE(blob.length, 1);
  if (blob.plainLength !== 0) entry.writeUInt32LE(blob.plainLength, 5);
  entry.write(blob.id, entry.length - 32, 'hex');
  return entry;
}

/** How many of a pack's last bytes hold the header, read from its last four. Throws when that cannot be. */
export function headerBytesAtEnd(packEnd: Uint8Array, packBytesTotal: number): number {
  const end = Buffer.from(packEnd.buffer, packEnd.byteOffset, packEnd.byteLength);
  if (packBytesTotal < plainEntryBytes + sealOverheadBytes + lengthBytes)
    throw new Error('it is too short for a pack');
  const headerBytes = end.readUInt32LE(end.length - lengthBytes);
  const most = Math.min(packBytesTotal - lengthBytes, limits.packHeaderBytesMax);
  if (headerBytes < plainEntryBytes + sealOverheadBytes || headerBytes > most) {
    throw new Error('the length of its header cannot be true');
  }
  return headerBytes + lengthBytes;
}

/**
 * The blobs of a pack, from its last `headerBytesAtEnd` bytes. Throws a plain error unless the header is
 * authentic, well formed, and describes the pack from its first byte to the header.
 */
export function decodePackHeader(key: SealKey, packEnd: Uint8Array, packBytesTotal: number): PackBlob[] {
  if (headerBytesAtEnd(packEnd, packBytesTotal) !== packEnd.length) {
    throw new Error('the length of its header cannot be true');
  }
  const plaintext = unseal(key, packEnd.subarray(0, packEnd.length - lengthBytes));
  if (plaintext === undefined) throw new Error('its header is not authentic');
  const blobs: PackBlob[] = [];
  let offset = 0;
  for (let at = 0; at < plaintext.length; ) {
    const blob = decodeEntry(plaintext, at, offset);
    blobs.push(blob);
    offset += blob.length;
    at += entryBytes(blob);
  }
  if (offset !== packBytesTotal - packEnd.length) throw new Error('its header does not describe all of it');
  return blobs;
}

function decodeEntry(header: Buffer, at: number, offset: number): PackBlob {
  const kind = header[at]!;
  if (kind > 3) throw new Error('its header has an entry of an unknown type');
  const isCompressed = kind >= 2;
  const idAt = at + (isCompressed ? 9 : 5);
  if (idAt + 32 > header.length) throw new Error('its header ends within an entry');
  const length = header.readUInt32LE(at + 1);
  const plainLength = isCompressed ? header.readUInt32LE(at + 5) : 0;
  if (length < sealOverheadBytes) throw new Error('its header has a blob that is too short');
  if (isCompressed && plainLength === 0) throw new Error('its header has a compressed blob without content');
  const id = header.toString('hex', idAt, idAt + 32);
  return { id, type: kind & 1 ? 'tree' : 'data', offset, length, plainLength };
}
