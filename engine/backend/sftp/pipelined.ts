/** Many requests under way at a time: on a line with a long round trip, one after the other would be all waiting. */

/** Runs the work on every item, at most `inFlightMax` at a time, in order of their beginning. The first failure ends it. */
export async function pipelined<Item>(
  items: Iterable<Item>,
  inFlightMax: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  let hasFailed = false;
  const take = async (): Promise<void> => {
    for (let next = left.next(); !next.done && !hasFailed; next = left.next()) {
      try {
        await work(next.value);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: inFlightMax }, take));
}

export interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly chunks: readonly Uint8Array[];
}

/** The parts, one after the other, in pieces of `bytesMax` (the last is shorter). Nothing is copied. */
export function* piecesOf(parts: readonly Uint8Array[], bytesMax: number): Generator<Piece> {
  let offset = 0;
  let length = 0;
  let chunks: Uint8Array[] = [];
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const chunk = part.subarray(at, at + bytesMax - length);
      chunks.push(chunk);
      length += chunk.length;
      at += chunk.length;
      if (length < bytesMax) continue;
      yield { offset, length, chunks };
      offset += length;
      length = 0;
      chunks = [];
    }
  }
  if (length > 0) yield { offset, length, chunks };
}

/** The range in pieces of `bytesMax`. */
export function* rangesOf(
  offset: number,
  length: number,
  bytesMax: number,
): Generator<{ offset: number; length: number }> {
  for (let at = 0; at < length; at += bytesMax) {
    yield { offset: offset + at, length: Math.min(bytesMax, length - at) };
  }
}
