import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { CallRefused } from '../../engine/protocol/link.ts';
import { defaultSettings } from '../../engine/protocol/settings.ts';
import {
  createWorld,
  end,
  planOf,
  removeWorlds,
  settle,
  startMs,
  summaryOf,
  vaultA,
  vaultB,
} from './app-world.ts';

afterEach(removeWorlds);

const refused = (code: string, why?: string) => ({
  failure: { code, detail: why === undefined ? {} : { why } },
});
const fail = (code: string) => () => {
  throw new CallRefused({ code, detail: {} });
};

test('listeners are told at most four times a second, and the latest arrives', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  const plan = world.app.state().plans[0];
  const runId = plan?.activity.at === 'running' ? plan.activity.runId : '';
  await world.time.pass(1_000);
  world.states.length = 0;
  for (let filesDone = 1; filesDone <= 100; filesDone++) {
    const progress = { phase: 'uploading', filesDone, bytesRead: 0, bytesStored: 0, errors: 0 } as const;
    world.news({ type: 'backup-progress', runId, progress });
    await world.time.pass(10);
  }
  await world.time.pass(250);
  expect(world.states.length).toBeGreaterThan(2);
  expect(world.states.length).toBeLessThanOrEqual(6);
  expect(world.states.at(-1)?.plans[0]?.activity).toMatchObject({ progress: { filesDone: 100 } });
});

test('a listener that left is told nothing more', async () => {
  const world = await createWorld();
  let told = 0;
  const leave = world.app.onState(() => told++);
  await world.time.pass(60_000);
  expect(told).toBeGreaterThan(0);
  const before = told;
  leave();
  await world.time.pass(600_000);
  expect(told).toBe(before);
});

test('a restore point grows stale by time alone', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  await end(world, 'a', { saved: {} });
  expect(world.app.state().verdict.kind).toBe('protected');
  await world.time.pass(3 * 86_400_000 + 120_000);
  expect(world.states.at(-1)?.verdict.kind).toBe('failed');
});

test('a run ends as a record with its item errors, and the vault is looked at', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  world.log.length = 0;
  const runId = (world.asked[0] as unknown as { argument: { runId: string } }).argument.runId;
  for (let n = 0; n < 200; n++)
    world.news({ type: 'item-error', runId, item: `/f${n}`, message: 'x'.repeat(9_999) });
  world.news({ type: 'item-error', runId: 'other', item: '/no', message: 'no' });
  await end(world, 'a', { saved: { errors: 200 } });
  const [record] = world.app.state().runs;
  expect(record).toMatchObject({
    cause: 'manual',
    outcome: { at: 'saved', errors: 200 },
    summary: { errors: 200 },
  });
  expect(record?.itemErrors).toHaveLength(100);
  expect(record?.itemErrors[0]?.message).toHaveLength(1_000);
  expect(world.log.toSorted()).toEqual(['lookAtVault', 'pendingCommits']);
  expect(world.app.state().vaults[0]?.status).toMatchObject({ at: 'reachable', snapshots: 1 });
  expect(await world.app.answers.listRuns({ start: 0, count: 10 })).toMatchObject({ total: 1 });
});

test('a run without a snapshot has not succeeded', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  const { snapshotId: _, ...summary } = summaryOf();
  world.asked[0]?.resolve(summary);
  await settle();
  expect(world.records[0]?.outcome).toMatchObject({ at: 'failed', failure: { code: 'verification-failed' } });
});

test('without the password of its vault a run fails and says so', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  world.secrets.delete('vault-a');
  await world.app.answers.backUpNow({});
  await settle();
  expect(world.records[0]?.outcome).toMatchObject({ failure: { code: 'password-missing' } });
  expect(world.app.state().verdict.sentence).toContain('password is not known');
});

