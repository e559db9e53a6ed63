import { afterEach, expect, test } from 'vitest';
import type { PendingCommit } from '../../engine/protocol/engine-calls.ts';
import type { GateView } from '../../engine/protocol/gate-view.ts';
import { createWorld, end, hourMs, planOf, removeWorlds, settle, startMs, type World } from './app-world.ts';

afterEach(removeWorlds);

const minuteMs = 60_000;
const commitId = 'c'.repeat(32);
const commit: PendingCommit = {
  ...{ id: commitId, planId: 'a', repositoryId: 'r', location: '/vaults/a', sources: ['/home/a'] },
  ...{ startedMs: startMs, sealedMs: startMs, snapshotId: 'ab'.repeat(32), unsentBytes: 5, errors: 0 },
  ...{ attempts: 0, lastAttemptMs: 0, lastFailure: '' },
};
const gate: GateView = {
  at: 'closed',
  because: 'slow-answers',
  network: 'weak',
  roundTripMs: 480,
  lossPercent: 6,
  nextLookMs: startMs + 20_000,
};

interface Waiting {
  readonly world: World;
  /** What waits in the engine. */
  readonly commits: PendingCommit[];
  finishes(): { runId: string; now: boolean }[];
  /** The newest call ends. */
  finish(how: { finished: number } | { code: string }): Promise<void>;
}

async function waiting(commits: PendingCommit[] = [commit], isReady = true): Promise<Waiting> {
  const world = await createWorld({
    settings: { plans: [planOf('a')] },
    engine: { at: isReady ? 'ready' : 'starting' },
  });
  world.answers.pendingCommits = () => [...commits];
  if (isReady) world.app.tell({ type: 'network-moved' });
  await settle();
  const calls = () => world.asked.filter(({ name }) => name === 'finishCommits');
  return {
    world,
    commits,
    finishes: () => calls().map(({ argument }) => argument),
    async finish(how) {
      const one = calls().at(-1)!;
      world.asked.splice(world.asked.indexOf(one), 1);
      if ('code' in how) one.refuse(how.code);
      else one.resolve(how);
      await settle();
    },
  };
}

const kind = ({ app }: World): string => app.state().verdict.kind;
const sentence = ({ app }: World): string => app.state().verdict.sentence;

test('what waits when the app starts is finished by itself, and says what it waits for', async () => {
  const { world, commits, finishes, finish } = await waiting([commit], false);
  expect(finishes()).toEqual([]);
  await world.engine({ at: 'ready' });
  expect(finishes()).toMatchObject([{ now: false }]);
  expect(world.app.state().pending).toMatchObject([{ id: commitId, vaultId: 'vault-a', planId: 'a' }]);
  expect(sentence(world)).toBe('“Plan a” is sealed on this computer and waits for a calm network to finish.');
  const { runId } = finishes()[0]!;
  world.news({ type: 'gate', runId, gate });
  expect({ kind: kind(world), sentence: sentence(world) }).toEqual({
    kind: 'waiting',
    sentence:
      '“Plan a” is sealed here and waits for a calm network: latency 480 ms, 6 % of probes lost, next look in 20 s.',
  });
  const { nextLookMs: _, ...open } = gate;
  world.news({ type: 'gate', runId, gate: { ...open, at: 'open', because: 'good' } });
  expect(kind(world)).toBe('finishing');
  expect(world.app.state().plans[0]?.activity).toMatchObject({ at: 'finishing', sinceMs: startMs });
  commits.length = 0;
  world.answers.commitFates = ({ ids }) => ids.map((id) => ({ id, at: 'finished' }));
  await finish({ finished: 1 });
  expect(kind(world)).toBe('protected');
  expect(world.app.state().pending).toEqual([]);
  expect(world.records).toMatchObject([
    { planId: 'a', outcome: { at: 'saved', snapshotId: commit.snapshotId } },
    {},
  ]);
});

test('the countdown counts, in Chinese too', async () => {
  const { world, finishes } = await waiting();
  const { runId } = finishes()[0]!;
  world.news({ type: 'gate', runId, gate });
  await world.time.pass(5_000);
  expect(world.states.map(({ verdict }) => /in (\d+) s/.exec(verdict.sentence)?.[1])).toContain('16');
  const { general } = world.app.state();
  await world.app.answers.saveGeneral({ ...general, language: 'zh' });
  expect(sentence(world)).toBe(
    '“Plan a”已封存在本机，正在等网络平稳：延迟 480 毫秒，6 % 的探测丢失，15 秒后再测。',
  );
});

