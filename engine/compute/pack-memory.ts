/**
 * The memory that packs are filled in: it is lent with its pack, and comes back when that is stored. While a pack is on its
 * way, all hands together, with what they are filling, hold no more than a pack for each of them and what is added at
 * once, unless somebody does not wait for `ready`. Two hands that are full at the same time wait once, and never again:
 * from then on, one is half full when the other sends.
 *
 * It is shared, not handed from thread to thread: what is handed over counts as V8's own in each of them, and with every
 * pack that arrived all garbage was collected.
 */
import { limits } from '../base/limits.ts';
import { giveBack, wantLargePages } from '../system/allocator.ts';

/** KiB in packs, counted by all hands: on their way; the same and in those that are being filled. */
export interface PackCounts {
  readonly underWay: Int32Array;
  readonly held: Int32Array;
}

export function makePackCounts(): PackCounts {
  return { underWay: sharedWord(0), held: sharedWord(0) };
}

/** One number that all hands see. */
export function sharedWord(value: number): Int32Array {
  const word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  Atomics.store(word, 0, value);
  return word;
}

/** A pack of so many bytes is stored. */
export function packArrived({ underWay, held }: PackCounts, bytes: number): void {
  for (const count of [underWay, held]) Atomics.sub(count, 0, kibOf(bytes));
}

function kibOf(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

/** At the end of each memory: whether it is lent. */
const wordBytes = Int32Array.BYTES_PER_ELEMENT;

function wordOf(memory: SharedArrayBuffer): Int32Array {
  return new Int32Array(memory, memory.byteLength - wordBytes, 1);
}

/** Nobody reads this pack any more: its memory may be filled again. */
export function freePack(memory: SharedArrayBuffer): void {
  giveBack(memory);
  Atomics.store(wordOf(memory), 0, 0);
}

export class PackMemory {
  readonly #bytesEach: number;
  readonly #all: SharedArrayBuffer[] = [];
  readonly #counts: PackCounts;
  readonly #heldKibMax: number;
  #wake: () => void = () => undefined;

  /** `hands`: that share the counts. */
  constructor(packBytesTarget: number, counts: PackCounts, hands: number) {
    this.#bytesEach = packBytesTarget + Math.min(limits.packBytesOver, packBytesTarget);
    this.#counts = counts;
    this.#heldKibMax = kibOf(Math.max(limits.packsHeldMin, hands) * packBytesTarget);
  }

  /** Resolves when more can be put into packs; undefined where nobody has to wait. */
  ready(): Promise<void> | undefined {
    return this.#isFree() ? undefined : this.#untilFree();
  }

  /** Room for a pack; for a single blob that is larger than packs are, as much as it needs. */
  take(bytesMin: number): Uint8Array<SharedArrayBuffer> {
    const memory =
      bytesMin > this.#bytesEach
        ? makeMemory(bytesMin)
        : (this.#all.find((each) => !isLent(each)) ?? this.#makeAnother());
    Atomics.store(wordOf(memory), 0, 1);
    return new Uint8Array(memory, 0, memory.byteLength - wordBytes);
  }

  #makeAnother(): SharedArrayBuffer {
    const memory = makeMemory(this.#bytesEach);
    this.#all.push(memory);
    return memory;
  }

  /** A pack that is being filled has so many bytes, and had so many. */
  grew(bytes: number, bytesBefore: number): void {
    Atomics.add(this.#counts.held, 0, kibOf(bytes) - kibOf(bytesBefore));
  }

  /** A pack of so many bytes goes its way. */
  sent(bytes: number): void {
    Atomics.add(this.#counts.underWay, 0, kibOf(bytes));
  }

  /** Somebody's pack has arrived. */
  look(): void {
    this.#wake();
  }

  #isFree(): boolean {
    const { underWay, held } = this.#counts;
    return Atomics.load(underWay, 0) === 0 || Atomics.load(held, 0) < this.#heldKibMax;
  }

  async #untilFree(): Promise<void> {
    while (!this.#isFree()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function makeMemory(bytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(Math.ceil(bytes / wordBytes) * wordBytes + wordBytes);
  wantLargePages(memory);
  return memory;
}

function isLent(memory: SharedArrayBuffer): boolean {
  return Atomics.load(wordOf(memory), 0) === 1;
}
