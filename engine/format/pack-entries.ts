/**
 * Walks through what a pack's header says, entry by entry, without making an object of each: a pack of trees has tens of
 * thousands. Used for index files and the blob index, on headers that were proven when their packs were closed.
 */
import { assert } from '../base/assert.ts';
import { type Id, idBytes } from './id.ts';
import type { BlobType, PackBlob } from './pack-header.ts';

/** `next` makes it the next entry; before the first call it is none. */
export class PackEntries implements PackBlob {
  readonly bytes: Buffer;
  #at = 0;
  /** Where in `bytes` the id stands. */
  idAt = 0;
  type: BlobType = 'data';
  offset = 0;
  length = 0;
  plainLength = 0;

  /** `entries`: see `FullPack`. */
  constructor(entries: Uint8Array) {
    this.bytes = Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength);
  }

  get id(): Id {
    return this.bytes.toString('hex', this.idAt, this.idAt + idBytes);
  }

  next(): boolean {
    if (this.#at === this.bytes.length) return false;
    const kind = this.bytes[this.#at]!;
    const isCompressed = kind >= 2;
    this.idAt = this.#at + (isCompressed ? 9 : 5);
    assert(kind <= 3 && this.idAt + idBytes <= this.bytes.length, 'a proven header has whole entries');
    this.type = kind & 1 ? 'tree' : 'data';
    this.offset += this.length;
    this.length = this.bytes.readUInt32LE(this.#at + 1);
    this.plainLength = isCompressed ? this.bytes.readUInt32LE(this.#at + 5) : 0;
    this.#at = this.idAt + idBytes;
    return true;
  }
}
