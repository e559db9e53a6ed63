/**
 * Cuts a stream of bytes into restic's chunks, whatever pieces it comes in: the caller reads into `space()`,
 * tells `advance()` how much came, and takes the chunks that are certain. Holds at most two chunks in memory.
 */
import { assert } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { Chunker, type ChunkerTables } from '../format/chunker.ts';

export class ContentCutter {
  readonly #chunker: Chunker;
  readonly #buffer: Buffer;
  #start = 0;
  #end = 0;
  #isAtEnd = false;

  constructor(tables: ChunkerTables) {
    this.#chunker = new Chunker(tables, 2 * limits.chunkBytesMax);
    this.#buffer = this.#chunker.data;
  }

  /** Forgets what is held and begins a new content. */
  begin(): void {
    this.#start = 0;
    this.#end = 0;
    this.#isAtEnd = false;
  }

  /** Where the next bytes go; never empty once all certain chunks are taken. */
  space(): Buffer {
    if (this.#start > 0 && this.#buffer.length - this.#end < limits.chunkBytesMax) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    return this.#buffer.subarray(this.#end);
  }

  /** `count` bytes were put into `space()`; 0 means that the content ends here. */
  advance(count: number): void {
    assert(count >= 0 && this.#end + count <= this.#buffer.length, 'no more was read than there is space');
    if (count === 0) this.#isAtEnd = true;
    this.#end += count;
  }

  /** The next chunk that is certain, a view that is valid until `space()` is asked for; or undefined. */
  next(): Buffer | undefined {
    const held = this.#end - this.#start;
    if (held === 0 || (held < limits.chunkBytesMax && !this.#isAtEnd)) return undefined;
    const cut = this.#chunker.findCut(this.#start, this.#end);
    const chunk = this.#buffer.subarray(this.#start, cut);
    this.#start = cut;
    return chunk;
  }
}
