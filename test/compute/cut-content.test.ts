import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { ContentCutter } from '../../engine/compute/cut-content.ts';
import { makeChunkerTables } from '../../engine/format/chunker.ts';
import { idOf } from '../../engine/format/id.ts';
import { seededChance } from '../support/fixed-world.ts';
import { seededBytes } from '../support/seeded-bytes.ts';

const tables = makeChunkerTables(0x3da3358b4dc173n);

/** The chunks, when the content comes in pieces of these lengths, over and over. */
function* chunksOf(
  cutter: ContentCutter,
  content: Uint8Array,
  pieceBytes: readonly number[],
): Generator<Buffer> {
  cutter.begin();
  for (let at = 0, turn = 0, isAtEnd = false; !isAtEnd; turn++) {
    const space = cutter.space();
    const piece = content.subarray(at, at + Math.min(space.length, pieceBytes[turn % pieceBytes.length]!));
    space.set(piece);
    cutter.advance(piece.length);
    at += piece.length;
    isAtEnd = piece.length === 0;
    for (let chunk = cutter.next(); chunk !== undefined; chunk = cutter.next()) yield chunk;
  }
}

/** Their ids. */
function cutInPieces(cutter: ContentCutter, content: Uint8Array, pieceBytes: readonly number[]): string[] {
  const ids: string[] = [];
  for (const chunk of chunksOf(cutter, content, pieceBytes)) ids.push(idOf(chunk));
  return ids;
}

type Stretch = 'random' | 'zeros' | 'ones' | 'lines';

/** Contents in which cuts are where the bytes say, at the least length, and at the greatest. */
function contentOf(stretches: readonly [Stretch, number][]): Buffer {
  return Buffer.concat(
    stretches.map(([kind, bytes], i) => {
      if (kind === 'random') return seededBytes(`stretch ${i}`, bytes);
      return kind === 'lines'
        ? Buffer.alloc(bytes, `line ${i}\n`)
        : Buffer.alloc(bytes, kind === 'ones' ? 1 : 0);
    }),
  );
}

/** Where chunks end, when the first one begins at `from`. */
function endsOfChunks(content: Uint8Array, from: number): Set<number> {
  const ends = new Set<number>();
  let end = from;
  for (const { length } of chunksOf(new ContentCutter(tables), content.subarray(from), [limits.readBytes])) {
    end += length;
    ends.add(end);
  }
  return ends;
}

describe('a sure cut', () => {
  const cutter = new ContentCutter(tables);
  const sureCutAfter = (content: Uint8Array, after: number): number | undefined => {
    let at = after;
    const cut = cutter.sureCut((space) => {
      const piece = content.subarray(at, at + space.length);
      space.set(piece);
      at += piece.length;
      return piece.length;
    });
    return cut === undefined ? undefined : after + cut;
  };

  it('is where a chunk ends wherever the first one began, in contents of any kind', () => {
    const kind = fc.constantFrom<Stretch>('random', 'random', 'zeros', 'ones', 'lines');
    const bytes = fc.oneof(fc.nat({ max: 9_500_000 }), fc.nat({ max: 700_000 }));
    const stretches = fc.array(fc.tuple(kind, bytes), { minLength: 1, maxLength: 6 });
    const places = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 4, maxLength: 4 });
    let found = 0;
    fc.assert(
      fc.property(stretches, places, places, (parts, begins, afters) => {
        const content = contentOf(parts);
        const place = (part: number): number => Math.floor((content.length * part) / 1_000_001);
        for (const after of afters.map(place)) {
          const cut = sureCutAfter(content, after);
          if (cut === undefined) continue;
          found++;
          for (const begin of [0, ...begins.map(place)])
            if (begin <= after) expect(endsOfChunks(content, begin)).toContain(cut);
        }
      }),
      { numRuns: 25 },
    );
    expect(found).toBeGreaterThan(10);
  });

  it('is found in nearly every content that is not the same all over, and soon given up where it is', () => {
    const content = seededBytes('sure', 40_000_000);
    const afters = Array.from({ length: 30 }, (_, i) => 1_000_000 * i);
    expect(afters.filter((after) => sureCutAfter(content, after) !== undefined).length).toBeGreaterThan(27);
    let asked = 0;
    const zeros = (space: Buffer): number => {
      asked++;
      space.fill(0);
      return space.length;
    };
    expect(cutter.sureCut(zeros)).toBeUndefined();
    expect(asked).toBe(1);
    expect(sureCutAfter(new Uint8Array(0), 0)).toBeUndefined();
  });
});

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