test('a run that is sealed and waits has not failed, and becomes good when its commit is made', async () => {
  const { world, commits, finishes, finish } = await waiting([]);
  await world.app.answers.backUpNow({});
  await settle();
  commits.push({ ...commit, sealedMs: startMs + 1 });
  const { runId } = world.asked[0]!.argument as { runId: string };
  const progress = { phase: 'waiting', filesDone: 1, bytesRead: 1, bytesStored: 1, errors: 0 } as const;
  world.news({ type: 'backup-progress', runId, progress });
  world.news({ type: 'gate', runId, gate });
  expect(sentence(world)).toMatch(/sealed here and waits for a calm network: latency 480 ms/);
  expect(world.app.state().pending).toEqual([]);
  await end(world, 'a', { code: 'commit-waiting', detail: { runId: commitId } });
  const [view] = world.app.state().plans;
  expect(view?.lastRun?.outcome).toEqual({ at: 'waiting', commitId });
  expect(view?.activity.at).toBe('waiting');
  expect(kind(world)).toBe('waiting');
  expect(world.states.map(({ verdict }) => verdict.kind)).not.toContain('failed');
  expect(finishes()).toHaveLength(1);
  commits.length = 0;
  world.answers.commitFates = ({ ids }) => ids.map((id) => ({ id, at: 'finished' }));
  await finish({ finished: 1 });
  expect(world.app.state().plans[0]).toMatchObject({
    activity: { at: 'idle' },
    lastRun: { id: view?.lastRun?.id, outcome: { at: 'saved' } },
    lastGoodMs: view?.lastRun?.startedMs,
  });
});

test('where the vault cannot even be opened, what keeps its store away is the reason', async () => {
  const { world } = await waiting();
  const closed = { at: 'closed' } as const;
  const line = { reads: closed, writes: closed, requests: 9, failures: 7, failureShare: 1, uploadsAtOnce: 2 };
  const wait = { code: 'store-unreachable', failures: 7, untilMs: startMs + 9_000 };
  world.news({ type: 'line', location: '/vaults/a', line: { ...line, waiting: wait } });
  expect(sentence(world)).toBe(
    '“Plan a” is sealed here and is finished later. The store cannot be reached. Check the network.',
  );
  expect(world.app.state().pending).toMatchObject([{ failure: { code: 'store-unreachable' } }]);
});

test('what fails rests, longer each time, and is tried at once when the network or the machine comes back', async () => {
  const { world, finishes, finish } = await waiting();
  await finish({ code: 'repository-locked' });
  expect(finishes()).toEqual([]);
  expect(sentence(world)).toBe(
    '“Plan a” is sealed here and is finished later. Someone else is working with the vault. Try again later.',
  );
  await world.time.pass(minuteMs);
  expect(finishes()).toHaveLength(1);
  await finish({ code: 'repository-locked' });
  await world.time.pass(2 * minuteMs - 1);
  expect(finishes()).toEqual([]);
  await world.time.pass(1);
  expect(finishes()).toHaveLength(1);
  for (const type of ['network-moved', 'resume'] as const) {
    await finish({ code: 'repository-locked' });
    expect(finishes()).toEqual([]);
    world.log.length = 0;
    world.app.tell({ type });
    await settle();
    expect(world.log).toContain('networkMoved');
    expect(finishes()).toHaveLength(1);
  }
});

test('an engine that died is asked again when it is back', async () => {
  const { world, finishes } = await waiting();
  await world.crash();
  expect(finishes()).toEqual([]);
  await world.engine({ at: 'ready' });
  expect(finishes()).toHaveLength(1);
});

test('a pause holds it; finish now goes despite that', async () => {
  const { world, finishes } = await waiting();
  await world.app.answers.pause({});
  await settle();
  world.asked.length = 0;
  await world.time.pass(hourMs);
  expect(finishes()).toEqual([]);
  await world.app.answers.finishNow({});
  await settle();
  expect(finishes()).toMatchObject([{ now: true }]);
  await world.app.answers.resume(undefined);
  await settle();
  expect(finishes()).toHaveLength(1);
});

test('finish now hurries whoever waits already, and asks for nothing twice', async () => {
  const { world, finishes } = await waiting();
  const hurried: string[] = [];
  world.answers.finishNow = ({ location }) => void hurried.push(location);
  await world.app.answers.finishNow({ vaultId: 'vault-a' });
  await settle();
  expect(hurried).toEqual(['/vaults/a']);
  expect(finishes()).toHaveLength(1);
});

