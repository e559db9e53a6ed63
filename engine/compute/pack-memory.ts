/**
 * The memory that packs are filled in: it is lent with its pack, and comes back when that is stored. While as much is on
 * its way as two packs hold, of all hands together, none is begun: so there are at most as many as hands and one more
 * (of small ones, such as begin a long line, as many as hold the same), unless somebody does not wait for `ready`.
 *
 * It is shared, not handed from thread to thread: what is handed over counts as V8's own in each of them, and with every
 * pack that arrived all garbage was collected.
 */
import { limits } from '../base/limits.ts';
import { giveBack, wantLargePages } from '../system/allocator.ts';

/** What is on its way in packs, KiB, counted by all hands: one word of shared memory. */
export function makeUnderWay(): Int32Array {
  return sharedWord(0);
}

/** One number that all hands see. */
export function sharedWord(value: number): Int32Array {
  const word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  Atomics.store(word, 0, value);
  return word;
}

/** A pack of so many bytes is stored. */
export function packArrived(underWay: Int32Array, bytes: number): void {
  Atomics.sub(underWay, 0, kibOf(bytes));
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
  readonly #underWay: Int32Array;
  readonly #underWayKibMax: number;
  #wake: () => void = () => undefined;

  constructor(packBytesTarget: number, underWay: Int32Array) {
    this.#bytesEach = packBytesTarget + Math.min(limits.packBytesOver, packBytesTarget);
    this.#underWay = underWay;
    // Packs are not all of one size: whatever is nearer to that many is as many.
    this.#underWayKibMax = kibOf((limits.packsInFlightMax - 0.5) * packBytesTarget);
  }

  /** Resolves when another pack can be begun; undefined where nobody has to wait. */
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

  /** A pack of so many bytes goes its way. */
  sent(bytes: number): void {
    Atomics.add(this.#underWay, 0, kibOf(bytes));
  }

  /** Somebody's pack has arrived. */
  look(): void {
    this.#wake();
  }

  #isFree(): boolean {
    return Atomics.load(this.#underWay, 0) < this.#underWayKibMax;
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
