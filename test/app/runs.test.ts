import { afterEach, expect, test } from 'vitest';
import { choose, inOrder, type Waiting } from '../../electron/app/queue.ts';
import { createWorld, end, hourMs, planOf, removeWorlds, settle } from './app-world.ts';

afterEach(removeWorlds);

const one = (planId: string, change: Partial<Waiting> = {}): Waiting => ({
  planId,
  vaultId: 'v',
  cause: 'schedule',
  askedMs: 0,
  tries: 0,
  isDespitePause: false,
  ...change,
});
const free = {
  isEngineReady: true,
  isPaused: false,
  busyVaults: new Set<string>(),
  restingPlans: new Set<string>(),
};

test.each<[string, Waiting[], Partial<typeof free>, string[]]>([
  ['one per vault', [one('a'), one('b', { askedMs: 1 })], {}, ['a']],
  ['manual first', [one('a'), one('b', { askedMs: 9, cause: 'manual' })], {}, ['b']],
  ['vaults do not wait for each other', [one('a'), one('b', { vaultId: 'w' })], {}, ['a', 'b']],
  ['a busy vault', [one('a'), one('b', { vaultId: 'w' })], { busyVaults: new Set(['v']) }, ['b']],
  ['the engine is not ready', [one('a')], { isEngineReady: false }, []],
  ['a pause holds', [one('a'), one('b', { cause: 'manual' })], { isPaused: true }, []],
  [
    'a pause lets through what was asked in it',
    [one('a'), one('b', { isDespitePause: true })],
    { isPaused: true },
    ['b'],
  ],
  ['a rest holds its own plan only', [one('a'), one('b')], { restingPlans: new Set(['a']) }, ['b']],
])('queue: %s', (_, waiting, change, expected) => {
  expect(choose(waiting, { ...free, ...change }).map(({ planId }) => planId)).toEqual(expected);
});

test('the order is by rank, then by time', () => {
  const all = [one('c', { askedMs: 2 }), one('a', { askedMs: 3, cause: 'manual' }), one('b', { askedMs: 1 })];
  expect(inOrder(all).map(({ planId }) => planId)).toEqual(['a', 'b', 'c']);
});

test('runs of one vault go one after the other, of two vaults together', async () => {
  const plans = [planOf('a'), planOf('b'), planOf('c', 'vault-b')];
  const world = await createWorld({ settings: { plans } });
  await world.app.answers.backUpNow({});
  await settle();
  expect(world.backups()).toEqual(['/home/a', '/home/c']);
  const [a, b] = world.app.state().plans;
  expect(a?.activity.at).toBe('running');
  expect(b?.activity).toMatchObject({ at: 'queued', behind: 'Plan a' });
  await end(world, 'a', { saved: {} });
  expect(world.backups()).toEqual(['/home/c', '/home/b']);
});

test('asking twice is one run; a scheduled one that waits becomes manual', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a'), planOf('b'), planOf('c')] } });
  await world.app.answers.backUpNow({ planId: 'a' });
  world.due('b', 'schedule');
  await world.time.pass(1_000);
  world.due('c', 'schedule');
  await world.app.answers.backUpNow({ planId: 'c' });
  await world.app.answers.backUpNow({ planId: 'a' });
  await end(world, 'a', { saved: {} });
  expect(world.backups()).toEqual(['/home/c']);
  await end(world, 'c', { saved: {} });
  await end(world, 'b', { saved: {} });
  expect(world.backups()).toEqual([]);
  expect(world.records.map(({ planId, cause }) => [planId, cause])).toEqual([
    ['b', 'schedule'],
    ['c', 'manual'],
    ['a', 'manual'],
  ]);
});

test('a run waits for the engine', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] }, engine: { at: 'starting' } });
  await world.app.answers.backUpNow({});
  expect(world.backups()).toEqual([]);
  expect(world.app.state().verdict).toMatchObject({ kind: 'waiting' });
  await world.engine({ at: 'ready' });
  expect(world.backups()).toEqual(['/home/a']);
});

test('a crash in mid-run: recorded, said, tried again when the engine is back', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  await world.crash();
  expect(world.records[0]).toMatchObject({ planId: 'a', outcome: { at: 'interrupted' } });
  expect(world.app.state().verdict.kind).toBe('waiting');
  expect(world.app.state().verdict.sentence).toContain('stopped in the middle of “Plan a”');
  await world.engine({ at: 'ready' });
  await world.time.pass(2_000);
  expect(world.backups()).toEqual(['/home/a']);
  await end(world, 'a', { saved: {} });
  expect(world.records.map(({ outcome }) => outcome.at)).toEqual(['saved', 'interrupted']);
  expect(world.app.state().verdict.kind).toBe('protected');
});

// A real timer may come a moment before its time by the wall clock, which may also be set back.
test.each([1, hourMs])('a second try begins on a clock that went %i ms back', async (backMs) => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  await world.crash();
  await world.engine({ at: 'ready' });
  world.time.jump(-backMs);
  await world.time.pass(999);
  expect(world.backups()).toEqual([]);
  await world.time.pass(1);
  expect(world.backups()).toEqual(['/home/a']);
});

