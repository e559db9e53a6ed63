import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { Chunker, makeChunkerTables } from '../../engine/format/chunker.ts';
import { idOf } from '../../engine/format/id.ts';
import { modulo } from '../../engine/format/polynomial.ts';
import { seededChance } from '../support/fixed-world.ts';
import { findCutPlainly, makePlainTables, type PlainTables } from '../support/plain-chunker.ts';

interface Source {
  generator?: string;
  repeatedByte?: number;
  bytes: number;
  sha256: string;
}

interface Vectors {
  sources: Record<string, Source>;
  tables: { polynomial: string; out: Record<string, string>; mod: Record<string, string> };
  fingerprints: Record<'source' | 'polynomial' | 'firstBytes' | 'overFirst64Bytes' | 'atFirstCut', string>;
  cuts: { polynomial: string; source: string; chunks: { bytes: number; id: string }[] }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../vectors/chunker.json', import.meta.url), 'utf8'),
);

function makeSource({ generator, repeatedByte, bytes }: Source): Buffer {
  if (generator === undefined) return Buffer.alloc(bytes, repeatedByte ?? 0);
  const data = Buffer.alloc(Math.ceil(bytes / 32) * 32);
  const counter = Buffer.alloc(8);
  for (let at = 0; at < bytes; at += 32) {
    counter.writeBigUInt64BE(BigInt(at / 32));
    createHash('sha256').update(generator).update(counter).digest().copy(data, at);
  }
  return data.subarray(0, bytes);
}

const sources = new Map(Object.entries(vectors.sources).map(([name, source]) => [name, makeSource(source)]));
const dataBytesMax = 32 * 1024 * 1024;
const polynomial = 0x3da3358b4dc173n;
const ours = new Chunker(makeChunkerTables(polynomial), dataBytesMax);
const plain = makePlainTables(polynomial);
const entry = (table: PlainTables['out'], value: number): bigint =>
  (BigInt(table.high[value]!) << 32n) | BigInt(table.low[value]!);

/** The end of the chunk at `start` when `data` lies in the chunker's memory. */
function findCut(chunker: Chunker, data: Uint8Array, start: number, end: number): number {
  chunker.data.set(data);
  return chunker.findCut(start, end);
}

/** The ends of all chunks of `data[start, end)`. */
function cutAll(chunker: Chunker, data: Uint8Array, start = 0, end = data.length): number[] {
  chunker.data.set(data);
  const ends: number[] = [];
  for (let at = start; at < end; at = ends.at(-1)!) ends.push(chunker.findCut(at, end));
  return ends;
}

function cutAllPlainly(tables: PlainTables, data: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = 0; at < data.length; at = ends.at(-1)!)
    ends.push(findCutPlainly(tables, data, at, data.length));
  return ends;
}

/** The definition, without tables: what the last 64 bytes are worth as one polynomial. */
function fingerprint(data: Uint8Array, end: number, polynomial: bigint): bigint {
  return modulo(BigInt(`0x${Buffer.from(data.subarray(end - 64, end)).toString('hex')}`), polynomial);
}

describe('vectors', () => {
  it('the sources are what they were', () => {
    for (const [name, { sha256 }] of Object.entries(vectors.sources)) {
      expect(idOf(sources.get(name)!), name).toBe(sha256);
    }
  });

  it('tables, of the plain chunker and of the fast one, whose window has moved on by a byte', () => {
    const p = BigInt(`0x${vectors.tables.polynomial}`);
    const [fast, slow] = [makeChunkerTables(p), makePlainTables(p)];
    for (const [value, bits] of Object.entries(vectors.tables.out)) {
      expect(entry(slow.out, Number(value)).toString(16)).toBe(bits);
      expect(fast.leaving[Number(value)]).toBe(modulo(BigInt(`0x${bits}`) << 8n, p));
    }
    for (const [value, bits] of Object.entries(vectors.tables.mod)) {
      expect(entry(slow.mod, Number(value)).toString(16)).toBe(bits);
      expect(fast.reduce[Number(value)]?.toString(16)).toBe(bits);
    }
  });

  it('fingerprints', () => {
    const { source, polynomial, firstBytes, overFirst64Bytes, atFirstCut } = vectors.fingerprints;
    const data = sources.get(source)!;
    const p = BigInt(`0x${polynomial}`);
    expect(data.toString('hex', 0, 8)).toBe(firstBytes);
    expect(fingerprint(data, 64, p).toString(16)).toBe(overFirst64Bytes);
    const cut = findCut(new Chunker(makeChunkerTables(p), data.length), data, 0, data.length);
    expect(fingerprint(data, cut, p).toString(16)).toBe(atFirstCut);
  });

  it.each(vectors.cuts)('$source under $polynomial', ({ polynomial, source, chunks }) => {
    const data = sources.get(source)!;
    let start = 0;
    const chunker = new Chunker(makeChunkerTables(BigInt(`0x${polynomial}`)), data.length);
    const found = cutAll(chunker, data).map((end) => {
      const chunk = data.subarray(start, end);
      start = end;
      return { bytes: chunk.length, id: idOf(chunk) };
    });
    expect(found).toEqual(chunks);
  });
});

