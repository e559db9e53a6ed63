/**
 * Blobs that are made here on their way into the repository: trees, and pieces of a stream. They travel to the compute
 * threads in batches; each is settled when it is stored, in the order of their adding within a batch.
 */
import type { StoredBlob } from '../compute/blob-packer.ts';
import type { BlobType } from '../format/pack-header.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import { Batches, type QueueListener } from './archive-batch.ts';

interface QueuedBlob {
  readonly bytes: Uint8Array;
  readonly onStored: (stored: StoredBlob) => void;
}

export class BlobQueue {
  readonly #batches: Batches<QueuedBlob>;
  /** Blobs, and their bytes, that are not settled yet. */
  ahead = 0;
  bytesAhead = 0;

  constructor(store: BlobStore, type: BlobType, listener: QueueListener) {
    this.#batches = new Batches(store, listener, async (batch) => {
      const blobs = batch.map(({ bytes }) => bytes);
      // Once they are handed over, they cannot be asked.
      const bytes = blobs.reduce((sum, { length }) => sum + length, 0);
      const stored = await store.storeBlobs(type, blobs);
      this.ahead -= batch.length;
      this.bytesAhead -= bytes;
      for (const [i, { onStored }] of batch.entries()) onStored(stored[i]!);
    });
  }

  add(bytes: Uint8Array, onStored: (stored: StoredBlob) => void): void {
    this.ahead++;
    this.bytesAhead += bytes.length;
    this.#batches.add({ bytes, onStored }, bytes.length);
  }

  /** See `Batches`. */
  flush(): void {
    this.#batches.flush();
  }
}
