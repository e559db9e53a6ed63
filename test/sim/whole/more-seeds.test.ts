import { expect, it } from 'vitest';
import { type Chaos, hourMs, requestFaults } from './chaos.ts';
import { runSeeds } from './run-seeds.ts';

it('250 seeds more, on the other core', async () => {
  const { failed, counts } = await runSeeds(251, 250);
  expect(failed).toEqual([]);
  expect(counts['snapshots of ours']).toBeGreaterThan(100);
});

/** Rivals have removed every file that the store was known by, and many of ours with them. */
it.each([50_034, 52_103])(
  'seed %i: many files are missed, and nothing is left that bears witness',
  async (seed) => {
    const { failed, counts } = await runSeeds(seed, 1);
    expect(failed).toEqual([]);
    expect(counts['rival: removes a pack']).toBeGreaterThan(5);
  },
);

/** What is late may come after somebody has removed it, and what was cut off is not asked for since. */
const noFaults = Object.fromEntries(requestFaults.map((fault) => [fault, 0])) as Chaos['rates'];
const lateAndPruned: Partial<Chaos> = {
  chaosMs: 3 * hourMs,
  isNear: false,
  rates: { ...noFaults, late: 0.15, 'cut-off': 0.03 },
  outages: [],
  lagMs: 0,
  rivals: 2,
  mayUnlockAll: true,
};

it.each([33, 282, 358])('seed %i: an index of ours names packs that are not there', async (seed) => {
  const { failed, counts } = await runSeeds(seed, 1, undefined, lateAndPruned);
  expect(failed).toEqual([]);
  expect(counts['rival: removes a pack']).toBeGreaterThan(2);
});

it('a lock whose process was killed while it was on its way arrives later, and does not stay', async () => {
  const { failed, counts } = await runSeeds(70_286, 1);
  expect(failed).toEqual([]);
  expect(counts['process killed']).toBe(1);
});

it('a rival that is in the way keeps nothing from its end once all is calm', async () => {
  const { failed } = await runSeeds(70_126, 1);
  expect(failed).toEqual([]);
});
/** Late, or cut off and not asked for since: an index names packs that are not there as it says. */
it('an index of ours is not believed about packs of earlier runs', async () => {
  const { failed, counts } = await runSeeds(61_213, 1);
  expect(failed).toEqual([]);
  expect(counts['rival: removes a pack']).toBeGreaterThan(3);
});

/** In the first, nobody hears that the network is back; in the second, a run fails while two packs wait for room. */
it.each([101_064, 104_548])('seed %i: comes to its end once all is calm', async (seed) => {
  const { failed } = await runSeeds(seed, 1);
  expect(failed).toEqual([]);
});

it('a prune that goes on without its lock beside our run is noticed before the snapshot is written', async () => {
  const { failed } = await runSeeds(220_491, 1, undefined, { isNear: true, outages: [] });
  expect(failed).toEqual([]);
});
