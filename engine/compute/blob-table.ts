/**
 * The blob table: where every known blob lies, in typed arrays with open addressing (about 60 bytes a blob).
 * One blob may stand in it several times, once for each pack that holds it. Used by `repo/blob-index`.
 */
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';

/** Where a blob lies: the pack by its number, offset and sealed length in bytes, plaintext length or 0. */
export interface BlobPlace {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  readonly plainLength: number;
}

const idWords = 8;
const fields = 4;
/** The pack's number shares its word with the blob's type. */
const treeBit = 2 ** 31;

export class BlobTable {
  #ids = new Uint32Array(limits.blobTableStart * idWords);
  #places = new Uint32Array(limits.blobTableStart * fields);
  /** Entry numbers plus one, at the places that ids hash to; 0 is empty. */
  #slots = new Uint32Array(limits.blobTableStart * 2);
  #size = 0;
  readonly #words = new Uint32Array(idWords);

  /** How many places are known. */
  get size(): number {
    return this.#size;
  }

  add(type: BlobType, id: Id, place: BlobPlace): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow();
    const entry = this.#size++;
    this.#readWords(id);
    this.#ids.set(this.#words, entry * idWords);
    const pack = place.pack + (type === 'tree' ? treeBit : 0);
    this.#places.set([pack, place.offset, place.length, place.plainLength], entry * fields);
    this.#insert(entry);
  }

  has(type: BlobType, id: Id): boolean {
    return this.#find(type, id, 0) !== undefined;
  }

  /** Every place of the blob, the first known first. */
  places(type: BlobType, id: Id): BlobPlace[] {
    const found: BlobPlace[] = [];
    for (let at = this.#find(type, id, 0); at !== undefined; at = this.#find(type, id, at.next)) {
      found.push(this.#placeAt(at.entry));
    }
    return found;
  }

  /** Every entry, in the order in which they came. */
  *entries(): Generator<BlobPlace & { readonly type: BlobType; readonly id: Id }> {
    for (let entry = 0; entry < this.#size; entry++) {
      const type = this.#places[entry * fields]! >= treeBit ? 'tree' : 'data';
      yield { type, id: this.#idAt(entry), ...this.#placeAt(entry) };
    }
  }

  /** The next entry for the blob after `step` slots from where its id hashes to. */
  #find(type: BlobType, id: Id, step: number): { entry: number; next: number } | undefined {
    this.#readWords(id);
    const mask = this.#slots.length - 1;
    const isTree = type === 'tree';
    for (let next = step; ; next++) {
      const slot = this.#slots[(this.#words[0]! + next) & mask]!;
      if (slot === 0) return undefined;
      const entry = slot - 1;
      const entryIsTree = this.#places[entry * fields]! >= treeBit;
      if (entryIsTree === isTree && this.#sameId(entry)) return { entry, next: next + 1 };
    }
  }

  #sameId(entry: number): boolean {
    for (let i = 0; i < idWords; i++) if (this.#ids[entry * idWords + i] !== this.#words[i]) return false;
    return true;
  }

  #placeAt(entry: number): BlobPlace {
    const at = entry * fields;
    const pack = this.#places[at]! % treeBit;
    return {
      pack,
      offset: this.#places[at + 1]!,
      length: this.#places[at + 2]!,
      plainLength: this.#places[at + 3]!,
    };
  }

  #idAt(entry: number): Id {
    let id = '';
    for (let i = 0; i < idWords; i++) id += this.#ids[entry * idWords + i]!.toString(16).padStart(8, '0');
    return id;
  }

  #readWords(id: Id): void {
    for (let i = 0; i < idWords; i++) this.#words[i] = Number.parseInt(id.slice(i * 8, i * 8 + 8), 16);
  }

  #insert(entry: number): void {
    const mask = this.#slots.length - 1;
    let at = this.#ids[entry * idWords]! & mask;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = entry + 1;
  }

  #grow(): void {
    const ids = new Uint32Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
    const places = new Uint32Array(this.#places.length * 2);
    places.set(this.#places);
    this.#places = places;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let entry = 0; entry < this.#size; entry++) this.#insert(entry);
  }
}
