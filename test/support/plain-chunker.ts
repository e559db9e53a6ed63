/**
 * The chunker as it was before it moved into WebAssembly, in plain JavaScript: the slow one that the fast one must agree
 * with, table by table and cut by cut.
 */
import { limits } from '../../engine/base/limits.ts';
import { modulo, polynomialDegree } from '../../engine/format/polynomial.ts';

/** A 64-bit table as two arrays of 32 bits, since a fingerprint does not fit a JavaScript number. */
interface Table {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

export interface PlainTables {
  /** What a byte that leaves the window contributes. */
  readonly out: Table;
  /** What reduces a fingerprint whose top byte has this value. */
  readonly mod: Table;
}

export function makePlainTables(polynomial: bigint): PlainTables {
  const outShift = BigInt(8 * (limits.chunkWindowBytes - 1));
  const degree = BigInt(polynomialDegree);
  return {
    out: makeTable((value) => modulo(value << outShift, polynomial)),
    mod: makeTable((value) => modulo(value << degree, polynomial) | (value << degree)),
  };
}

function makeTable(entry: (value: bigint) => bigint): Table {
  const table = { high: new Uint32Array(256), low: new Uint32Array(256) };
  for (let value = 0; value < 256; value++) {
    const bits = entry(BigInt(value));
    table.high[value] = Number(bits >> 32n);
    table.low[value] = Number(bits & 0xffffffffn);
  }
  return table;
}

/**
 * The end of the chunk that begins at `start`, or `end` where no cut was found in `data[start, end)`. Hand in
 * at least `chunkBytesMax` bytes or all that is left of the file: then what is returned is the chunk's end.
 */
export function findCutPlainly(tables: PlainTables, data: Uint8Array, start: number, end: number): number {
  const first = start + limits.chunkBytesMin;
  if (end <= first) return end;
  const last = Math.min(end, start + limits.chunkBytesMax);
  return scan(tables, data, first, last);
}

/** The first cut in [first, last], where the fingerprint at `first - 1` is the first that may cut. */
function scan(tables: PlainTables, data: Uint8Array, first: number, last: number): number {
  const { high: outHigh, low: outLow } = tables.out;
  const { high: modHigh, low: modLow } = tables.mod;
  const window = limits.chunkWindowBytes;
  let high = 0;
  let low = 0;
  // The window fills from empty: nothing leaves it, so these 64 bytes need no `out`.
  for (let i = first - window; i < first; i++) {
    const top = (high >>> 13) & 0xff;
    high = ((high << 8) | (low >>> 24)) ^ modHigh[top]!;
    low = ((low << 8) | data[i]!) ^ modLow[top]!;
  }
  for (let i = first; (low & limits.chunkSplitMask) !== 0; i++) {
    if (i === last) return last;
    const leaving = data[i - window]!;
    high ^= outHigh[leaving]!;
    low ^= outLow[leaving]!;
    const top = (high >>> 13) & 0xff;
    high = ((high << 8) | (low >>> 24)) ^ modHigh[top]!;
    low = ((low << 8) | data[i]!) ^ modLow[top]!;
    if ((low & limits.chunkSplitMask) === 0) return i + 1;
  }
  return first;
}
