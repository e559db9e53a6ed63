/** A blob's whole way: hashed, looked up, and where it is new compressed, sealed and put into a pack. */
import { type Id, idOf } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';
import { type SealedBlob, type SealSettings, sealBlob } from './seal-blob.ts';

/** Where sealed blobs go; the uploader of a repository is one. */
export interface BlobSink {
  has(type: BlobType, id: Id): boolean;
  /** Takes a blob that it has not; returns the bytes that it will take in the repository. */
  add(blob: SealedBlob): number;
}

export interface StoredBlob {
  readonly id: Id;
  /** 0 where the blob was known. */
  readonly addedBytes: number;
  readonly addedPackedBytes: number;
}

export function storeBlob(
  settings: SealSettings,
  sink: BlobSink,
  type: BlobType,
  plaintext: Uint8Array,
): StoredBlob {
  const id = idOf(plaintext);
  if (sink.has(type, id)) return { id, addedBytes: 0, addedPackedBytes: 0 };
  const addedPackedBytes = sink.add(sealBlob(settings, type, id, plaintext));
  return { id, addedBytes: plaintext.length, addedPackedBytes };
}
