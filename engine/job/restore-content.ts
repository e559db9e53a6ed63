/** Compares files at the target with what the snapshot says is in them, piece by piece, never a whole file at once. */
import { limits } from '../base/limits.ts';
import type { Turn } from '../compute/turn.ts';
import { idOf } from '../format/id.ts';
import type { OpenFile, Stat } from '../target/safe-folder.ts';
import type { Piece } from './restore-plan.ts';

export interface Comparison {
  readonly stat: Stat;
  /** For each piece, whether the file has it at its place. */
  readonly matches: readonly boolean[];
  /** Every piece is there, and nothing more. */
  readonly isEqual: boolean;
}

export class ContentReader {
  readonly #turn: Turn;
  readonly #signal: AbortSignal;
  #buffer = Buffer.alloc(0);

  constructor(turn: Turn, signal: AbortSignal) {
    this.#turn = turn;
    this.#signal = signal;
  }

  /** Reads the file to its end or to its first missing byte. */
  async compare(file: OpenFile, pieces: readonly Piece[]): Promise<Comparison> {
    const matches: boolean[] = [];
    let total = 0;
    for (const piece of pieces) {
      const bytes = this.#read(file, piece.length);
      matches.push(bytes.length === piece.length && idOf(bytes) === piece.blob.id);
      total += piece.length;
      await this.#pause();
    }
    const isEqual = file.stat.sizeBytes === total && matches.every(Boolean);
    return { stat: file.stat, matches, isEqual };
  }

  /** Hands on the pieces that were found to match, and are still as they were. */
  async copy(
    file: OpenFile,
    pieces: readonly Piece[],
    matches: readonly boolean[],
    write: (piece: Piece, bytes: Uint8Array) => void,
  ): Promise<void> {
    let at = 0;
    for (const piece of pieces) {
      const bytes = this.#read(file, piece.length);
      if (matches[at++]) {
        if (idOf(bytes) !== piece.blob.id) throw changedMeanwhile();
        write(piece, bytes);
      }
      await this.#pause();
    }
  }

  /** Between two pieces: lets others run, and ends on cancel. */
  async #pause(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#turn.isOver) await this.#turn.pass();
  }

  /** Fewer bytes than asked for only at the end of the file; good until the next read. */
  #read(file: OpenFile, length: number): Buffer {
    if (this.#buffer.length < length)
      this.#buffer = Buffer.allocUnsafe(length > limits.chunkBytesMax ? length : limits.chunkBytesMax);
    let done = 0;
    while (done < length) {
      const count = file.read(this.#buffer, done, length - done);
      if (count === 0) break;
      done += count;
    }
    return this.#buffer.subarray(0, done);
  }
}

function changedMeanwhile(): Error {
  return Object.assign(new Error('it was changed while it was being restored'), { code: 'EBUSY' });
}
