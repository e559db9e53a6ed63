/**
 * The quick way through an index file: nearly all of it are blobs, one after the other, spelled as restic and we spell
 * them. WebAssembly reads those, as quick from its first call on as JavaScript is when it has run for a second; it stops
 * before whatever is spelled otherwise, and that is read from the bytes, token by token (`index-file.ts`).
 */
import { assert } from '../base/assert.ts';
import { idBytes } from './id.ts';
import { indexBlobsWasm } from './index-blobs-wasm.ts';

/** Numbers kept for each blob: 1 for a tree or 0, offset, length, plaintext length. */
export const blobFields = 4;

/** Where blobs go that were read. */
export interface BlobsRead {
  blobCount: number;
  /** One after the other. */
  readonly ids: Buffer;
  readonly fields: Uint32Array;
  /** Makes room for so many more. */
  makeRoom(blobs: number): void;
}

/** As `assembly/index-blobs.ts` has them. */
const at = { nibbles: 0, texts: 256, end: 368, ids: 1_024, fields: 20_480, json: 32_768 } as const;
const textRoom = 16;
const texts = [
  '{"id":"',
  '","type":"',
  'data","offset":',
  'tree","offset":',
  ',"length":',
  ',"uncompressed_length":',
];
const noNibble = 0xff;
const memoryPages = 2;
/** So much of an index is there at a time. */
const windowBytes = 64 * 1_024;
/** No blob is longer: where less than that is left of a window, there is the next one. */
const blobBytesMax = 256;

export class IndexBlobs {
  readonly #json: Uint8Array;
  readonly #memory: Buffer;
  readonly #readBlobs: (at: number) => number;
  /** What of the index stands in the window. */
  #from = 0;
  #to = 0;

  constructor(json: Uint8Array) {
    this.#json = json;
    const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages });
    this.#memory = Buffer.from(memory.buffer);
    this.#memory.fill(noNibble, at.nibbles, at.texts);
    for (const [nibble, digit] of [...'0123456789abcdef'].entries())
      this.#memory[digit.charCodeAt(0)] = nibble;
    for (const [i, text] of texts.entries()) this.#memory.write(text, at.texts + i * textRoom, 'latin1');
    const instance = new WebAssembly.Instance(indexModule(), { env: { memory } });
    this.#readBlobs = instance.exports.readBlobs as (at: number) => number;
  }

  /**
   * Reads the blobs that stand one after the other from this byte of the index on, as many as there are and as are near;
   * the byte behind the last of them, or `start` where none is spelled as it should be.
   */
  read(start: number, target: BlobsRead): number {
    if (start < this.#from || start + blobBytesMax > this.#to) this.#look(start);
    const blobs = this.#readBlobs(at.json + start - this.#from);
    target.makeRoom(blobs);
    const { ids, fields, blobCount } = target;
    this.#memory.copy(ids, blobCount * idBytes, at.ids, at.ids + blobs * idBytes);
    fields.set(new Uint32Array(this.#memory.buffer, at.fields, blobs * blobFields), blobCount * blobFields);
    target.blobCount += blobs;
    return this.#memory.readUInt32LE(at.end) - at.json + this.#from;
  }

  /** Behind what stands there are zeros, at which everything ends. */
  #look(start: number): void {
    if (this.#to === this.#json.length && start >= this.#from) return;
    const window = this.#json.subarray(start, start + windowBytes);
    assert(at.json + windowBytes < this.#memory.length, 'there is room for a window');
    this.#memory.set(window, at.json);
    this.#memory.fill(0, at.json + window.length);
    this.#from = start;
    this.#to = start + window.length;
  }
}

let compiledModule: WebAssembly.Module | undefined;

function indexModule(): WebAssembly.Module {
  compiledModule ??= new WebAssembly.Module(Buffer.from(indexBlobsWasm, 'base64'));
  return compiledModule;
}