test('to drop one ends whoever works on it first', async () => {
  const { world, commits, finishes } = await waiting();
  const order: string[] = [];
  const { cancel } = world.answers;
  world.answers.cancel = (asked) => {
    order.push('cancel');
    return cancel?.(asked);
  };
  world.answers.dropCommit = ({ id }) => {
    order.push(`drop ${id}`);
    commits.length = 0;
  };
  world.answers.commitFates = ({ ids }) => ids.map((id) => ({ id, at: 'given-up' }));
  await world.app.answers.dropPending({ id: commitId });
  await settle();
  expect(order).toEqual(['cancel', `drop ${commitId}`]);
  expect(world.app.state().pending).toEqual([]);
  expect(world.app.state().plans[0]?.lastRun?.outcome).toEqual({ at: 'cancelled' });
  world.asked.length = 0;
  await world.time.pass(hourMs);
  expect(finishes()).toEqual([]);
  await expect(world.app.answers.dropPending({ id: commitId })).rejects.toMatchObject({
    failure: { code: 'not-found' },
  });
});

test('a plan that waits may run again; what belongs to no vault of ours is shown and left alone', async () => {
  const foreign = { ...commit, id: 'd'.repeat(32), planId: '', location: '/elsewhere' };
  const { world, finishes } = await waiting([commit, foreign]);
  expect(finishes()).toHaveLength(1);
  expect(world.app.state().pending.map(({ vaultId }) => vaultId)).toEqual(['vault-a', undefined]);
  await world.app.answers.backUpNow({});
  await settle();
  expect(world.backups()).toEqual(['/home/a']);
  expect(world.app.state().plans[0]?.activity.at).toBe('running');
});

test('lies of the engine are not believed', async () => {
  const { world, finishes } = await waiting();
  const { runId } = finishes()[0]!;
  for (const lie of [
    { ...gate, lossPercent: 900 },
    { ...gate, because: '<b>' },
    { ...gate, roundTripMs: Number.NaN },
  ])
    world.news({ type: 'gate', runId, gate: lie });
  world.news({ type: 'gate', runId: 'another', gate });
  expect(world.app.state().pending[0]?.gate).toBeUndefined();
});

test('the longest wait is told to the engine when it is ready and when a person sets it', async () => {
  const { world } = await waiting([], false);
  const told: unknown[] = [];
  world.answers.limitCommitWait = (argument) => void told.push(argument);
  await world.engine({ at: 'ready' });
  const { general } = world.settings();
  await world.app.answers.saveGeneral({ ...general, commitWaitHours: 12 });
  await settle();
  expect(told).toEqual([{}, { hours: 12 }]);
});

test('nothing goes on after the end', async () => {
  const { world, finishes, finish } = await waiting();
  await finish({ code: 'repository-locked' });
  await world.app.quit();
  await world.time.pass(hourMs);
  expect(finishes()).toEqual([]);
  expect(world.time.waiting()).toBe(0);
});

test('snapshots that are due for another look are looked at, and what has lost something is said', async () => {
  const lost = { snapshotId: 'ab'.repeat(32), committedMs: startMs - 25 * hourMs, missingBlobs: 3 };
  const { world, finishes, finish } = await waiting([], false);
  world.answers.lookAtVault = ({ location }) => ({
    ...{ snapshots: 1, storedBytes: 10, locks: [] },
    repositoryId: location === '/vaults/a' ? 'r' : 's',
  });
  let isDue = true;
  world.answers.lateLooks = ({ repositoryIds }) =>
    repositoryIds.map((repositoryId) => {
      const isMeant = repositoryId === 'r';
      return { repositoryId, isDue: isMeant && isDue, incomplete: isMeant && !isDue ? [lost] : [] };
    });
  await world.engine({ at: 'ready' });
  await world.time.pass(5 * minuteMs);
  expect(finishes()).toMatchObject([{ now: false, access: { location: '/vaults/a' } }]);
  expect(kind(world)).toBe('attention');
  isDue = false;
  await finish({ finished: 0 });
  expect(sentence(world)).toContain(
    'A restore point in the vault “Disk A”, saved yesterday 08:00, has lost data',
  );
  expect(world.app.state().vaults.map(({ incomplete }) => incomplete)).toEqual([[lost], undefined]);
  await world.time.pass(hourMs);
  expect(finishes()).toEqual([]);
});

test('a look that cannot be made is not asked for all the time', async () => {
  const { world, finishes, finish } = await waiting([], false);
  world.answers.lookAtVault = () => ({ snapshots: 1, storedBytes: 10, locks: [], repositoryId: 'r' });
  world.answers.lateLooks = () => [{ repositoryId: 'r', isDue: true, incomplete: [] }];
  await world.engine({ at: 'ready' });
  await world.time.pass(5 * minuteMs);
  let asked = 0;
  for (let minute = 0; minute < 60; minute++) {
    while (finishes().length > 0) {
      asked++;
      await finish({ finished: 0 });
    }
    await world.time.pass(minuteMs);
  }
  // Two vaults, every quarter of an hour.
  expect(asked).toBeLessThanOrEqual(10);
});