test('what a person asks for does not rest, and the rest is over for good', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  await world.crash();
  await world.engine({ at: 'ready' });
  await world.time.pass(600);
  await world.app.answers.backUpNow({});
  await settle();
  expect(world.backups()).toEqual(['/home/a']);
  await world.crash();
  await world.engine({ at: 'ready' });
  await world.time.pass(999);
  expect(world.backups()).toEqual([]);
  await world.time.pass(1);
  expect(world.backups()).toEqual(['/home/a']);
});

test('quit in a rest leaves no timer and begins nothing', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  await world.crash();
  await world.engine({ at: 'ready' });
  await world.app.quit();
  expect(world.time.waiting()).toBe(0);
  await world.time.pass(2_000);
  expect(world.backups()).toEqual([]);
});

test('a run that always kills the engine is given up', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  for (let crash = 0; crash < 5; crash++) {
    await world.crash();
    await world.engine({ at: 'ready' });
    await world.time.pass(5_000);
  }
  expect(world.records.map(({ outcome }) => outcome.at)).toEqual([
    'interrupted',
    'interrupted',
    'interrupted',
  ]);
  expect(world.app.state().verdict.kind).toBe('attention');
});

test('a pause cancels in order, holds, and goes on after it', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a'), planOf('b')] } });
  await world.app.answers.backUpNow({ planId: 'a' });
  await settle();
  await world.app.answers.pause({ durationMs: 60_000 });
  await settle();
  expect(world.log).toContain('cancel');
  world.asked.length = 0;
  expect(world.records[0]?.outcome.at).toBe('cancelled');
  world.due('b', 'schedule');
  await settle();
  expect(world.backups()).toEqual([]);
  expect(world.app.state()).toMatchObject({ verdict: { kind: 'paused' }, paused: {} });
  await world.time.pass(59_000);
  expect(world.backups()).toEqual([]);
  await world.time.pass(2_000);
  expect(world.app.state().paused).toBeUndefined();
  expect(world.backups()).toEqual(['/home/a']);
  await end(world, 'a', { saved: {} });
  expect(world.backups()).toEqual(['/home/b']);
});

test('a pause without an end lasts until it is resumed, and what is asked for in it runs', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a'), planOf('b', 'vault-b')] } });
  await world.app.answers.pause({});
  world.due('a', 'schedule');
  await world.app.answers.backUpNow({ planId: 'b' });
  await world.time.pass(3 * 86_400_000);
  expect(world.backups()).toEqual(['/home/b']);
  await world.app.answers.resume(undefined);
  await settle();
  expect(world.backups()).toEqual(['/home/b', '/home/a']);
});

test('sleep that passes the end of a pause ends it on waking', async () => {
  const world = await createWorld();
  await world.app.answers.pause({ durationMs: 60_000 });
  world.time.jump(600_000);
  expect(world.app.state().paused).toBeDefined();
  world.app.tell({ type: 'resume' });
  expect(world.app.state().paused).toBeUndefined();
  expect(world.log).toContain('resume');
});

test('a run that is cancelled is not tried again; one that waits is dropped', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a'), planOf('b')] } });
  await world.app.answers.backUpNow({});
  await settle();
  await world.app.answers.cancelRun({ planId: 'b' });
  await world.app.answers.cancelRun({ planId: 'a' });
  await settle();
  expect(world.records.map(({ planId, outcome }) => [planId, outcome.at])).toEqual([['a', 'cancelled']]);
  expect(world.app.state().plans.map(({ activity }) => activity.at)).toEqual(['idle', 'idle']);
});

test('quit drains, settles every run, starts nothing more and leaves no timer', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a'), planOf('b')] } });
  await world.app.answers.backUpNow({});
  await settle();
  await Promise.all([world.app.quit(), world.app.quit()]);
  await settle();
  expect(world.log.filter((entry) => entry === 'drain')).toHaveLength(1);
  expect(world.log).toContain('stop');
  expect(world.records.map(({ planId, outcome }) => [planId, outcome.at])).toEqual([['a', 'cancelled']]);
  expect(world.time.waiting()).toBe(0);
  await world.app.answers.backUpNow({});
  await world.engine({ at: 'ready' });
  expect(world.log.filter((entry) => entry === 'backup')).toHaveLength(1);
});

test('a history that cannot be written stops nothing', async () => {
  const history = {
    newest: () => ({ rows: [], total: 0 }),
    add: () => {
      throw new Error('full');
    },
  };
  const world = await createWorld({ settings: { plans: [planOf('a'), planOf('b')] }, parts: { history } });
  await world.app.answers.backUpNow({});
  await settle();
  await end(world, 'a', { saved: {} });
  expect(world.backups()).toEqual(['/home/b']);
  expect(world.app.state().runs).toHaveLength(1);
});
