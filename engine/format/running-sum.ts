/**
 * SHA-256 of what comes piece after piece. A piece is not hashed at once: whoever hashes something else may take this further
 * with it (`hash-lanes.ts`), and what is left at last is done by itself.
 */
import { createHash } from 'node:crypto';
import { assert } from '../base/assert.ts';
import type { Id } from './id.ts';
import { blockBytes, digestOf, type HashFunctions, padTail, startState, tailBytesMax } from './sha256.ts';

export interface RunningSum {
  /** The next piece. It must stay as it is until `settle`. */
  take(bytes: Uint8Array): void;
  /** The piece was needed for the last time. */
  settle(): void;
  /** Of all that was taken; the end of this sum. */
  id(): Id;
}

export function hashAtOnce(): RunningSum {
  const sum = createHash('sha256');
  return {
    take: (bytes) => void sum.update(bytes),
    settle: () => undefined,
    id: () => sum.digest('hex'),
  };
}

export class LinkedSum implements RunningSum {
  readonly #linked: HashFunctions;
  readonly state = Uint32Array.from(startState);
  /** Of the next block, and how many follow one another there. */
  address = 0;
  blocksLeft = 0;
  /** So that its memory is not collected: an address keeps nothing. */
  #piece: Uint8Array | undefined;
  /** What did not fill a block. */
  readonly #rest = Buffer.alloc(tailBytesMax);
  #restBytes = 0;
  #bytes = 0;

  constructor(linked: HashFunctions) {
    this.#linked = linked;
  }

  take(bytes: Uint8Array): void {
    assert(this.#piece === undefined, 'a piece is settled before the next one is taken');
    this.#bytes += bytes.length;
    const piece = this.#fillRest(bytes);
    const tail = piece.length % blockBytes;
    this.blocksLeft = (piece.length - tail) / blockBytes;
    if (this.blocksLeft > 0) this.address = this.#linked.addressOf(piece);
    this.#rest.set(piece.subarray(piece.length - tail), this.#restBytes);
    this.#restBytes += tail;
    this.#piece = piece;
  }

  settle(): void {
    if (this.blocksLeft > 0) this.#linked.hashOne(this.state, BigInt(this.address), this.blocksLeft);
    this.blocksLeft = 0;
    this.#piece = undefined;
  }

  id(): Id {
    this.settle();
    const blocks = padTail(this.#rest, 0, this.#restBytes, this.#bytes);
    this.#hashRest(blocks);
    return digestOf(this.state);
  }

  /** What is left of the bytes. */
  #fillRest(bytes: Uint8Array): Uint8Array {
    if (this.#restBytes === 0) return bytes;
    const filling = bytes.subarray(0, blockBytes - this.#restBytes);
    this.#rest.set(filling, this.#restBytes);
    this.#restBytes += filling.length;
    if (this.#restBytes === blockBytes) {
      this.#hashRest(1);
      this.#restBytes = 0;
    }
    return bytes.subarray(filling.length);
  }

  #hashRest(blocks: number): void {
    this.#linked.hashOne(this.state, BigInt(this.#linked.addressOf(this.#rest)), blocks);
  }
}
