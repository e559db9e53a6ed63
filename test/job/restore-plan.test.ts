import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { sealOverheadBytes } from '../../engine/format/seal.ts';
import {
  bytesIn,
  isTrusted,
  mayReplace,
  type Overwrite,
  piecesOf,
  type RestoreFilter,
  select,
  WantedBlobs,
} from '../../engine/job/restore-plan.ts';
import type { BlobLocation } from '../../engine/repo/blob-index.ts';
import { compilePatterns } from '../../engine/source/pattern.ts';
import { node, noonNs } from './restore-world.ts';

function filter(kind: RestoreFilter['kind'], ...patterns: string[]): RestoreFilter {
  return { kind, lists: [compilePatterns(patterns)] };
}

describe('a filter', () => {
  it.each([
    [undefined, '/a', true, true],
    [filter('exclude', '/a/b'), '/a', true, true],
    [filter('exclude', '/a/b'), '/a/b', false, false],
    [filter('exclude', '/a/b'), '/a/b/c', false, false],
    [filter('include', '/a/b'), '/a', false, true],
    [filter('include', '/a/b'), '/a/b', true, true],
    [filter('include', '/a/b'), '/a/b/c', true, true],
    [filter('include', '/a/b'), '/x', false, false],
    [filter('include', '*.c'), '/src', false, true],
  ])('%# selects by path, and knows where to look on', (which, path, selected, childMayBe) => {
    expect(select(which, fromText(path))).toEqual({ selected, childMayBe });
  });

  it('with two lists selects what either matches', () => {
    const both: RestoreFilter = {
      kind: 'include',
      lists: [compilePatterns(['/a']), compilePatterns(['/B'], { ignoreCase: true })],
    };
    const selected = ['/a', '/b', '/A', '/c'].map((path) => select(both, fromText(path)).selected);
    expect(selected).toEqual([true, true, false, false]);
  });
});

describe('overwriting', () => {
  const file = node('f', 'file', 0o600);
  const older = { mtimeNs: noonNs - 1n, sizeBytes: 5 };
  const same = { mtimeNs: noonNs, sizeBytes: 5 };
  const newer = { mtimeNs: noonNs + 1n, sizeBytes: 5 };
  it.each<[Overwrite, boolean, boolean, boolean]>([
    ['always', true, true, true],
    ['if-changed', true, true, true],
    ['if-newer', true, false, false],
    ['never', false, false, false],
  ])('%s: what is older, of the same time, newer', (rule, ...expected) => {
    expect([older, same, newer].map((existing) => mayReplace(rule, file, existing))).toEqual(expected);
    expect(mayReplace(rule, file, undefined)).toBe(true);
  });

  it('trusts size and time with if-changed alone', () => {
    expect(isTrusted('if-changed', file, 5, same)).toBe(true);
    expect(isTrusted('if-changed', file, 6, same)).toBe(false);
    expect(isTrusted('if-changed', file, 5, newer)).toBe(false);
    expect(isTrusted('always', file, 5, same)).toBe(false);
  });
});

describe('pieces', () => {
  const located = (length: number, plainLength: number) => ({ length, plainLength });
  const locate =
    (blobs: Record<string, { length: number; plainLength: number }>) =>
    (id: string): BlobLocation | undefined =>
      blobs[id] && { type: 'data', id, packId: 'p', offset: 0, ...blobs[id] };

  it('follow each other without a gap, by the sizes of the index', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 8_000_000 }), { maxLength: 20 }), fc.boolean(), (sizes, packed) => {
        const blobs = Object.fromEntries(
          sizes.map((size, i) => [
            `b${i}`,
            packed && size > 0 ? located(9, size) : located(size + sealOverheadBytes, 0),
          ]),
        );
        let end = 0;
        const pieces = piecesOf(Object.keys(blobs), locate(blobs));
        for (const { position, length } of pieces) {
          expect(position).toBe(end);
          end += length;
        }
        expect(end).toBe(sizes.reduce((sum, size) => sum + size, 0));
        expect(bytesIn(pieces)).toBe(end);
      }),
    );
  });

  it('of a blob that is nowhere, or of a size that cannot be, are refused', () => {
    expect(() => piecesOf(['x'], locate({}))).toThrow(expect.objectContaining({ code: 'not-found' }));
    for (const bad of [located(10, 4_000_000_000), located(4_000_000_000, 0), located(1, 0)])
      expect(() => piecesOf(['x'], locate({ x: bad }))).toThrow(expect.objectContaining({ code: 'damaged' }));
  });
});

it('each pack is read once, for all who want its blobs', () => {
  const wanted = new WantedBlobs<string>();
  const blob = (id: string, packId: string) =>
    ({ type: 'data', id, packId, offset: 0, length: 40, plainLength: 0 }) as const;
  wanted.add(blob('1', 'p'), 'x', 0);
  wanted.add(blob('2', 'q'), 'x', 8);
  wanted.add(blob('1', 'p'), 'y', 16);
  wanted.add(blob('3', 'p'), 'y', 24);
  expect([...wanted.byPack()].map(([pack, blobs]) => [pack, blobs.map(({ id }) => id)])).toEqual([
    ['p', ['1', '3']],
    ['q', ['2']],
  ]);
  expect(wanted.get('1')?.uses).toEqual([
    { owner: 'x', position: 0 },
    { owner: 'y', position: 16 },
  ]);
});
