import { afterEach, expect, test } from 'vitest';
import type { LockView, QueueRow, VaultWork } from '../../engine/protocol/lock-view.ts';
import { createWorld, planOf, removeWorlds, settle, startMs, type World } from './app-world.ts';

afterEach(removeWorlds);

const lag = { floorMs: 0, boundMs: 0, settleMs: 200, isForOneClient: false };
const alone: LockView = {
  id: 'l1',
  hostname: 'PC-2\u202e',
  username: 'anna',
  pid: 7,
  sinceMs: startMs - 60_000,
  exclusive: true,
  ours: false,
  verdict: { is: 'live', because: 'young' },
};
const row = (change: Partial<QueueRow>): QueueRow => ({
  pid: 1,
  work: 'backup',
  label: '/srv',
  isWorking: false,
  sinceMs: startMs - 60_000,
  ours: false,
  ...change,
});

/** One run of a plan has begun, and the engine says this of who works in its vault. */
async function waitingFor(work: Partial<VaultWork>): Promise<{ world: World; looks: () => number }> {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  world.answers.locks = () => ({ locks: [], queue: [], lag, ...work });
  await world.app.answers.backUpNow({});
  await settle();
  return { world, looks: () => world.log.filter((name) => name === 'locks').length };
}

test('a run that waits to begin says for whom, once that was looked at', async () => {
  const { world, looks } = await waitingFor({ locks: [alone] });
  expect(world.app.state().verdict.kind).toBe('working');
  expect(looks()).toBe(0);
  await world.time.pass(5_000);
  await settle();
  const { verdict } = world.app.state();
  expect(verdict.kind).toBe('waiting');
  expect(verdict.sentence).toMatch(
    /^“Plan a” waits: PC-2\ufffd has been working alone in the vault since .*\. We are next\.$/,
  );
  world.answers.locks = () => ({ locks: [], queue: [], lag });
  await world.time.pass(5_000);
  await settle();
  expect(world.app.state().verdict.kind).toBe('working');
});

test('the queue of this computer is told with our place in it', async () => {
  const works = row({ isWorking: true, label: '/home/me' });
  const queue = [works, row({ pid: 2 }), row({ pid: 3 }), row({ pid: 4, ours: true })];
  const { world } = await waitingFor({ queue });
  await world.time.pass(5_000);
  await settle();
  expect(world.app.state().verdict.sentence).toMatch(
    /backing up \/home\/me since .* 2 more are before us\.$/,
  );
});

test('what was seen before the run, shared locks and stale ones are not waited for', async () => {
  const stale: LockView = { ...alone, verdict: { is: 'stale', because: 'not-refreshed' } };
  const { world } = await waitingFor({ locks: [{ ...alone, exclusive: false }, stale] });
  await world.time.pass(5_000);
  await settle();
  expect(world.app.state().verdict.kind).toBe('working');
});

test('it looks while a run waits to begin or somebody else’s lock is undecided, and otherwise never', async () => {
  const { world, looks } = await waitingFor({ locks: [alone] });
  for (let i = 0; i < 4; i++) {
    await world.time.pass(5_000);
    await settle();
  }
  expect(looks()).toBe(4);
  const progress = { phase: 'uploading', filesDone: 0, bytesRead: 0, bytesStored: 0, errors: 0 } as const;
  const { runId } = world.asked[0]!.argument as { runId: string };
  world.news({ type: 'backup-progress', runId, progress });
  await world.time.pass(5_000);
  await settle();
  expect(looks()).toBe(5);
  await world.time.pass(59_000);
  await settle();
  expect(looks()).toBe(5);
  world.answers.locks = () => ({
    locks: [{ ...alone, verdict: { is: 'stale', because: 'not-refreshed' } }],
    queue: [],
    lag,
  });
  await world.time.pass(1_000);
  await settle();
  expect(looks()).toBe(6);
  await world.time.pass(600_000);
  await settle();
  expect(looks()).toBe(6);
});

test('a look that fails changes nothing and is made again', async () => {
  const { world, looks } = await waitingFor({});
  world.answers.locks = () => {
    throw new Error('gone');
  };
  const before = world.app.state().vaults;
  await world.time.pass(5_000);
  await settle();
  expect(world.app.state().vaults).toEqual(before);
  await world.time.pass(5_000);
  await settle();
  expect(looks()).toBe(2);
});

test('to unlock asks the engine, and shows what is left', async () => {
  const world = await createWorld();
  const { vaultId } = planOf('a');
  world.answers.unlock = () => ({ removed: 2, kept: 1 });
  world.answers.locks = () => ({ locks: [alone], queue: [], lag });
  expect(await world.app.answers.unlockVault({ vaultId })).toEqual({ removed: 2, kept: 1 });
  const view = world.app.state().vaults.find(({ vault }) => vault.id === vaultId);
  expect(view?.status).toMatchObject({ at: 'reachable', locks: [alone], lag });
  await expect(world.app.answers.unlockVault({ vaultId: 'no-such' })).rejects.toMatchObject({
    failure: { code: 'not-found' },
  });
});
