/**
 * Cuts contents into restic's chunks, one after the other, whatever pieces they come in: the caller reads into `space()`,
 * tells `advance()` how much came, and takes the chunks that are certain. They stay where they are, with those of earlier
 * contents, until there is no space: the caller can collect some, of several small files or of one large one. The memory
 * has room for the longest chunk and what was read with its end; it is lent to one after the other (`cutting`).
 */
import { assert } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { Chunker, type ChunkerTables } from '../format/chunker.ts';

/** The one that was used last, for whoever is next in this thread. */
let spare: { readonly tables: ChunkerTables; readonly cutter: ContentCutter } | undefined;

/** Lends a cutter until the work has ended, which begins each of its contents. */
export async function cutting<Result>(
  tables: ChunkerTables,
  work: (cutter: ContentCutter) => Promise<Result>,
): Promise<Result> {
  const cutter = spare?.tables === tables ? spare.cutter : new ContentCutter(tables);
  spare = undefined;
  try {
    return await work(cutter);
  } finally {
    spare = { tables, cutter };
  }
}

/** Where so many places look like a cut and none of them is sure, there are zeros, or the like. */
const likeCutsMax = 100;

export class ContentCutter {
  readonly #chunker: Chunker;
  readonly #buffer: Buffer;
  #start = 0;
  #end = 0;
  /** No cut is before this. */
  #scanned = 0;
  #isAtEnd = false;

  constructor(tables: ChunkerTables) {
    this.#chunker = new Chunker(tables, limits.chunkBytesMax + limits.readBytes);
    this.#buffer = this.#chunker.data;
  }

  /** Begins a new content. What was held of the one before is forgotten, but for its chunks. */
  begin(): void {
    this.#start = this.#end;
    this.#scanned = this.#end;
    this.#isAtEnd = false;
  }

  /**
   * A place where a chunk ends wherever the ones before it were cut, so many bytes into the content that `read` begins to
   * read (0 bytes mean its end); undefined where none was found soon. To be asked while no chunk is held.
   *
   * Such is the second of two places that look like a cut, with none between them, that are as far apart as the shortest chunk
   * is long, and not nearly as far as the longest. Of the chunks that end before it, take the last. Either it ends so early that
   * the next one may end here, and no place before it looks like a cut. Or it ends between the two: then, for nothing there
   * looks like a cut, it has the greatest length, and began so early that it would have ended at the first.
   */
  sureCut(read: (space: Buffer) => number): number | undefined {
    const { chunkBytesMin, chunkBytesMax, chunkWindowBytes, readBytes } = limits;
    let end = 0;
    let before: number | undefined;
    let at: number = chunkWindowBytes;
    for (let seen = 0; seen < likeCutsMax && end < chunkBytesMax; ) {
      const count = read(this.#buffer.subarray(end, Math.min(end + readBytes, chunkBytesMax)));
      if (count === 0) return undefined;
      end += count;
      while (seen < likeCutsMax && at < end) {
        const cut = this.#chunker.findLikeCut(at, end);
        // One at the very end is found again when more has come.
        at = cut;
        if (cut === end) break;
        const apart = before === undefined ? 0 : cut - before;
        if (apart >= chunkBytesMin && apart <= chunkBytesMax - chunkBytesMin) return cut;
        before = cut;
        seen++;
        at = cut + 1;
      }
    }
    return undefined;
  }

  /** Whether the next bytes will lie where chunks were. */
  get isFull(): boolean {
    return this.#buffer.length - this.#end < limits.readBytes;
  }

  /** No chunk is needed any more: the next bytes go where memory is still warm. */
  release(): void {
    if (this.#start < this.#end) return;
    this.#end = 0;
    this.begin();
  }

  /** Where the next bytes go; never empty once all certain chunks are taken. */
  space(): Buffer {
    if (this.isFull) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#scanned -= this.#start;
      this.#start = 0;
    }
    return this.#buffer.subarray(this.#end, this.#end + limits.readBytes);
  }

  /** `count` bytes were put into `space()`; 0 means that the content ends here. */
  advance(count: number): void {
    assert(count >= 0 && this.#end + count <= this.#buffer.length, 'no more was read than there is space');
    if (count === 0) this.#isAtEnd = true;
    this.#end += count;
  }

  /** The next chunk that is certain, a view that is valid until `space()` is asked for while `isFull`; or undefined. */
  next(): Buffer | undefined {
    const held = this.#end - this.#start;
    if (held === 0) return undefined;
    const cut = this.#chunker.findCut(this.#start, this.#end, this.#scanned);
    // Without a cut, more may belong to the chunk. (A cut at the very end is found again when more has come.)
    if (cut === this.#end && held < limits.chunkBytesMax && !this.#isAtEnd) {
      this.#scanned = cut;
      return undefined;
    }
    const chunk = this.#buffer.subarray(this.#start, cut);
    this.#start = cut;
    this.#scanned = cut;
    return chunk;
  }
}
