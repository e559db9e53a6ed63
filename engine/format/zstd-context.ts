/**
 * A context of libzstd that lasts. Node's documented calls make a new one for every call, which costs more than a small
 * blob's compression; the binding under its streams can be used again and again. That binding is Node's own affair, so it
 * is tried when a context is made, and whoever uses one must be able to do without: every answer may be undefined.
 * Used by `compression.ts`.
 */
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';

/** As much of the streams' insides as is used here. */
interface Insides {
  readonly _handle: {
    onerror: () => void;
    writeSync(
      flush: number,
      from: Uint8Array,
      fromOffset: number,
      fromLength: number,
      to: Uint8Array,
      toOffset: number,
      toLength: number,
    ): void;
  };
  /** After a write: how much of the output is free, how much of the input is left. */
  readonly _writeState: Uint32Array;
}

type Kind = 'compress' | 'decompress';
const flushes = { compress: constants.ZSTD_e_end, decompress: constants.ZSTD_e_continue };

export class ZstdContext {
  readonly #kind: Kind;
  readonly #make: () => unknown;
  #insides: Insides | undefined;
  #isBroken = false;

  constructor(kind: Kind, params: Readonly<Record<number, number>>) {
    this.#kind = kind;
    this.#make = () =>
      kind === 'compress' ? createZstdCompress({ params }) : createZstdDecompress({ params });
  }

  /**
   * Turns all of `from` into bytes in `to`, which has room for everything, and says how many they are. Undefined where
   * anything is not as it should be: then nothing is said about `to`, and the documented calls know what is wrong. To
   * compress there must be room to spare; to decompress, one whole frame (a context waits for the rest of others) and
   * exactly the room that its content needs, or so much more where the frame does not say how long that is: a full room
   * might then be too small.
   */
  run(from: Uint8Array, to: Uint8Array, spareBytes = 0): number | undefined {
    try {
      this.#insides ??= this.#open();
      const { _handle, _writeState } = this.#insides;
      // A value that no write leaves behind: where the binding does not write here, that is noticed.
      _writeState.fill(0xffffffff);
      _handle.writeSync(flushes[this.#kind], from, 0, from.length, to, 0, to.length);
      const free = _writeState[0]!;
      const left = _writeState[1];
      // A full output may lack the end of a frame; a content that is not as long as it was said to be is none.
      const isWhole = this.#kind === 'compress' ? free > 0 && free <= to.length : free === spareBytes;
      if (!this.#isBroken && left === 0 && isWhole) return to.length - free;
    } catch {
      // Whatever it was, the documented calls are asked next.
    }
    this.#insides = undefined;
    this.#isBroken = false;
    return undefined;
  }

  #open(): Insides {
    const insides = this.#make() as Insides;
    insides._handle.onerror = () => {
      this.#isBroken = true;
    };
    return insides;
  }
}
