/**
 * The memory that packs are filled in: it is given away with its pack, and freed when that is stored. While as much is on
 * its way as two packs hold, of all hands together, none is begun: so there are at most as many as hands and one more
 * (of small ones, such as begin a long line, as many as hold the same), unless somebody does not wait for `ready`.
 */
import { limits } from '../base/limits.ts';
import { wantLargePages } from '../system/allocator.ts';

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

export class PackMemory {
  readonly #bytesEach: number;
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
  take(bytesMin: number): ArrayBuffer {
    // Fresh memory costs less than what was used before: of it, only what is filled is really there.
    const memory = new ArrayBuffer(Math.max(bytesMin, this.#bytesEach));
    wantLargePages(memory);
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
