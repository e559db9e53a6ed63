import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashLanes, openHashLanes } from '../../engine/format/hash-lanes.ts';
import { idOf } from '../../engine/format/id.ts';
import { idsOf, openSum } from '../../engine/format/ids.ts';
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

  it.each([
    ['pairs', 2],
    ['fours', 4],
    ['eights', 8],
  ])('have what is at work in front, where OpenSSL takes lanes in %s and stops at idle ones', (_, group) => {
    const calls: number[][] = [];
    const lanes = new HashLanes({
      hashLanes: (states, told, laneGroups) => {
        const blocks = Array.from({ length: 4 * laneGroups }, (_, lane) => told[4 * lane + 2]!);
        calls.push(blocks);
        for (
          let at = 0;
          at < blocks.length && blocks.slice(at, at + group).some((each) => each > 0);
          at += group
        )
          for (let lane = at; lane < at + group && lane < 8; lane++) states[lane]!++;
      },
      hashOne: () => undefined,
      addressOf: () => 32,
    });
    calls.length = 0;
    for (let count = 0; count <= 20; count++) {
      const sum = lanes.openSum();
      sum.take(Buffer.alloc(100 * 64));
      lanes.idsOf(
        Array.from({ length: count }, (_, i) => Buffer.alloc((100 * i) % 777)),
        sum,
      );
    }
    expect(calls.length).toBeGreaterThan(50);
    for (const blocks of calls) {
      const atWork = blocks.indexOf(0);
      const ahead = atWork < 0 ? blocks : blocks.slice(0, atWork);
      expect([ahead.length % 2, new Set(ahead).size]).toEqual([0, 1]);
      expect(blocks.slice(ahead.length).every((each) => each === 0)).toBe(true);
    }
  });

  it('are right with a sum beside them, which then is right, too', () => {
    const bytes = seededChance('beside').bytes(50_000);
    const some = (max: number) =>
      fc.tuple(fc.nat({ max: 1_000 }), fc.nat({ max })).map(([at, count]) => bytes.subarray(at, at + count));
    const turn = fc.tuple(some(40_000), fc.array(some(20_000), { maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 6 }), (turns) => {
        const sum = openSum();
        for (const [piece, contents] of turns) {
          sum.take(piece);
          expect(idsOf(contents, sum)).toEqual(contents.map(idOf));
          sum.settle();
        }
        expect(sum.id()).toBe(idOf(Buffer.concat(turns.map(([piece]) => piece))));
      }),
      { numRuns: 200 },
    );
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
    const expected = manyContents(sets);
    expect(JSON.parse(said)).toEqual({
      ids: expected.map((contents) => contents.map(idOf)),
      sum: idOf(Buffer.concat(expected.flat())),
    });
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
