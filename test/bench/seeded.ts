/** Chance that is the same in every run: numbers for decisions, bytes that nothing can compress. */
import { createCipheriv, hash } from 'node:crypto';

export class Seeded {
  readonly #stream;
  /** Numbers are taken from a supply of bytes. */
  #supply: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(seed: string) {
    this.#stream = createCipheriv('aes-256-ctr', hash('sha256', seed, 'buffer'), Buffer.alloc(16));
  }

  bytes(count: number): Buffer {
    return this.#stream.update(Buffer.alloc(count));
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** From 0 to, without it, 1. */
  fraction(): number {
    if (this.#used + 4 > this.#supply.length) {
      this.#supply = this.bytes(65_536);
      this.#used = 0;
    }
    this.#used += 4;
    return this.#supply.readUInt32LE(this.#used - 4) / 2 ** 32;
  }

  /** Around 0, with a deviation of 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }
}
