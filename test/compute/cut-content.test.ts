import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { ContentCutter } from '../../engine/compute/cut-content.ts';
import { makeChunkerTables } from '../../engine/format/chunker.ts';
import { idOf } from '../../engine/format/id.ts';
import { seededChance } from '../support/fixed-world.ts';

const tables = makeChunkerTables(0x3da3358b4dc173n);

/** Ids of the chunks, when the content comes in pieces of these lengths, over and over. */
function cutInPieces(cutter: ContentCutter, content: Uint8Array, pieceBytes: readonly number[]): string[] {
  const ids: string[] = [];
  cutter.begin();
  for (let at = 0, turn = 0, isAtEnd = false; !isAtEnd; turn++) {
    const space = cutter.space();
    const piece = content.subarray(at, at + Math.min(space.length, pieceBytes[turn % pieceBytes.length]!));
    space.set(piece);
    cutter.advance(piece.length);
    at += piece.length;
    isAtEnd = piece.length === 0;
    for (let chunk = cutter.next(); chunk !== undefined; chunk = cutter.next()) ids.push(idOf(chunk));
  }
  return ids;
}

describe('cutting a stream', () => {
  const content = seededChance('cut').bytes(20_000_000);
  const cutter = new ContentCutter(tables);
  const whole = cutInPieces(cutter, content, [limits.chunkBytesMax * 2]);

  it('gives the same chunks whatever pieces the content comes in', () => {
    expect(whole.length).toBeGreaterThan(5);
    const pieces = fc.array(fc.integer({ min: 1000, max: 9_000_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(pieces, (pieceBytes) => {
        expect(cutInPieces(cutter, content, pieceBytes)).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  });

  it('has no chunk for no content, and forgets what came before', () => {
    expect(cutInPieces(cutter, new Uint8Array(0), [10])).toEqual([]);
    expect(cutInPieces(cutter, content, [1 << 20])).toEqual(whole);
    expect(cutInPieces(cutter, Buffer.from('short'), [2])).toEqual([idOf(Buffer.from('short'))]);
  });

  it('lets chunks of several contents stay where they are until it is full, and takes its memory again when it may', () => {
    const contents = [3, 40_000, 0, 700_000, 5_300_000, 1].map((bytes, i) =>
      seededChance(`${i}`).bytes(bytes),
    );
    const plain = contents.map((each) => cutInPieces(cutter, each, [1 << 20]));
    const kept = new ContentCutter(tables);
    const addresses: number[] = [];
    for (let round = 0; round < 2; round++) {
      const chunks: Buffer[] = [];
      const counts = contents.map((each) => {
        const before = chunks.length;
        kept.begin();
        for (let at = 0, isAtEnd = false; !isAtEnd; ) {
          expect(kept.isFull).toBe(false);
          const space = kept.space();
          addresses.push(space.byteOffset);
          const piece = each.subarray(at, at + space.length);
          space.set(piece);
          kept.advance(piece.length);
          at += piece.length;
          isAtEnd = piece.length === 0;
          for (let chunk = kept.next(); chunk !== undefined; chunk = kept.next()) chunks.push(chunk);
        }
        return chunks.length - before;
      });
      const ids = chunks.map((chunk) => idOf(chunk));
      expect(counts.map((count) => ids.splice(0, count))).toEqual(plain);
      kept.release();
    }
    expect(addresses.slice(addresses.length / 2)).toEqual(addresses.slice(0, addresses.length / 2));
  });
});
