import { expect, it } from 'vitest';
import { runSeeds } from './run-seeds.ts';

it('250 seeds more, on the other core', async () => {
  const { failed, counts } = await runSeeds(251, 250);
  expect(failed).toEqual([]);
  expect(counts['snapshots of ours']).toBeGreaterThan(100);
});
