import { expect, it } from 'vitest';
import { makeBase } from './base-repository.ts';
import { runSeeds } from './run-seeds.ts';
import { simulate } from './simulate.ts';

it('250 seeds: whatever goes wrong, every snapshot restores, once, and nothing waits for ever', async () => {
  const { failed, counts } = await runSeeds(1, 250);
  expect(failed).toEqual([]);
  // Where nothing happens, all is well.
  const least = {
    'process killed': 50,
    'power cut': 50,
    'rival: removes a pack': 100,
    'journal: reopen': 5,
    naps: 50,
    'snapshots told to have lost something': 100,
    'snapshots healed': 50,
  };
  for (const [what, times] of Object.entries(least))
    expect([what, counts[what]! >= times]).toEqual([what, true]);
  expect(Object.keys(counts).filter((what) => what.startsWith('death ')).length).toBeGreaterThan(30);
  expect(Object.keys(counts).filter((what) => what.startsWith('fault: '))).toHaveLength(10);
});

it('the same seed is the same history', async () => {
  const base = await makeBase();
  const tellings: string[][] = [[], []];
  for (const lines of tellings) await simulate(base, 7, {}, (line) => lines.push(line));
  expect(tellings[0]!.length).toBeGreaterThan(20);
  expect(tellings[1]).toEqual(tellings[0]);
});