test('plans: saved, changed, refused, removed while they run', async () => {
  const world = await createWorld();
  const { answers } = world.app;
  await answers.savePlan(planOf('a'));
  await answers.savePlan(planOf('a', 'vault-a', { name: 'Home' }));
  expect(world.settings().plans.map(({ name }) => name)).toEqual(['Home']);
  const cron = planOf('b', 'vault-a', { schedule: { onLogin: false, cron: 'nonsense' } });
  await expect(answers.savePlan(cron)).rejects.toMatchObject(refused('usage', 'cron'));
  await expect(answers.savePlan(planOf('c', 'no-vault'))).rejects.toMatchObject({
    failure: { code: 'not-found' },
  });
  await expect(answers.backUpNow({ planId: 'no' })).rejects.toMatchObject({ failure: { code: 'not-found' } });
  await answers.backUpNow({});
  await settle();
  await answers.removePlan({ planId: 'a' });
  await settle();
  expect(world.records[0]?.outcome.at).toBe('cancelled');
  expect(world.app.state().plans).toEqual([]);
});

test('settings that cannot be written change nothing', async () => {
  const settings = { ...defaultSettings, vaults: [vaultA] };
  const write = () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  const world = await createWorld({ parts: { settings: { read: () => settings, write } } });
  await expect(world.app.answers.savePlan(planOf('a'))).rejects.toThrow('full');
  expect(world.app.state().plans).toEqual([]);
});

test('a vault with a key of its own: key and sheet are kept before it is made', async () => {
  const world = await createWorld({ settings: { vaults: [] } });
  let seen: unknown[] = [];
  world.answers.initVault = ({ password }) => {
    seen = [password, [...world.secrets.values()].includes(password)];
    return { repositoryId: 'r' };
  };
  const added = await world.app.answers.addVault({ name: 'New', location: "/new vault's" });
  expect(seen).toEqual(['CANARY-KEY', true]);
  const { recoverySheet = '', vaultId } = added;
  expect(statSync(recoverySheet).mode & 0o777).toBe(0o600);
  const text = readFileSync(recoverySheet, 'utf8');
  for (const part of ['CANARY-KEY', "restic -r '/new vault'\\''s' snapshots", 'tide'])
    expect(text).toContain(part);
  await settle();
  expect(world.app.state().vaults[0]).toMatchObject({ recoverySheet, status: { at: 'reachable' } });
  await world.app.answers.showRecoverySheet({ vaultId });
  expect(world.shown).toEqual([recoverySheet]);
  await expect(world.app.answers.addVault({ name: 'Twice', location: "/new vault's" })).rejects.toMatchObject(
    refused('usage', 'vault-known'),
  );
});

test('a place that cannot become a vault leaves no key and no sheet', async () => {
  const world = await createWorld({ settings: { vaults: [] } });
  const secrets = world.secrets.size;
  world.answers.initVault = fail('repository-exists');
  await expect(world.app.answers.addVault({ name: 'New', location: '/new' })).rejects.toMatchObject(
    refused('repository-exists'),
  );
  expect(world.secrets.size).toBe(secrets);
  expect(existsSync(`${world.folder}/data/recovery-sheet-id-1.txt`)).toBe(false);
  expect(world.settings().vaults).toEqual([]);
});

test('a making that was cut off goes on with the same key', async () => {
  let keys = 0;
  const world = await createWorld({ settings: { vaults: [] }, parts: { makeKey: () => `key-${++keys}` } });
  world.answers.initVault = fail('unavailable');
  const wanted = { name: 'New', location: '/new' };
  await expect(world.app.answers.addVault(wanted)).rejects.toMatchObject(refused('unavailable'));
  world.answers.initVault = fail('repository-exists');
  let opened = '';
  world.answers.lookAtVault = ({ password }) => {
    opened = password;
    return { snapshots: 0, storedBytes: 0, locks: [] };
  };
  const { vaultId } = await world.app.answers.addVault(wanted);
  expect([opened, keys, world.secrets.get(vaultId)]).toEqual(['key-1', 1, 'key-1']);
});

