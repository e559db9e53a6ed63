/** A set of blobs that stays small (about 56 bytes a blob) where a million of them must be remembered. */
import { BlobTable } from '../compute/blob-table.ts';
import type { Id } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';

export interface BlobHandle {
  readonly type: BlobType;
  readonly id: Id;
}

const nowhere = { pack: 0, offset: 0, length: 0, plainLength: 0 };

export class BlobSet {
  readonly #table = new BlobTable();

  get size(): number {
    return this.#table.size;
  }

  /** Whether it was not there before. */
  add(type: BlobType, id: Id): boolean {
    if (this.#table.has(type, id)) return false;
    this.#table.add(type, id, nowhere);
    return true;
  }

  has(type: BlobType, id: Id): boolean {
    return this.#table.has(type, id);
  }

  *[Symbol.iterator](): Generator<BlobHandle> {
    for (const { type, id } of this.#table.entries()) yield { type, id };
  }
}
