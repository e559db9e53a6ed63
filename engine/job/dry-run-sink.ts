/** Where blobs go in a dry run: nowhere, but each is taken for new only once. */
import type { SealedBlob } from '../compute/seal-blob.ts';
import type { BlobSink } from '../compute/store-blob.ts';
import type { Id } from '../format/id.ts';
import { type BlobType, packedBytes } from '../format/pack-header.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { BlobSet } from './blob-set.ts';

export class DryRunSink implements BlobSink {
  readonly #index: BlobIndex;
  readonly #seen = new BlobSet();

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  has(type: BlobType, id: Id): boolean {
    return this.#seen.has(type, id) || this.#index.has(type, id);
  }

  add({ type, id, sealed, plainLength }: SealedBlob): number {
    this.#seen.add(type, id);
    return packedBytes({ type, id, offset: 0, length: sealed.length, plainLength });
  }

  async ready(): Promise<void> {}
}