test('an existing vault is opened before it is kept', async () => {
  const world = await createWorld({ settings: { vaults: [] } });
  world.answers.lookAtVault = fail('password-wrong');
  const wanted = { name: 'Old', location: '/old', password: 'guess' };
  await expect(world.app.answers.addVault(wanted)).rejects.toMatchObject(refused('password-wrong'));
  expect([...world.secrets.values()]).not.toContain('guess');
  world.answers.lookAtVault = () => ({ snapshots: 7, storedBytes: 0, locks: [] });
  const { vaultId, recoverySheet } = await world.app.answers.addVault({ ...wanted, password: 'right' });
  expect([world.secrets.get(vaultId), recoverySheet]).toEqual(['right', undefined]);
  await expect(world.app.answers.showRecoverySheet({ vaultId })).rejects.toMatchObject({
    failure: { code: 'not-found' },
  });
});

test('a password of their own at an empty place makes the vault with it, and no sheet repeats it', async () => {
  const world = await createWorld({ settings: { vaults: [] } });
  let made = '';
  world.answers.testPlace = () => ({ at: 'empty', writable: true, writeMs: 1 });
  world.answers.initVault = ({ password }) => {
    made = password;
    return { repositoryId: 'r' };
  };
  const wanted = { name: 'Own', location: '/own', password: 'their own' };
  const { vaultId, recoverySheet } = await world.app.answers.addVault(wanted);
  expect([made, world.secrets.get(vaultId), recoverySheet]).toEqual(['their own', 'their own', undefined]);
});

test('a vault in use is not removed; one that is not takes its secret along', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await expect(world.app.answers.removeVault({ vaultId: 'vault-a' })).rejects.toMatchObject(
    refused('usage', 'vault-in-use'),
  );
  await world.app.answers.removeVault({ vaultId: 'vault-b' });
  expect([...world.secrets.keys()]).toEqual(['vault-a']);
  expect(world.settings().vaults).toEqual([vaultA]);
});

test('checking a vault shows trouble; an engine that is away says nothing of it', async () => {
  const world = await createWorld();
  world.answers.lookAtVault = fail('repository-missing');
  await world.app.answers.checkVault({ vaultId: 'vault-a' });
  expect(world.app.state().vaults[0]?.status).toMatchObject({ failure: { code: 'repository-missing' } });
  world.answers.lookAtVault = fail('unavailable');
  await world.app.answers.checkVault({ vaultId: 'vault-b' });
  expect(world.app.state().vaults[1]?.status.at).toBe('reachable');
});

const wanted = { vaultId: 'vault-a', snapshotId: 'ab'.repeat(32), path: '/x', overwrite: 'never' } as const;
const counts = { filesDone: 1, filesTotal: 2, bytesDone: 3, bytesTotal: 4, errors: 0 };

test.each<[string, (one: { resolve(value: unknown): void; refuse(code: string): void }) => void, unknown]>([
  ['done', (one) => one.resolve({ files: 2, bytes: 4, errors: 0 }), 'done'],
  ['incomplete', (one) => one.resolve({ files: 1, bytes: 2, errors: 1 }), 'incomplete'],
  ['cancelled', (one) => one.refuse('cancelled'), 'cancelled'],
  ['failed', (one) => one.refuse('no-space'), { code: 'no-space', detail: {} }],
])('a restore: %s', async (_, finish, outcome) => {
  const world = await createWorld();
  const { restoreId } = await world.app.answers.restore({ ...wanted, target: '/out' });
  world.news({ type: 'restore-progress', runId: restoreId, ...counts });
  expect(world.app.state().restore).toEqual({ id: restoreId, target: '/out', ...counts, outcome: 'running' });
  await expect(world.app.answers.restore(wanted)).rejects.toMatchObject(refused('usage', 'restore-running'));
  const one = world.asked[0];
  if (one !== undefined) finish(one);
  await settle();
  expect(world.app.state().restore?.outcome).toEqual(outcome);
  expect((await world.app.answers.restore(wanted)).restoreId).not.toBe(restoreId);
});

