/** What a repository holds: every blob, the pack that it is in, and its place there. */
import type { BlobTableHandle } from '../compute/blob-lookup.ts';
import { BlobTable } from '../compute/blob-table.ts';
import { type Id, idBytes } from '../format/id.ts';
import type { HeldPack, IndexedPack, PackEntry } from '../format/index-file.ts';
import { PackEntries } from '../format/pack-entries.ts';
import { type BlobType, type PackBlob, plainBytes } from '../format/pack-header.ts';

/** A blob and the pack that holds it. */
export interface BlobLocation extends PackBlob {
  readonly packId: Id;
}

const blobsBetweenYields = 2_048;

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

  /** For lookups in other threads. */
  get tableHandle(): BlobTableHandle {
    return this.#table.handle;
  }

  /** Says how much will come, where the index is still empty. */
  reserve(blobs: number): void {
    this.#table.reserve(blobs);
  }

  packIds(): readonly Id[] {
    return this.#packIds;
  }

  hasPack(id: Id): boolean {
    return this.#packNumbers.has(id);
  }

  /** By which lookups name it. */
  packNumber(id: Id): number | undefined {
    return this.#packNumbers.get(id);
  }

  /**
   * A pack may be known already: several index files may list it, and older restics spread one pack's blobs over
   * several entries. Then only the blobs are added that are not yet known to be in it.
   */
  addPack({ id, blobs }: IndexedPack): void {
    const { pack, known } = this.#numberOf(id);
    for (const { type, id: blobId, offset, length, plainLength } of blobs) {
      if (known && this.#isIn(pack, type, Buffer.from(blobId, 'hex'))) continue;
      this.#table.add(type, blobId, { pack, offset, length, plainLength });
    }
  }

  /** The same for an entry that is being read from an index file. Stops now and then, to let others run. */
  *addEntry(entry: PackEntry): Generator<void> {
    const id = entry.id.toString('hex');
    const { pack, known } = this.#numberOf(id);
    const { ids, blobCount } = entry;
    for (let blob = 0; blob < blobCount; blob++) {
      const type = entry.typeOf(blob);
      const at = blob * idBytes;
      if (blob % blobsBetweenYields === blobsBetweenYields - 1) yield;
      if (known && this.#isIn(pack, type, ids, at)) continue;
      const length = entry.lengthOf(blob);
      this.#table.addBytes(type, ids, at, pack, entry.offsetOf(blob), length, entry.plainLengthOf(blob));
    }
  }

  /** The same for a pack of which we have the header. How many blobs are in it. */
  addHeld({ id, entries }: HeldPack): number {
    const { pack, known } = this.#numberOf(id);
    const blob = new PackEntries(entries);
    let count = 0;
    for (; blob.next(); count++) {
      const { type, bytes, idAt, offset, length, plainLength } = blob;
      if (known && this.#isIn(pack, type, bytes, idAt)) continue;
      this.#table.addBytes(type, bytes, idAt, pack, offset, length, plainLength);
    }
    return count;
  }

  #numberOf(id: Id): { pack: number; known: boolean } {
    const number = this.#packNumbers.get(id);
    if (number !== undefined) return { pack: number, known: true };
    const pack = this.#packIds.push(id) - 1;
    this.#packNumbers.set(id, pack);
    return { pack, known: false };
  }

  #isIn(pack: number, type: BlobType, id: Uint8Array, at = 0): boolean {
    const { lookup } = this.#table;
    let entry = lookup.find(type, id, at);
    while (entry !== 0 && lookup.packOf(entry) !== pack) entry = lookup.find(type, id, at, entry);
    return entry !== 0;
  }

  has(type: BlobType, id: Id): boolean {
    return this.#table.has(type, id);
  }

  /** How long the blob's plaintext is; undefined where it is not known. */
  plainBytes(type: BlobType, id: Id): number | undefined {
    const place = this.#table.place(type, id);
    return place === undefined ? undefined : plainBytes(place);
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
