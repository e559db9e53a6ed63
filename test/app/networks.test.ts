import { afterEach, expect, test } from 'vitest';
import { samplesKept } from '../../electron/app/networks.ts';
import type { NetworkView } from '../../engine/protocol/network-view.ts';
import { createWorld, removeWorlds, settle, startMs, type World } from './app-world.ts';

afterEach(removeWorlds);

const network: NetworkView = {
  ...{ level: 'weak', why: 'slow-answers', roundTripMs: 480, answerMs: 4_400 },
  ...{ answerMsMax: 4_000, lossPercent: 6, lossPercentMax: 10 },
};
const shown = ({ app }: World, id: string) =>
  app.state().vaults.find(({ vault }) => vault.id === id)?.network;

test('the last samples of each vault are kept, those of others and lies are not', async () => {
  const world = await createWorld();
  for (let i = 0; i < samplesKept + 5; i++) {
    const sample = { atMs: startMs + i, ...(i % 2 === 0 ? { roundTripMs: i } : {}) };
    world.news({ type: 'network', location: '/vaults/a', network, sample });
  }
  const sample = { atMs: startMs };
  world.news({ type: 'network', location: '/vaults/unknown', network, sample });
  world.news({ type: 'network', location: '/vaults/b', network: { ...network, lossPercent: -1 }, sample });
  expect(shown(world, 'vault-b')).toBeUndefined();
  const { view, samples } = shown(world, 'vault-a')!;
  expect(view).toEqual(network);
  expect(samples).toHaveLength(samplesKept);
  expect(samples[0]).toEqual({ atMs: startMs + 5 });
  expect(samples.at(-1)).toEqual({ atMs: startMs + samplesKept + 4, roundTripMs: samplesKept + 4 });
});

test('a look asks the engine, and shows what came of it', async () => {
  const world = await createWorld();
  world.answers.probeVault = ({ access }) => ({
    ...network,
    why: access.location === '/vaults/a' ? 'calm' : 'failures',
  });
  await world.app.answers.probeVault({ vaultId: 'vault-a' });
  expect(shown(world, 'vault-a')).toEqual({ view: { ...network, why: 'calm' }, samples: [] });
});

test('regions are compared one at a time, and a login never reaches the comparison', async () => {
  const world = await createWorld();
  const compare = (location: string) => world.app.answers.compareRegions({ location });
  const first = compare('s3:one.example/b').catch((error) => error.failure.code);
  await settle();
  const second = compare('s3:two.example/b');
  await settle();
  expect(await first).toBe('cancelled');
  const asked = world.asked.filter(({ name }) => name === 'probeRegions').at(-1)!;
  expect(asked.argument).toMatchObject({ location: 's3:two.example/b' });
  asked.resolve({ at: 'unknown' });
  expect(await second).toEqual({ at: 'unknown' });
  await world.app.answers.stopComparing(undefined);
});
