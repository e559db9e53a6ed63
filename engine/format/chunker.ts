/**
 * restic's content-defined chunking: where a file is cut depends only on its content and on the repository's
 * polynomial. A cut follows the first position, at least `chunkBytesMin` in, at which the fingerprint of the
 * last 64 bytes ends in 20 zero bits, or `chunkBytesMax` bytes. Used by `compute`.
 */
import { assert } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { modulo, polynomialDegree } from './polynomial.ts';
import { scanWasm } from './scan-wasm.ts';

export interface ChunkerTables {
  /** What a byte that leaves the window contributes, when the window has already moved on. */
  readonly leaving: BigUint64Array;
  /** What reduces a fingerprint whose top byte has this value. */
  readonly reduce: BigUint64Array;
}

const values = 256;
const tableBytes = values * 8;
const memoryPageBytes = 64 * 1024;
type Scan = (first: number, last: number) => number;

/** They take milliseconds, and the next run is likely to be in the same repository. */
let lastTables: { readonly polynomial: bigint; readonly tables: ChunkerTables } | undefined;

/** Nobody may write to them. */
export function makeChunkerTables(polynomial: bigint): ChunkerTables {
  if (lastTables?.polynomial !== polynomial) lastTables = { polynomial, tables: tablesOf(polynomial) };
  return lastTables.tables;
}

function tablesOf(polynomial: bigint): ChunkerTables {
  const leavingShift = BigInt(8 * limits.chunkWindowBytes);
  const degree = BigInt(polynomialDegree);
  return {
    leaving: makeTable((bit) => modulo(bit << leavingShift, polynomial)),
    reduce: makeTable((bit) => modulo(bit << degree, polynomial) | (bit << degree)),
  };
}

/** Over GF(2) the entry of a value is the sum of those of its bits. */
function makeTable(entryOfBit: (bit: bigint) => bigint): BigUint64Array {
  const table = new BigUint64Array(values);
  for (let bit = 1; bit < values; bit *= 2) {
    const entry = entryOfBit(BigInt(bit));
    for (let lower = 0; lower < bit; lower++) table[bit + lower] = table[lower]! ^ entry;
  }
  return table;
}

/** Finds cuts in the bytes that its owner puts into `data`. */
export class Chunker {
  /** Where the content goes. It lies in the memory of the scan, so that nothing is copied. */
  readonly data: Buffer;
  readonly #scan: Scan;

  constructor(tables: ChunkerTables, dataBytes: number) {
    const dataAt = 2 * tableBytes;
    const pages = Math.ceil((dataAt + dataBytes) / memoryPageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const view = new DataView(memory.buffer);
    for (let value = 0; value < values; value++) {
      view.setBigUint64(value * 8, tables.leaving[value]!, true);
      view.setBigUint64(tableBytes + value * 8, tables.reduce[value]!, true);
    }
    this.data = Buffer.from(memory.buffer, dataAt, dataBytes);
    this.#scan = new WebAssembly.Instance(scanModule(), { env: { memory } }).exports.scan as Scan;
  }

  /**
   * The end of the chunk that begins at `start`, or `end` where no cut was found in `data[start, end)`. Have there
   * at least `chunkBytesMax` bytes or all that is left of the file: then what is returned is the chunk's end. Where
   * `end` was returned and more bytes came since, `from` is that end, and nothing is scanned twice.
   */
  findCut(start: number, end: number, from = 0): number {
    assert(start >= 0 && end <= this.data.length, 'a chunk is looked for inside of the data');
    const first = Math.max(from, start + limits.chunkBytesMin);
    if (end <= first) return end;
    return this.#scan(first, Math.min(end, start + limits.chunkBytesMax));
  }

  /** The first place in [from, end] that looks like a cut, or `end`. There must be `chunkWindowBytes` before `from`. */
  findLikeCut(from: number, end: number): number {
    assert(from >= limits.chunkWindowBytes && end <= this.data.length, 'it is looked for inside of the data');
    return end <= from ? end : this.#scan(from, end);
  }
}

let compiledScan: WebAssembly.Module | undefined;

function scanModule(): WebAssembly.Module {
  compiledScan ??= new WebAssembly.Module(Buffer.from(scanWasm, 'base64'));
  return compiledScan;
}
