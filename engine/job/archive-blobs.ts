/**
 * Blobs that are made here on their way into the repository: trees, and pieces of a stream. They travel to the compute
 * threads in batches; each is settled when it is stored, in the order of their adding within a batch.
 */
import type { StoredBlob } from '../compute/blob-packer.ts';
import type { BlobType } from '../format/pack-header.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import { Batches } from './archive-batch.ts';
import type { QueueListener } from './archive-file.ts';

interface QueuedBlob {
  readonly bytes: Uint8Array;
  readonly onStored: (stored: StoredBlob) => void;
}

export class BlobQueue {
  readonly #listener: QueueListener;
  readonly #batches: Batches<QueuedBlob>;
  /** Blobs, and their bytes, that are not settled yet. */
  ahead = 0;
  bytesAhead = 0;

  constructor(store: BlobStore, type: BlobType, listener: QueueListener) {
    this.#listener = listener;
    this.#batches = new Batches(store, async (batch) => {
      const blobs = batch.map(({ bytes }) => bytes);
      // Once they are handed over, they cannot be asked.
      const bytes = blobs.reduce((sum, { length }) => sum + length, 0);
      await this.#settleWith(batch, bytes, store.storeBlobs(type, blobs));
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

  async #settleWith(
    batch: readonly QueuedBlob[],
    bytes: number,
    stored: Promise<readonly StoredBlob[]>,
  ): Promise<void> {
    try {
      const all = await stored;
      this.ahead -= batch.length;
      this.bytesAhead -= bytes;
      for (const [i, { onStored }] of batch.entries()) onStored(all[i]!);
      this.#listener.moved();
    } catch (error) {
      this.#listener.failed(error);
    }
  }
}
