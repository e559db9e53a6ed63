/**
 * The memory that packs are filled in: it is given away with its pack, and freed when that is stored. While too many
 * packs are on their way, of all hands together, none is begun: so there are at most as many as hands and one more,
 * unless somebody does not wait for `ready`.
 */
import { limits } from '../base/limits.ts';

/** Packs on their way, counted by all hands: one word of shared memory. */
export function makePackCount(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

export class PackMemory {
  readonly #bytesEach: number;
  readonly #underWay: Int32Array;
  #wake: () => void = () => undefined;

  constructor(packBytesTarget: number, underWay: Int32Array) {
    this.#bytesEach = packBytesTarget + limits.packBytesOver;
    this.#underWay = underWay;
  }

  /** Resolves when another pack can be begun; undefined where nobody has to wait. */
  ready(): Promise<void> | undefined {
    return this.#isFree() ? undefined : this.#untilFree();
  }

  /** Room for a pack; for a single blob that is larger than packs are, as much as it needs. */
  take(bytesMin: number): ArrayBuffer {
    // Fresh memory costs less than what was used before: of it, only what is filled is really there.
    return new ArrayBuffer(Math.max(bytesMin, this.#bytesEach));
  }

  /** A pack goes its way. */
  sent(): void {
    Atomics.add(this.#underWay, 0, 1);
  }

  /** Somebody's pack has arrived. */
  look(): void {
    this.#wake();
  }

  #isFree(): boolean {
    return Atomics.load(this.#underWay, 0) < limits.packsInFlightMax;
  }

  async #untilFree(): Promise<void> {
    while (!this.#isFree()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
