/** The blobs of a pack as bytes: 45 a blob, the same for every machine. */
import { assert } from '../base/assert.ts';
import type { JournalBlob } from './journal.ts';

const idBytes = 32;
const recordBytes = idBytes + 13;

export function encodeBlobs(blobs: readonly JournalBlob[]): Buffer {
  const bytes = Buffer.allocUnsafe(blobs.length * recordBytes);
  let at = 0;
  for (const { id, type, offset, length, plainLength } of blobs) {
    at += bytes.write(id, at, 'hex');
    at = bytes.writeUInt8(type === 'tree' ? 1 : 0, at);
    at = bytes.writeUInt32LE(offset, at);
    at = bytes.writeUInt32LE(length, at);
    at = bytes.writeUInt32LE(plainLength, at);
  }
  return bytes;
}

export function decodeBlobs(record: Uint8Array): JournalBlob[] {
  assert(record.length % recordBytes === 0, 'a record of blobs is whole');
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const blobs: JournalBlob[] = [];
  for (let at = 0; at < bytes.length; at += recordBytes) {
    blobs.push({
      id: bytes.toString('hex', at, at + idBytes),
      type: bytes[at + idBytes] === 1 ? 'tree' : 'data',
      offset: bytes.readUInt32LE(at + idBytes + 1),
      length: bytes.readUInt32LE(at + idBytes + 5),
      plainLength: bytes.readUInt32LE(at + idBytes + 9),
    });
  }
  return blobs;
}
