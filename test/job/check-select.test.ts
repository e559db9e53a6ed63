import { describe, expect, it } from 'vitest';
import { choosePacks } from '../../engine/job/check-select.ts';
import { seededChance } from '../support/fixed-world.ts';

const chance = seededChance('packs');
const packs = Array.from({ length: 200 }, () => ({
  name: Buffer.from(chance.bytes(32)).toString('hex'),
  sizeBytes: 1000,
}));

describe('choosing packs to read', () => {
  it('takes each pack in one part of all', () => {
    const chosen = [1, 2, 3, 4, 5, 6, 7].map((part) =>
      choosePacks(packs, { read: 'part', part, parts: 7 }, chance),
    );
    expect(chosen.flat().length).toBe(packs.length);
    expect(new Set(chosen.flat())).toEqual(new Set(packs));
    // As restic: by the first byte of the id.
    for (const { name } of chosen[2]!) expect(Number.parseInt(name.slice(0, 2), 16) % 7).toBe(2);
  });

  it.each([
    { readData: { read: 'none' } as const, count: 0 },
    { readData: { read: 'all' } as const, count: 200 },
    { readData: { read: 'percent', percent: 10 } as const, count: 20 },
    { readData: { read: 'percent', percent: 100 } as const, count: 200 },
    { readData: { read: 'percent', percent: 0.001 } as const, count: 1 },
    { readData: { read: 'bytes', bytes: 50_500 } as const, count: 50 },
    { readData: { read: 'bytes', bytes: 10 ** 12 } as const, count: 200 },
    { readData: { read: 'bytes', bytes: 1 } as const, count: 1 },
  ])('$readData', ({ readData, count }) => {
    const chosen = choosePacks(packs, readData, chance);
    expect(chosen).toHaveLength(count);
    expect(new Set(chosen).size).toBe(count);
  });

  it('chooses others each time, each about as often', () => {
    const counts = new Map(packs.map(({ name }) => [name, 0]));
    for (let run = 0; run < 400; run++) {
      for (const { name } of choosePacks(packs, { read: 'percent', percent: 25 }, chance)) {
        counts.set(name, counts.get(name)! + 1);
      }
    }
    // 100 on average; six standard deviations of about 8.7 either way.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(53);
  });

  it('has nothing to choose from nothing', () => {
    expect(choosePacks([], { read: 'percent', percent: 50 }, chance)).toEqual([]);
    expect(choosePacks([], { read: 'bytes', bytes: 5 }, chance)).toEqual([]);
  });
});
