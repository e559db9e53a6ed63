/** What a repository holds: every blob, the pack that it is in, and its place there. */
import type { BlobTableHandle } from '../compute/blob-lookup.ts';
import { BlobTable } from '../compute/blob-table.ts';
import type { Id } from '../format/id.ts';
import type { IndexedPack } from '../format/index-file.ts';
import type { BlobType, PackBlob } from '../format/pack-header.ts';

/** A blob and the pack that holds it. */
export interface BlobLocation extends PackBlob {
  readonly packId: Id;
}

export class BlobIndex {
  readonly #table = new BlobTable();
  readonly #packIds: Id[] = [];
  readonly #packNumbers = new Map<Id, number>();

  /** For lookups in other threads. */
  get handle(): BlobTableHandle {
    return this.#table.handle;
  }

  get blobCount(): number {
    return this.#table.size;
  }

  get packCount(): number {
    return this.#packIds.length;
  }

  packIds(): readonly Id[] {
    return this.#packIds;
  }

  /**
   * A pack may be known already: several index files may list it, and older restics spread one pack's blobs over
   * several entries. Then only the blobs are added that are not yet known to be in it.
   */
  addPack({ id, blobs }: IndexedPack): void {
    const known = this.#packNumbers.get(id);
    const pack = known ?? this.#packIds.push(id) - 1;
    this.#packNumbers.set(id, pack);
    for (const { type, id: blobId, offset, length, plainLength } of blobs) {
      if (known !== undefined && this.#isIn(pack, type, blobId)) continue;
      this.#table.add(type, blobId, { pack, offset, length, plainLength });
    }
  }

  #isIn(pack: number, type: BlobType, id: Id): boolean {
    return this.#table.places(type, id).some((place) => place.pack === pack);
  }

  has(type: BlobType, id: Id): boolean {
    return this.#table.has(type, id);
  }

  /** Every place where the blob lies; empty where it is not known. */
  locate(type: BlobType, id: Id): BlobLocation[] {
    return this.#table.places(type, id).map((place) => this.#location(type, id, place));
  }

  *blobs(): Generator<BlobLocation> {
    for (const entry of this.#table.entries()) yield this.#location(entry.type, entry.id, entry);
  }

  #location(
    type: BlobType,
    id: Id,
    place: { pack: number; offset: number; length: number; plainLength: number },
  ): BlobLocation {
    const { pack, offset, length, plainLength } = place;
    return { type, id, offset, length, plainLength, packId: this.#packIds[pack]! };
  }
}
