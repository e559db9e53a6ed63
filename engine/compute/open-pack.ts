/** A pack that is being filled, in memory that is handed in; its hash grows with it. */
import { createHash, type Hash } from 'node:crypto';
import { assert } from '../base/assert.ts';
import type { Chance } from '../base/chance.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import {
  type BlobType,
  endsWithEntries,
  entryBytesMax,
  sealPackHeader,
  writeEntry,
} from '../format/pack-header.ts';
import type { SealKey } from '../format/seal.ts';

/** A pack that is whole: its bytes are the first `length` of `memory`, and then the header. */
export interface FullPack {
  readonly id: Id;
  readonly type: BlobType;
  readonly memory: SharedArrayBuffer;
  readonly length: number;
  readonly header: Uint8Array;
  /** What the header says, as it was before it was sealed: see `decodeEntries`. */
  readonly entries: Uint8Array;
}

const entriesStart = 256;

export class OpenPack {
  readonly #type: BlobType;
  readonly #body: Uint8Array<SharedArrayBuffer>;
  readonly #hash: Hash = createHash('sha256');
  #entries = Buffer.allocUnsafeSlow(entriesStart * entryBytesMax);
  #entriesEnd = 0;
  bytes = 0;

  /** `body` begins where its memory does. */
  constructor(type: BlobType, body: Uint8Array<SharedArrayBuffer>) {
    this.#type = type;
    this.#body = body;
  }

  hasRoom(bytes: number): boolean {
    // The sealed header adds 32 bytes and its length.
    const isHeaderFull = this.#entriesEnd + entryBytesMax + 36 > limits.packHeaderBytesMax;
    return !isHeaderFull && this.bytes + bytes <= this.#body.length;
  }

  /** Where the next blob goes. */
  room(bytes: number): Uint8Array {
    return this.#body.subarray(this.bytes, this.bytes + bytes);
  }

  /** The blob that was put into `room`. */
  add(id: Uint8Array, sealed: Uint8Array, plainLength: number): void {
    assert(
      sealed.byteOffset === this.bytes && sealed.buffer === this.#body.buffer,
      'a blob is where it belongs',
    );
    this.#hash.update(sealed);
    this.bytes += sealed.length;
    if (this.#entriesEnd + entryBytesMax > this.#entries.length)
      this.#entries = Buffer.concat([this.#entries], this.#entries.length * 2);
    const { length } = sealed;
    this.#entriesEnd = writeEntry(this.#entries, this.#entriesEnd, this.#type, id, length, plainLength);
  }

  /** The header is proven to be readable and to say what is in the pack. */
  close(key: SealKey, chance: Chance): FullPack {
    const entries = Uint8Array.from(this.#entries.subarray(0, this.#entriesEnd));
    const header = sealPackHeader(key, entries, chance);
    assert(endsWithEntries(key, header, entries, this.bytes), 'a pack header says what is in the pack');
    const id = this.#hash.update(header).digest('hex');
    return { id, type: this.#type, memory: this.#body.buffer, length: this.bytes, header, entries };
  }
}
