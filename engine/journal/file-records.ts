/**
 * Finished source files as bytes: a path, what told the file from others when it was read, and the blobs of its
 * content. Many records stand one after the other in one batch, so that remembering 60 000 small files costs little.
 */
import { assert } from '../base/assert.ts';
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import type { Id } from '../format/id.ts';

/** What changes when a file does. */
export interface FileFingerprint {
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
  readonly device: bigint;
}

export interface FileRecord {
  readonly path: ByteString;
  readonly fingerprint: FileFingerprint;
  readonly content: readonly Id[];
}

const fixedBytes = 2 + 5 * 8 + 4;
const idBytes = 32;

/** Collects records and hands them out as one batch. */
export class FileRecordBatch {
  #parts: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add({ path, fingerprint, content }: FileRecord): void {
    const name = Buffer.from(path, 'latin1');
    assert(name.length < 65_536, 'a path is shorter than any system allows');
    const record = Buffer.allocUnsafe(fixedBytes + name.length + content.length * idBytes);
    let at = record.writeUInt16LE(name.length, 0);
    name.copy(record, at);
    at = record.writeBigUInt64LE(BigInt(fingerprint.sizeBytes), at + name.length);
    at = record.writeBigInt64LE(fingerprint.mtimeNs, at);
    at = record.writeBigInt64LE(fingerprint.ctimeNs, at);
    at = record.writeBigUInt64LE(fingerprint.inode, at);
    at = record.writeBigUInt64LE(fingerprint.device, at);
    at = record.writeUInt32LE(content.length, at);
    for (const id of content) at += record.write(id, at, 'hex');
    this.#parts.push(record);
    this.#bytes += record.length;
  }

  /** Everything since the last time. */
  take(): Uint8Array {
    const batch = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return batch;
  }
}

/** The records of a batch. One that is cut off ends it: what follows was never relied on. */
export function* readFileRecords(batch: Uint8Array): Generator<FileRecord> {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  for (let at = 0; at + 2 <= bytes.length; ) {
    const nameBytes = bytes.readUInt16LE(at);
    const fixedAt = at + 2 + nameBytes;
    if (at + fixedBytes + nameBytes > bytes.length) return;
    const count = bytes.readUInt32LE(fixedAt + 40);
    const contentAt = fixedAt + 44;
    if (contentAt + count * idBytes > bytes.length) return;
    const content: Id[] = [];
    for (let i = 0; i < count; i++)
      content.push(bytes.toString('hex', contentAt + i * idBytes, contentAt + (i + 1) * idBytes));
    yield {
      path: fromLatin1(bytes.toString('latin1', at + 2, fixedAt)),
      fingerprint: {
        sizeBytes: Number(bytes.readBigUInt64LE(fixedAt)),
        mtimeNs: bytes.readBigInt64LE(fixedAt + 8),
        ctimeNs: bytes.readBigInt64LE(fixedAt + 16),
        inode: bytes.readBigUInt64LE(fixedAt + 24),
        device: bytes.readBigUInt64LE(fixedAt + 32),
      },
      content,
    };
    at = contentAt + count * idBytes;
  }
}
