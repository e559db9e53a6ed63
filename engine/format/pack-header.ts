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

/** How long a blob's plaintext is. */
export function plainBytes({ length, plainLength }: Pick<PackBlob, 'length' | 'plainLength'>): number {
  return plainLength === 0 ? length - sealOverheadBytes : plainLength;
}

/** What a blob adds to its pack, header entry included. */
export function packedBytes(blob: Pick<PackBlob, 'length' | 'plainLength'>): number {
  return blob.length + entryBytes(blob);
}

/** The size that a pack with these blobs has. */
export function packBytes(blobs: Iterable<Pick<PackBlob, 'length' | 'plainLength'>>): number {
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

/** The most that one entry takes. */
export const entryBytesMax = compressedEntryBytes;

/** Writes an entry at `at`; returns where it ends. */
export function writeEntry(
  target: Buffer,
  at: number,
  type: BlobType,
  id: Uint8Array,
  length: number,
  plainLength: number,
): number {
  target[at] = (type === 'tree' ? 1 : 0) + (plainLength === 0 ? 0 : 2);
  target.writeUInt32LE(length, at + 1);
  if (plainLength !== 0) target.writeUInt32LE(plainLength, at + 5);
  const idAt = at + entryBytes({ plainLength }) - id.length;
  target.set(id, idAt);
  return idAt + id.length;
}

/** What a header says, before it is sealed. */
export function encodeEntries(blobs: readonly PackBlob[]): Buffer {
  const entries = Buffer.alloc(blobs.reduce((sum, blob) => sum + entryBytes(blob), 0));
  let at = 0;
  for (const { type, id, length, plainLength } of blobs)
    at = writeEntry(entries, at, type, Buffer.from(id, 'hex'), length, plainLength);
  return entries;
}

/** The end of a pack: sealed header and its length. */
export function encodePackHeader(key: SealKey, blobs: readonly PackBlob[], chance: Chance): Buffer {
  return sealPackHeader(key, encodeEntries(blobs), chance);
}

/** The same for entries that are encoded. */
export function sealPackHeader(key: SealKey, entries: Uint8Array, chance: Chance): Buffer {
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(entries.length + sealOverheadBytes);
  return Buffer.concat([seal(key, entries, chance), length]);
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
  const blobs = decodeEntries(plaintext);
  const last = blobs.at(-1);
  const end = last === undefined ? 0 : last.offset + last.length;
  if (end !== packBytesTotal - packEnd.length) throw new Error('its header does not describe all of it');
  return blobs;
}

/** Whether the end of a pack opens to these entries, and they describe all `bodyBytes` before it. */
export function endsWithEntries(
  key: SealKey,
  packEnd: Uint8Array,
  entries: Uint8Array,
  bodyBytes: number,
): boolean {
  if (headerBytesAtEnd(packEnd, bodyBytes + packEnd.length) !== packEnd.length) return false;
  const plaintext = unseal(key, packEnd.subarray(0, packEnd.length - lengthBytes));
  return plaintext?.equals(entries) === true && describedBytes(plaintext) === bodyBytes;
}

function describedBytes(entries: Buffer): number {
  let bytes = 0;
  for (let at = 0; at < entries.length; at += entryBytesAt(entries, at))
    bytes += entries.readUInt32LE(at + 1);
  return bytes;
}

/** The blobs of a header that is opened, from the first byte of their pack on. Throws a plain error. */
export function decodeEntries(bytes: Uint8Array): PackBlob[] {
  const entries = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blobs: PackBlob[] = [];
  let offset = 0;
  for (let at = 0; at < entries.length; ) {
    const blob = decodeEntry(entries, at, offset);
    blobs.push(blob);
    offset += blob.length;
    at += entryBytes(blob);
  }
  return blobs;
}

/** Whether the first of them is a tree: a pack holds blobs of one type. */
export function holdTrees(entries: Uint8Array): boolean {
  return entries.length > 0 && entries[0]! % 2 === 1;
}

/** How many blobs `decodeEntries` would find. */
export function entryCount(entries: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < entries.length; count++) at += entryBytesAt(entries, at);
  return count;
}

/** How long the entry is that begins there. */
function entryBytesAt(entries: Uint8Array, at: number): number {
  return entries[at]! >= 2 ? compressedEntryBytes : plainEntryBytes;
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
