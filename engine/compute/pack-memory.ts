/**
 * The buffers that packs are filled in: each is filled, given away with its pack, and comes back when the pack is
 * stored. So many at most are in use at a time, unless somebody does not wait for `ready`.
 */
import { limits } from '../base/limits.ts';

export class PackMemory {
  readonly #bytesEach: number;
  readonly #buffersMax: number;
  readonly #free: ArrayBuffer[] = [];
  #used = 0;
  #wake: () => void = () => undefined;

  constructor(packBytesTarget: number, buffersMax: number) {
    this.#bytesEach = packBytesTarget + limits.packBytesOver;
    this.#buffersMax = buffersMax;
  }

  /** Resolves when another pack can be begun; undefined where nobody has to wait. */
  ready(): Promise<void> | undefined {
    if (this.#used < this.#buffersMax) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Room for a pack; for a single blob that is larger than packs are, as much as it needs. */
  take(bytesMin: number): ArrayBuffer {
    this.#used++;
    if (bytesMin > this.#bytesEach) return new ArrayBuffer(bytesMin);
    return this.#free.pop() ?? new ArrayBuffer(this.#bytesEach);
  }

  give(memory: ArrayBuffer): void {
    this.#used--;
    if (memory.byteLength === this.#bytesEach) this.#free.push(memory);
    this.#wake();
  }
}
