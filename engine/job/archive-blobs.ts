/**
 * Blobs that are made here on their way into the repository: trees, and pieces of a stream. They travel to the compute
 * threads in batches; each is settled when it is stored, in the order of their adding within a batch.
 */
import { limits } from '../base/limits.ts';
import type { StoredBlob } from '../compute/blob-packer.ts';
import type { BlobType } from '../format/pack-header.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import type { QueueListener } from './archive-file.ts';

interface QueuedBlob {
  readonly bytes: Uint8Array;
  readonly onStored: (stored: StoredBlob) => void;
}

export class BlobQueue {
  readonly #store: BlobStore;
  readonly #type: BlobType;
  readonly #listener: QueueListener;
  #batch: QueuedBlob[] = [];
  #batchBytes = 0;
  /** Blobs, and their bytes, that are not settled yet. */
  ahead = 0;
  bytesAhead = 0;

  constructor(store: BlobStore, type: BlobType, listener: QueueListener) {
    this.#store = store;
    this.#type = type;
    this.#listener = listener;
  }

  add(bytes: Uint8Array, onStored: (stored: StoredBlob) => void): void {
    this.ahead++;
    this.bytesAhead += bytes.length;
    this.#batch.push({ bytes, onStored });
    this.#batchBytes += bytes.length;
    if (this.#batch.length >= limits.batchFilesMax || this.#batchBytes >= limits.batchBytesMax) this.flush();
  }

  /** Sends a batch that is not full. */
  flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    const batchBytes = this.#batchBytes;
    this.#batch = [];
    this.#batchBytes = 0;
    const blobs = batch.map(({ bytes }) => bytes);
    this.#store
      .storeBlobs(this.#type, blobs)
      .then((stored) => {
        this.ahead -= batch.length;
        this.bytesAhead -= batchBytes;
        for (const [i, { onStored }] of batch.entries()) onStored(stored[i]!);
      })
      .then(() => this.#listener.moved())
      .catch((error: unknown) => this.#listener.failed(error));
  }
}
