/**
 * Looks blobs up in a table that lies in memory shared between threads; the one thread that writes it has a
 * `BlobTable`. A lookup allocates nothing, waits for nobody, and finds every blob that was added before it began.
 *
 * Entries are records of 52 bytes, numbered from 1. Those in one bucket are a chain, sorted by the first word of their
 * ids; the table grows by one bucket for each entry, and no entry ever moves (split-ordered lists, Shalev and Shavit):
 * the new bucket takes over the end of another one's chain, where a lookup that does not know of it yet finds it too.
 */
import { idBytes } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';

/** Where a blob lies: the pack by its number, offset and sealed length in bytes, plaintext length or 0. */
export interface BlobPlace {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  readonly plainLength: number;
}

/** What another thread needs for its own lookups; can be sent in a message, and stays true as the table grows. */
export interface BlobTableHandle {
  readonly counts: SharedArrayBuffer;
  readonly heads: SharedArrayBuffer;
  readonly entries: SharedArrayBuffer;
}

/** In `counts`. */
export const countOf = { entries: 0, buckets: 1 } as const;

/** The words of an entry: the next entry in its chain or 0, the id, the pack's number and the blob's type, the rest. */
export const wordOf = { next: 0, id: 1, pack: 9, offset: 10, length: 11, plainLength: 12 } as const;
export const entryWords = 13;
export const idWords = idBytes / 4;

/** The pack's number shares its word with the blob's type. */
export const treeBit = 2 ** 31;

export class BlobLookup {
  readonly #handle: BlobTableHandle;
  readonly #counts: Uint32Array;
  /** Of as much as there was when more was last needed: see `wordsOf`. */
  #heads: Uint32Array;
  #entries: Uint32Array;

  constructor(handle: BlobTableHandle) {
    this.#handle = handle;
    this.#counts = new Uint32Array(handle.counts);
    this.#heads = wordsOf(handle.heads);
    this.#entries = wordsOf(handle.entries);
  }

  /** How many places are known. */
  get size(): number {
    return Atomics.load(this.#counts, countOf.entries);
  }

  has(type: BlobType, id: Uint8Array, at = 0): boolean {
    return this.find(type, id, at) !== 0;
  }

  /**
   * The entry of the blob whose id stands in `id` at `at`, or 0. A blob may lie in several packs: `after` is the entry
   * that was found before, and the next one in the order of their adding is found.
   */
  find(type: BlobType, id: Uint8Array, at = 0, after = 0): number {
    const first = wordAt(id, at);
    const isTree = type === 'tree';
    let entry = after === 0 ? this.#headFor(first) : this.#next(after);
    for (; entry !== 0; entry = this.#next(entry)) {
      const entries = this.#entriesWith(entry);
      const word = entries[entry * entryWords + wordOf.id]!;
      if (word > first) return 0;
      if (word < first || entries[entry * entryWords + wordOf.pack]! >= treeBit !== isTree) continue;
      if (this.#isId(entry, id, at)) return entry;
    }
    return 0;
  }

  /** The number of the pack that an entry names. */
  packOf(entry: number): number {
    return this.#entriesWith(entry)[entry * entryWords + wordOf.pack]! % treeBit;
  }

  typeOf(entry: number): BlobType {
    return this.#entriesWith(entry)[entry * entryWords + wordOf.pack]! >= treeBit ? 'tree' : 'data';
  }

  placeOf(entry: number): BlobPlace {
    const at = entry * entryWords;
    const entries = this.#entriesWith(entry);
    return {
      pack: this.packOf(entry),
      offset: entries[at + wordOf.offset]!,
      length: entries[at + wordOf.length]!,
      plainLength: entries[at + wordOf.plainLength]!,
    };
  }

  /** Writes an entry's id into `target`. */
  copyId(entry: number, target: Uint8Array): void {
    const entries = this.#entriesWith(entry);
    for (let i = 0; i < idWords; i++) {
      const word = entries[entry * entryWords + wordOf.id + i]!;
      target[i * 4] = word >>> 24;
      target[i * 4 + 1] = word >>> 16;
      target[i * 4 + 2] = word >>> 8;
      target[i * 4 + 3] = word;
    }
  }

  #headFor(first: number): number {
    const bucket = bucketOf(first, Atomics.load(this.#counts, countOf.buckets));
    if (bucket >= this.#heads.length) this.#heads = wordsOf(this.#handle.heads);
    return Atomics.load(this.#heads, bucket);
  }

  #next(entry: number): number {
    return Atomics.load(this.#entriesWith(entry), entry * entryWords + wordOf.next);
  }

  #entriesWith(entry: number): Uint32Array {
    if ((entry + 1) * entryWords > this.#entries.length) this.#entries = wordsOf(this.#handle.entries);
    return this.#entries;
  }

  #isId(entry: number, id: Uint8Array, at: number): boolean {
    const from = entry * entryWords + wordOf.id;
    for (let i = 1; i < idWords; i++) if (this.#entries[from + i] !== wordAt(id, at + i * 4)) return false;
    return true;
  }
}

/**
 * All words that a growable buffer has now. An array that followed its growth by itself would ask for its length at every
 * access, which takes many times as long as the access.
 */
export function wordsOf(buffer: SharedArrayBuffer): Uint32Array {
  return new Uint32Array(buffer, 0, buffer.byteLength / Uint32Array.BYTES_PER_ELEMENT);
}

/** The four bytes at `at` as a number whose order is theirs. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** The bucket for ids that begin with this word, in a table of `buckets`: a bucket's words have their first bits in common. */
export function bucketOf(first: number, buckets: number): number {
  const mask = 2 ** (32 - Math.clz32(buckets - 1)) - 1;
  const bucket = reverseBits(first) & mask;
  return bucket < buckets ? bucket : bucket & (mask >>> 1);
}

export function reverseBits(word: number): number {
  let bits = ((word >>> 1) & 0x55555555) | ((word & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}
