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
/** No buffer is larger. */
const batchBytesMax = 2 ** 33;

const firstSpaceBytes = 64 * 1024;

/** Collects records and hands them out as one batch. */
export class FileRecordBatch {
  #space = Buffer.allocUnsafeSlow(firstSpaceBytes);
  #view = new DataView(this.#space.buffer);
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add({ path, fingerprint, content }: FileRecord): void {
    assert(path.length < 65_536, 'a path is shorter than any system allows');
    const start = this.#bytes;
    this.#bytes += fixedBytes + path.length + content.length * idBytes;
    this.#makeRoom(this.#bytes);
    const view = this.#view;
    view.setUint16(start, path.length, true);
    let at = start + 2;
    at += this.#space.write(path, at, 'latin1');
    view.setBigUint64(at, BigInt(fingerprint.sizeBytes), true);
    view.setBigInt64(at + 8, fingerprint.mtimeNs, true);
    view.setBigInt64(at + 16, fingerprint.ctimeNs, true);
    view.setBigUint64(at + 24, fingerprint.inode, true);
    view.setBigUint64(at + 32, fingerprint.device, true);
    view.setUint32(at + 40, content.length, true);
    at += fixedBytes - 2;
    for (const id of content) at += this.#space.write(id, at, 'hex');
  }

  /** Everything since the last time. */
  take(): Uint8Array {
    const batch = Uint8Array.from(this.#space.subarray(0, this.#bytes));
    this.#bytes = 0;
    return batch;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#space.length) return;
    const space = Buffer.allocUnsafeSlow(2 * bytes);
    this.#space.copy(space);
    this.#space = space;
    this.#view = new DataView(space.buffer);
  }
}

/** Where the record that stands at `at` in a batch ends; undefined where it is cut off: it was never relied on. */
function recordEnd(bytes: Buffer, at: number): number | undefined {
  if (at + 2 > bytes.length) return undefined;
  const contentAt = at + fixedBytes + bytes.readUInt16LE(at);
  if (contentAt > bytes.length) return undefined;
  const end = contentAt + bytes.readUInt32LE(contentAt - 4) * idBytes;
  return end > bytes.length ? undefined : end;
}

function pathAt(bytes: Buffer, at: number): ByteString {
  return fromLatin1(bytes.toString('latin1', at + 2, at + 2 + bytes.readUInt16LE(at)));
}

function recordAt(bytes: Buffer, at: number): FileRecord {
  const path = pathAt(bytes, at);
  const fixedAt = at + 2 + path.length;
  const contentAt = fixedAt + fixedBytes - 2;
  const content: Id[] = [];
  for (let i = 0; i < bytes.readUInt32LE(contentAt - 4); i++)
    content.push(bytes.toString('hex', contentAt + i * idBytes, contentAt + (i + 1) * idBytes));
  return {
    path,
    fingerprint: {
      sizeBytes: Number(bytes.readBigUInt64LE(fixedAt)),
      mtimeNs: bytes.readBigInt64LE(fixedAt + 8),
      ctimeNs: bytes.readBigInt64LE(fixedAt + 16),
      inode: bytes.readBigUInt64LE(fixedAt + 24),
      device: bytes.readBigUInt64LE(fixedAt + 32),
    },
    content,
  };
}

/** The records of a batch, up to one that is cut off. */
export function* readFileRecords(batch: Uint8Array): Generator<FileRecord> {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  let at = 0;
  for (let end = recordEnd(bytes, at); end !== undefined; end = recordEnd(bytes, at)) {
    yield recordAt(bytes, at);
    at = end;
  }
}

/** The files of many batches by their paths, as bytes: a million of them fit into memory. The last of a path counts. */
export class FinishedFiles {
  readonly #batches: Buffer[] = [];
  /** The number of the batch and the place in it. */
  readonly #places = new Map<ByteString, number>();

  constructor(batches: readonly Uint8Array[]) {
    for (const batch of batches) {
      const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
      const base = (this.#batches.push(bytes) - 1) * batchBytesMax;
      let at = 0;
      for (let end = recordEnd(bytes, at); end !== undefined; end = recordEnd(bytes, at)) {
        this.#places.set(pathAt(bytes, at), base + at);
        at = end;
      }
    }
  }

  get size(): number {
    return this.#places.size;
  }

  find(path: ByteString): FileRecord | undefined {
    const place = this.#places.get(path);
    if (place === undefined) return undefined;
    return recordAt(this.#batches[Math.floor(place / batchBytesMax)]!, place % batchBytesMax);
  }
}
