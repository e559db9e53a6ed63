/**
 * The blob table: where every known blob lies, in shared memory that grows as it fills, at most 64 bytes a blob (52 for
 * its entry, 4 for a bucket). One blob may stand in it several times, once for each pack that holds it. One thread
 * writes it, others look things up meanwhile (`BlobLookup`): an entry is written first and then linked, atomically.
 * Nothing is ever copied or moved, so no `add` takes long and growing takes no memory beside. Used by `repo/blob-index`.
 */
import { assert } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { type Id, idBytes } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';
import {
  BlobLookup,
  type BlobPlace,
  type BlobTableHandle,
  bucketOf,
  countOf,
  entryWords,
  idWords,
  reverseBits,
  treeBit,
  wordAt,
  wordOf,
  wordsOf,
} from './blob-lookup.ts';

const wordBytes = Uint32Array.BYTES_PER_ELEMENT;

export class BlobTable {
  /** For lookups in other threads. */
  readonly handle: BlobTableHandle = {
    counts: new SharedArrayBuffer(2 * wordBytes),
    heads: growable(wordBytes),
    entries: growable(entryWords * wordBytes),
  };
  readonly lookup = new BlobLookup(this.handle);
  readonly #counts = new Uint32Array(this.handle.counts);
  /** All of their buffers. */
  #heads = wordsOf(this.handle.heads);
  #entries = wordsOf(this.handle.entries);
  #size = 0;
  #buckets = 1;
  readonly #id = Buffer.alloc(idBytes);

  constructor() {
    Atomics.store(this.#counts, countOf.buckets, this.#buckets);
  }

  /** How many places are known. */
  get size(): number {
    return this.#size;
  }

  /** Makes an empty table fit for so many blobs at once: that is cheaper than bucket by bucket. */
  reserve(blobs: number): void {
    if (this.#size > 0) return;
    this.#buckets = Math.max(1, Math.min(blobs, limits.blobsMax - 1));
    this.#makeRoom();
    Atomics.store(this.#counts, countOf.buckets, this.#buckets);
  }

  add(type: BlobType, id: Id, { pack, offset, length, plainLength }: BlobPlace): void {
    this.#readId(id);
    this.addBytes(type, this.#id, 0, pack, offset, length, plainLength);
  }

  /** The same for an id that stands in `id` at `at`. */
  addBytes(
    type: BlobType,
    id: Uint8Array,
    at: number,
    pack: number,
    offset: number,
    length: number,
    plainLength: number,
  ): void {
    const entry = ++this.#size;
    this.#makeRoom();
    const entries = this.#entries;
    const base = entry * entryWords;
    for (let i = 0; i < idWords; i++) entries[base + wordOf.id + i] = wordAt(id, at + i * 4);
    entries[base + wordOf.pack] = pack + (type === 'tree' ? treeBit : 0);
    entries[base + wordOf.offset] = offset;
    entries[base + wordOf.length] = length;
    entries[base + wordOf.plainLength] = plainLength;
    this.#link(entry);
    Atomics.store(this.#counts, countOf.entries, entry);
    if (entry >= this.#buckets) this.#addBucket();
  }

  has(type: BlobType, id: Id): boolean {
    this.#readId(id);
    return this.lookup.has(type, this.#id);
  }

  /** The place that was first known. */
  place(type: BlobType, id: Id): BlobPlace | undefined {
    this.#readId(id);
    const entry = this.lookup.find(type, this.#id);
    return entry === 0 ? undefined : this.lookup.placeOf(entry);
  }

  /** Every place of the blob, the first known first. */
  places(type: BlobType, id: Id): BlobPlace[] {
    const found: BlobPlace[] = [];
    this.#readId(id);
    for (let entry = 0; ; ) {
      entry = this.lookup.find(type, this.#id, 0, entry);
      if (entry === 0) return found;
      found.push(this.lookup.placeOf(entry));
    }
  }

  /** Every entry, in the order in which they came. */
  *entries(): Generator<BlobPlace & { readonly type: BlobType; readonly id: Id }> {
    const bytes = Buffer.alloc(idBytes);
    for (let entry = 1; entry <= this.#size; entry++) {
      this.lookup.copyId(entry, bytes);
      yield { type: this.lookup.typeOf(entry), id: bytes.toString('hex'), ...this.lookup.placeOf(entry) };
    }
  }

  #readId(id: Id): void {
    assert(this.#id.write(id, 'hex') === idBytes, 'an id has 64 hex digits');
  }

  #firstWord(entry: number): number {
    return this.#entries[entry * entryWords + wordOf.id]!;
  }

  #next(entry: number): number {
    return this.#entries[entry * entryWords + wordOf.next]!;
  }

  #makeRoom(): void {
    const { heads, entries } = this.handle;
    if (growTo(heads, this.#buckets + 1, wordBytes)) this.#heads = wordsOf(heads);
    if (growTo(entries, this.#size + 1, entryWords * wordBytes)) this.#entries = wordsOf(entries);
  }

  /** Puts an entry into its chain, behind those whose ids begin with the same word. */
  #link(entry: number): void {
    const first = this.#firstWord(entry);
    const bucket = bucketOf(first, this.#buckets);
    let before = 0;
    let next = this.#heads[bucket]!;
    while (next !== 0 && this.#firstWord(next) <= first) {
      before = next;
      next = this.#next(next);
    }
    this.#entries[entry * entryWords + wordOf.next] = next;
    if (before === 0) Atomics.store(this.#heads, bucket, entry);
    else Atomics.store(this.#entries, before * entryWords + wordOf.next, entry);
  }

  /** The new bucket's chain begins within the chain of the bucket that has the same number without its highest bit. */
  #addBucket(): void {
    const bucket = this.#buckets;
    const first = reverseBits(bucket);
    let head = this.#heads[bucket - 2 ** (31 - Math.clz32(bucket))]!;
    while (head !== 0 && this.#firstWord(head) < first) head = this.#next(head);
    this.#heads[bucket] = head;
    Atomics.store(this.#counts, countOf.buckets, ++this.#buckets);
  }
}

/** Whether it had to grow. */
function growTo(buffer: SharedArrayBuffer, count: number, bytesEach: number): boolean {
  if (count * bytesEach <= buffer.byteLength) return false;
  buffer.grow(Math.ceil(count / limits.blobTableStep) * limits.blobTableStep * bytesEach);
  return true;
}

/** Reserves addresses, not memory. */
function growable(bytesEach: number): SharedArrayBuffer {
  return new SharedArrayBuffer(limits.blobTableStep * bytesEach, {
    maxByteLength: limits.blobsMax * bytesEach,
  });
}