const { chunkBytesMin, chunkBytesMax, chunkSplitMask } = limits;

/** Random stretches among constant ones, some MiB long. */
const content = fc
  .array(
    fc.record({
      random: fc.boolean(),
      seed: fc.nat(255),
      bytes: fc.integer({ min: 1, max: 3 * 1024 * 1024 }),
    }),
    { maxLength: 4 },
  )
  .map((parts) =>
    Buffer.concat(
      parts.map(({ random, seed, bytes }) =>
        random ? Buffer.from(seededChance(seed).bytes(bytes)) : Buffer.alloc(bytes, seed),
      ),
    ),
  );

describe('properties', () => {
  it('chunks are the content, each within its limits and cut where the definition says', () => {
    fc.assert(
      fc.property(content, (data) => {
        const ends = cutAll(ours, data);
        expect(ends.at(-1) ?? 0).toBe(data.length);
        let start = 0;
        for (const end of ends) {
          const length = end - start;
          expect(length).toBeGreaterThan(0);
          expect(length).toBeLessThanOrEqual(chunkBytesMax);
          if (end !== data.length) {
            expect(length).toBeGreaterThanOrEqual(chunkBytesMin);
            const cuts = (fingerprint(data, end, polynomial) & BigInt(chunkSplitMask)) === 0n;
            expect(cuts || length === chunkBytesMax).toBe(true);
          }
          start = end;
        }
      }),
      { numRuns: 15 },
    );
  });

  it('where a chunk ends does not depend on what lies before or after it in the buffer', () => {
    fc.assert(
      fc.property(content, fc.integer({ min: 1, max: 3000 }), fc.nat(255), (data, offset, filler) => {
        const shifted = Buffer.alloc(data.length + 2 * offset, filler);
        data.copy(shifted, offset);
        const ends = cutAll(ours, shifted, offset, offset + data.length).map((end) => end - offset);
        expect(ends).toEqual(cutAll(ours, data));
      }),
      { numRuns: 15 },
    );
  });

  it('cuts where the plain chunker does, in every lane and at every seam of its stretches', () => {
    const zeros = chunkBytesMin + 64 * 1024 * 3;
    const places = fc.array(fc.integer({ min: chunkBytesMin - 100, max: zeros }), { maxLength: 6 });
    // Sixty-four zeros in a row are a cut: here there are some, wherever chance puts them.
    const sparse = places.map((starts) => {
      const data = Buffer.alloc(zeros + 1000, 1);
      for (const start of starts) data.fill(0, start, start + 64 + (start % 3) - 1);
      return data;
    });
    for (const contents of [content, sparse]) {
      fc.assert(
        fc.property(contents, (data) => {
          expect(cutAll(ours, data)).toEqual(cutAllPlainly(plain, data));
        }),
        { numRuns: 40 },
      );
    }
  });

  it('needs to see no more than the largest chunk', () => {
    const data = sources.get('V1')!;
    let start = 0;
    for (const end of cutAll(ours, data)) {
      expect(findCut(ours, data, start, Math.min(data.length, start + chunkBytesMax))).toBe(end);
      start = end;
    }
  });

  it('cuts no earlier than the least length and exactly at the most', () => {
    const ones = Buffer.alloc(chunkBytesMax + 1, 1);
    for (const length of [0, 1, 63, 64, chunkBytesMin - 1, chunkBytesMin, chunkBytesMin + 1, chunkBytesMax]) {
      expect(findCut(ours, ones, 0, length)).toBe(length);
    }
    expect(findCut(ours, ones, 0, ones.length)).toBe(chunkBytesMax);
    const zeros = Buffer.alloc(chunkBytesMin + 1);
    expect(findCut(ours, zeros, 0, zeros.length)).toBe(chunkBytesMin);
  });

  it('finds the first of the places that the definition allows', () => {
    const data = sources.get('V2')!;
    const first = findCut(ours, data, 0, data.length);
    // Tested in strides from a random place: each window by the definition, none may cut.
    for (let end = chunkBytesMin; end < first; end += 997) {
      expect(fingerprint(data, end, polynomial) & BigInt(chunkSplitMask)).not.toBe(0n);
    }
  });
});