test('cancelling a restore', async () => {
  const world = await createWorld();
  await world.app.answers.cancelRestore(undefined);
  await world.app.answers.restore(wanted);
  await world.app.answers.cancelRestore(undefined);
  await settle();
  expect(world.app.state().restore?.outcome).toBe('cancelled');
});

test('reading goes through with the access of the vault', async () => {
  const world = await createWorld();
  const page = { rows: [], total: 0 };
  world.answers.listSnapshots = ({ access }) => (access.password === 'secret of b' ? page : fail('io')());
  world.answers.listFolder = ({ access }) => (access.location === '/vaults/b' ? page : fail('io')());
  world.answers.testPlace = () => ({ at: 'repository' });
  const where = { vaultId: vaultB.id, start: 0, count: 10 };
  expect(await world.app.answers.listSnapshots(where)).toBe(page);
  expect(await world.app.answers.listFolder({ ...where, snapshotId: 'x', path: '/' })).toBe(page);
  expect(await world.app.answers.testPlace({ location: '/x' })).toEqual({ at: 'repository' });
  expect(await world.app.answers.chooseFolder(undefined)).toEqual({ path: '/chosen' });
});

test('the language follows the settings, then the system', async () => {
  const world = await createWorld();
  expect(world.app.state().verdict.sentence).toMatch(/^Nothing is backed up/);
  world.app.tell({ type: 'languages', languages: ['zh-CN'] });
  expect(world.app.state().language).toBe('zh');
  expect(world.app.state().verdict.sentence).toMatch(/^还没有/);
  await world.app.answers.saveGeneral({ ...world.settings().general, language: 'en' });
  expect(world.app.state().verdict.sentence).toMatch(/^Nothing/);
});

test('what was known before is shown at the start, and the schedule is told of it', async () => {
  const first = await createWorld({ settings: { plans: [planOf('a')] } });
  await first.app.answers.backUpNow({});
  await settle();
  await end(first, 'a', { saved: {} });
  const world = await createWorld({ settings: { plans: [planOf('a')] }, records: first.records });
  expect(world.app.state().plans[0]?.lastGoodMs).toBe(startMs);
  expect(world.log).toContain('ran a');
  world.app.tell({ type: 'session-started' });
  expect(world.log).toContain('session-started');
});

test('no secret is ever in a state, a record, the settings or an error', async () => {
  const world = await createWorld({ settings: { vaults: [] } });
  const said: unknown[] = [];
  const ask = async (call: Promise<unknown>) =>
    said.push(await call.catch((error) => [String(error), error.failure]));
  world.answers.initVault = () => ({ repositoryId: 'r' });
  const { vaultId } = await world.app.answers.addVault({ name: 'New', location: '/new' });
  await ask(world.app.answers.addVault({ name: 'Old', location: '/old', password: 'CANARY-PASSWORD' }));
  world.answers.lookAtVault = fail('password-wrong');
  await ask(world.app.answers.addVault({ name: 'Bad', location: '/bad', password: 'CANARY-BAD' }));
  await world.app.answers.savePlan(planOf('a', vaultId));
  await world.app.answers.backUpNow({});
  await settle();
  expect(JSON.stringify(world.asked)).toContain('CANARY');
  await world.crash();
  await world.engine({ at: 'ready' });
  await world.time.pass(2_000);
  await end(world, 'a', { code: 'io' });
  await ask(world.app.answers.restore({ ...wanted, vaultId }));
  await ask(world.app.answers.checkVault({ vaultId }));
  await world.app.quit();
  const emitted = [
    world.states,
    world.app.state(),
    world.records,
    world.settings(),
    said,
    world.shown,
    world.log,
  ];
  expect(world.states.length).toBeGreaterThan(3);
  expect(JSON.stringify(emitted)).not.toContain('CANARY');
});
