/**
 * The memory that packs are filled in: it is given away with its pack, and freed when that is stored. So many at most
 * are in use at a time, unless somebody does not wait for `ready`.
 */
import { limits } from '../base/limits.ts';

export class PackMemory {
  readonly #bytesEach: number;
  readonly #packsMax: number;
  #used = 0;
  #wake: () => void = () => undefined;

  constructor(packBytesTarget: number, packsMax: number) {
    this.#bytesEach = packBytesTarget + limits.packBytesOver;
    this.#packsMax = packsMax;
  }

  /** Resolves when another pack can be begun; undefined where nobody has to wait. */
  ready(): Promise<void> | undefined {
    if (this.#used < this.#packsMax) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Room for a pack; for a single blob that is larger than packs are, as much as it needs. */
  take(bytesMin: number): ArrayBuffer {
    this.#used++;
    // Fresh memory costs less than what was used before: of it, only what is filled is really there.
    return new ArrayBuffer(Math.max(bytesMin, this.#bytesEach));
  }

  /** The memory of a pack is free again. */
  freed(): void {
    this.#used--;
    this.#wake();
  }
}
