/**
 * Blobs that this run stores, in memory shared between its threads: of several that meet the same new blob at the same
 * time, exactly one is told to store it. A lock guards it; it is held for a fraction of a microsecond, but while the
 * table doubles. About 48 bytes a blob.
 */
import { limits } from '../base/limits.ts';
import type { BlobType } from '../format/pack-header.ts';
import { idWords, wordAt, wordsOf } from './blob-lookup.ts';

/** Can be sent to a thread, and stays true as the table grows. */
export interface ClaimHandle {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly ids: SharedArrayBuffer;
}

const wordBytes = Uint32Array.BYTES_PER_ELEMENT;
/** In `control`. */
const controlOf = { lock: 0, size: 1, slots: 2 } as const;
const lockOf = { free: 0, held: 1, wanted: 2 } as const;
/** A data blob and a tree may have the same id: a tree's last word is turned over. */
const treeMask = 0xffffffff;

export function makeClaims(): ClaimHandle {
  const { claimsStart } = limits;
  const control = new SharedArrayBuffer(3 * wordBytes);
  new Uint32Array(control)[controlOf.slots] = 2 * claimsStart;
  return {
    control,
    slots: growable(2 * claimsStart * wordBytes, 4 * limits.blobsMax * wordBytes),
    ids: growable(claimsStart * idWords * wordBytes, limits.blobsMax * idWords * wordBytes),
  };
}

function growable(bytes: number, maxByteLength: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes, { maxByteLength });
}

export class ClaimTable {
  readonly #handle: ClaimHandle;
  readonly #control: Int32Array;
  /** Entry numbers plus one, at the places that ids hash to; 0 is empty. */
  #slots: Uint32Array;
  #ids: Uint32Array;
  readonly #wanted = new Uint32Array(idWords);

  constructor(handle: ClaimHandle) {
    this.#handle = handle;
    this.#control = new Int32Array(handle.control);
    this.#slots = wordsOf(handle.slots);
    this.#ids = wordsOf(handle.ids);
  }

  /** Whether nobody claimed it before. */
  claim(type: BlobType, id: Uint8Array): boolean {
    for (let i = 0; i < idWords; i++) this.#wanted[i] = wordAt(id, i * 4);
    if (type === 'tree') this.#wanted[idWords - 1]! ^= treeMask;
    this.#lock();
    try {
      return this.#add();
    } finally {
      this.#unlock();
    }
  }

  #add(): boolean {
    // Another thread may have made them larger.
    if (this.#control[controlOf.slots]! > this.#slots.length) this.#see();
    const size = this.#control[controlOf.size]!;
    if ((size + 1) * 2 > this.#control[controlOf.slots]!) this.#grow(size);
    const mask = this.#control[controlOf.slots]! - 1;
    let at = this.#wanted[0]! & mask;
    for (; this.#slots[at] !== 0; at = (at + 1) & mask)
      if (this.#isWanted(this.#slots[at]! - 1)) return false;
    this.#ids.set(this.#wanted, size * idWords);
    this.#slots[at] = size + 1;
    this.#control[controlOf.size] = size + 1;
    return true;
  }

  #isWanted(entry: number): boolean {
    for (let i = 0; i < idWords; i++) if (this.#ids[entry * idWords + i] !== this.#wanted[i]) return false;
    return true;
  }

  #grow(size: number): void {
    const slots = this.#control[controlOf.slots]! * 2;
    this.#handle.slots.grow(slots * wordBytes);
    this.#handle.ids.grow((slots / 2) * idWords * wordBytes);
    this.#see();
    this.#slots.fill(0);
    for (let entry = 0; entry < size; entry++) {
      let at = this.#ids[entry * idWords]! & (slots - 1);
      while (this.#slots[at] !== 0) at = (at + 1) & (slots - 1);
      this.#slots[at] = entry + 1;
    }
    this.#control[controlOf.slots] = slots;
  }

  #see(): void {
    this.#slots = wordsOf(this.#handle.slots);
    this.#ids = wordsOf(this.#handle.ids);
  }

  #lock(): void {
    const { free, held, wanted } = lockOf;
    if (Atomics.compareExchange(this.#control, controlOf.lock, free, held) === free) return;
    while (Atomics.exchange(this.#control, controlOf.lock, wanted) !== free) {
      Atomics.wait(this.#control, controlOf.lock, wanted);
    }
  }

  #unlock(): void {
    if (Atomics.exchange(this.#control, controlOf.lock, lockOf.free) === lockOf.wanted)
      Atomics.notify(this.#control, controlOf.lock, 1);
  }
}
