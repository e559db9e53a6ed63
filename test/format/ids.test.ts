import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf } from '../../engine/format/id.ts';
import { HashLanes, idsOf, openHashLanes } from '../../engine/format/ids.ts';
import { seededChance } from '../support/fixed-world.ts';
import { manyContents } from './many-contents.ts';

describe('ids of many contents', () => {
  it('are those of each by itself, whatever their number and lengths', () => {
    const bytes = seededChance('ids').bytes(100_000);
    const length = fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: 5_000 }), fc.nat({ max: 99_000 }));
    const contents = fc.array(
      fc.tuple(fc.nat({ max: 1_000 }), length).map(([at, count]) => bytes.subarray(at, at + count)),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(contents, (any) => void expect(idsOf(any)).toEqual(any.map(idOf))),
      { numRuns: 200 },
    );
  });

  it('are right for every length about the end of a block, in every lane', () => {
    for (let length = 0; length <= 200; length++) {
      const contents = Array.from({ length: 11 }, (_, lane) => Buffer.alloc(length + (lane % 3), lane));
      expect(idsOf(contents)).toEqual(contents.map(idOf));
    }
  });

  it("give every lane something to do in every call, whatever function of OpenSSL's this processor has", () => {
    const blocks: number[][] = [];
    const lanes = new HashLanes({
      hashLanes: (_, told) => blocks.push([0, 1, 2, 3, 4, 5, 6, 7].map((lane) => told[4 * lane + 2]!)),
      hashOne: () => undefined,
      addressOf: () => 32,
    });
    for (let count = 0; count <= 20; count++)
      lanes.idsOf(Array.from({ length: count }, (_, i) => Buffer.alloc((100 * i) % 777)));
    expect(blocks.length).toBeGreaterThan(50);
    for (const each of blocks) {
      expect(each[0]).toBeGreaterThan(0);
      expect(new Set(each).size).toBe(1);
    }
  });

  // `OPENSSL_ia32cap(3)`: what is masked, OpenSSL does without.
  it.runIf(process.arch === 'x64').each([
    ['as this one is', undefined],
    ['without instructions for SHA-256', ':~0x20000000'],
    ['without AVX2, too', ':~0x20000020'],
    ['without AVX, too', '~0x1000000000000000:~0x20000020'],
    ['without SSSE3, too', '~0x1000020000000000:~0x20000020'],
  ])('are the same on a processor %s', (_, mask) => {
    const sets = 300;
    const script = fileURLToPath(new URL('ids-elsewhere.ts', import.meta.url));
    const env = { ...process.env, OPENSSL_ia32cap: mask };
    const said = execFileSync(process.execPath, [script, String(sets)], { env, encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual(manyContents(sets).map((contents) => contents.map(idOf)));
  });

  it('may lie in memory that threads share', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(10_000)).fill(7);
    const contents = [0, 10, 64, 3_000].map((at) => shared.subarray(at, at + 5_000));
    expect(idsOf(contents)).toEqual(contents.map(idOf));
  });

  it.runIf(process.arch === 'x64')(
    'are made side by side by this Node: else all would be right, and slow',
    () => {
      expect(openHashLanes()).toBeDefined();
    },
  );
});
