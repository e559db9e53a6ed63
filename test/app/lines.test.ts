import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';
import type { LineView } from '../../engine/protocol/line-view.ts';
import { createWorld, planOf, removeWorlds, settle, startMs, vaultA, type World } from './app-world.ts';

afterEach(removeWorlds);

const quiet: LineView = {
  reads: { at: 'closed' },
  writes: { at: 'closed' },
  requests: 12,
  failures: 0,
  failureShare: 0,
  uploadsAtOnce: 4,
};
const waiting = (forMs: number): LineView => ({
  ...quiet,
  waiting: { code: 'store-unreachable', failures: 4, untilMs: startMs + forMs },
});
const told = (world: World, line: LineView, location = vaultA.location): void =>
  world.news({ type: 'line', location, line });
const refused = (code: string, why?: string) => ({
  failure: why === undefined ? { code } : { code, detail: { why } },
});

const remote = {
  name: 'Pi',
  location: 'rest:https://example:CANARY-LOGIN@pi.example:8000/x/',
  store: { SLACKWATER_TLS_PIN: 'CANARY-PIN' },
};
const shown = 'rest:https://pi.example:8000/x/';
const store = {
  RESTIC_REST_USERNAME: 'example',
  RESTIC_REST_PASSWORD: 'CANARY-LOGIN',
  SLACKWATER_TLS_PIN: 'CANARY-PIN',
};

test('the way to a store is in the picture of its vault, and waiting counts down in one sentence', async () => {
  const world = await createWorld({ settings: { plans: [planOf('a')] } });
  await world.app.answers.backUpNow({});
  await settle();
  told(world, quiet);
  expect(world.app.state().vaults[0]?.line).toEqual(quiet);
  expect(world.app.state().verdict.kind).toBe('working');
  told(world, waiting(8_000));
  expect(world.app.state().verdict).toEqual({
    kind: 'waiting',
    sentence: '“Plan a” waits. The store cannot be reached. Check the network. Trying again in 8 s.',
  });
  const before = world.states.length;
  await world.time.pass(3_000);
  expect(world.states.length - before).toBeGreaterThanOrEqual(3);
  expect(world.states.at(-1)?.verdict.sentence).toMatch(/in 5 s\.$/);
  told(world, quiet);
  await world.time.pass(2_000);
  const calm = world.states.length;
  await world.time.pass(10_000);
  expect(world.states.length).toBe(calm);
});

test('news of a line that is none, or of nobody’s vault, changes nothing', async () => {
  const world = await createWorld();
  told(world, quiet, '/not/a/vault');
  const bad = [
    { ...quiet, failureShare: 7 },
    { ...quiet, extra: 1 },
    { ...quiet, waiting: { code: 'X <b>', failures: 1, untilMs: 1 } },
    { ...quiet, reads: { at: 'open' } },
    undefined,
  ];
  for (const line of bad)
    world.news({ type: 'line', location: vaultA.location, line } as unknown as EngineNews);
  expect(world.app.state().vaults.map(({ line }) => line)).toEqual([undefined, undefined]);
});

test('an engine that is gone waits for nothing', async () => {
  const world = await createWorld();
  told(world, waiting(60_000));
  await world.crash();
  expect(world.app.state().vaults[0]?.line).toBeUndefined();
});

test('the login of a store is kept with the key, given to the engine, and nowhere else', async () => {
  const world = await createWorld({ settings: { vaults: [] } });
  const made: unknown[] = [];
  world.answers.initVault = (access) => {
    made.push(access);
    return { repositoryId: 'r' };
  };
  const { vaultId, recoverySheet = '' } = await world.app.answers.addVault(remote);
  expect(made).toEqual([{ location: shown, password: 'CANARY-KEY', store }]);
  world.answers.listSnapshots = ({ access }) => {
    made.push(access);
    return { rows: [], total: 0 };
  };
  await world.app.answers.listSnapshots({ vaultId, start: 0, count: 1 });
  expect(made[1]).toEqual(made[0]);
  const sheet = readFileSync(recoverySheet, 'utf8');
  expect(sheet).toContain('export RESTIC_REST_PASSWORD=...');
  expect(sheet).toContain(`restic -r ${shown} snapshots`);
  const all = JSON.stringify([world.states, world.settings(), world.records, world.log, sheet]);
  expect(all).not.toMatch(/CANARY-(?:LOGIN|PIN)/);
  await world.app.answers.removeVault({ vaultId });
  expect([...world.secrets.keys()]).toEqual(['vault-a', 'vault-b']);
});

test('a login is changed once it opened the vault; one that does not, changes nothing', async () => {
  const world = await createWorld();
  const change = { vaultId: 'vault-a', store: { B2_ACCOUNT_ID: 'id', B2_ACCOUNT_KEY: 'key' } };
  const opened: unknown[] = [];
  world.answers.lookAtVault = (access) => {
    opened.push(access.store);
    return { snapshots: 0, storedBytes: 0, locks: [] };
  };
  await world.app.answers.changeStoreAccess(change);
  expect(opened[0]).toEqual(change.store);
  const kept = new Map(world.secrets);
  world.answers.lookAtVault = () => {
    throw Object.assign(new Error('x'), { code: 'EACCES' });
  };
  const worse = { ...change, store: { B2_ACCOUNT_ID: 'other' } };
  await expect(world.app.answers.changeStoreAccess(worse)).rejects.toThrow();
  expect(world.secrets).toEqual(kept);
});

test('a place that would show a secret is refused', async () => {
  const world = await createWorld();
  const location = 'rclone::smb,host=nas,pass=CANARY:share';
  for (const asked of [
    world.app.answers.testPlace({ location }),
    world.app.answers.addVault({ name: 'NAS', location }),
  ])
    await expect(asked).rejects.toMatchObject(refused('usage', 'secret-in-location'));
});

test('a try now reaches the line of the vault; limits reach the engine at once and when it comes back', async () => {
  const world = await createWorld();
  const asked: unknown[] = [];
  world.answers.tryNow = (argument) => void asked.push(argument);
  world.answers.limitBandwidth = (argument) => void asked.push(argument);
  await world.app.answers.tryVaultNow({ vaultId: 'vault-b' });
  const bandwidth = { up: 512_000 };
  await world.app.answers.saveGeneral({ ...world.settings().general, bandwidth });
  await world.engine({ at: 'starting' });
  await world.engine({ at: 'ready' });
  expect(asked).toEqual([{ location: '/vaults/b' }, bandwidth, bandwidth]);
});

test('what is asked while the engine starts waits for it; one that does not come is told', async () => {
  const world = await createWorld({ engine: { at: 'starting' } });
  let found: unknown;
  const ask = () =>
    world.app.answers.testPlace({ location: '/x' }).then(
      (answer) => (found = answer),
      (error) => (found = error),
    );
  void ask();
  await world.time.pass(3_000);
  expect(found).toBeUndefined();
  await world.engine({ at: 'ready' });
  await world.time.pass(1_000);
  expect(found).toEqual({ at: 'repository' });
  await world.engine({ at: 'waiting', untilMs: startMs, crashes: 1 });
  await ask();
  expect(found).toMatchObject(refused('unavailable'));
});
