import { expect, it } from 'vitest';
import { design, simulate } from './simulate.ts';

function violationsOf(seeds: number, conditions = design): string[] {
  const found: string[] = [];
  for (let seed = 1; seed <= seeds; seed++)
    for (const each of simulate(seed, conditions)) found.push(`seed ${seed}, ${each}`);
  return found;
}

it('2 000 seeds: as long as the lag is within its bound, nobody works beside who works alone', () => {
  expect(violationsOf(2_000).slice(0, 5)).toEqual([]);
});

it('a lock that does not settle is found out', () => {
  const found = violationsOf(300, { ...design, settleFactor: 0, lagKinds: ['extreme'] });
  expect(found.some((each) => each.includes('X1'))).toBe(true);
});

it('the same seed is the same history', () => {
  const conditions = { ...design, settleFactor: 0, lagKinds: ['extreme'] } as const;
  const histories = [1, 2].map(() => JSON.stringify(violationsOf(100, conditions)));
  expect(histories[0]).toBe(histories[1]);
});
