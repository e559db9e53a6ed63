import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Clock } from '../../engine/base/clock.ts';
import { silentLog } from '../../engine/base/log.ts';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';
import { lineNewsSchema } from '../../engine/protocol/line-view.ts';
import { makeAnswers } from '../../engine/worker/answers.ts';
import { OpenVaults } from '../../engine/worker/open-vaults.ts';
import { hostFacts, realChance, realClock, realCompute } from '../../engine/worker/real-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { quickClock } from '../support/quick-clock.ts';
import { type SwitchedServer, startSwitchedServer } from '../support/switched-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const store = { RESTIC_REST_USERNAME: 'alice', RESTIC_REST_PASSWORD: 'canary-sesame' };

let server: SwitchedServer;
let news: EngineNews[];
let source: string;
let cacheFolder: string;

beforeEach(async () => {
  server = await startSwitchedServer({ login: { user: 'alice', password: 'canary-sesame' } });
  news = [];
  cacheFolder = temporaryFolder('vaults-cache');
  source = temporaryFolder('vaults-source');
  mkdirSync(join(source, 'letters'));
  writeFileSync(join(source, 'letters', 'one.txt'), 'Dear reader');
});
afterEach(() => server.close());

function engine(clock: Clock = quickClock()): ReturnType<typeof makeAnswers> {
  const world = {
    clock,
    chance: realChance,
    log: silentLog,
    host: hostFacts(),
    compute: realCompute(),
  };
  return makeAnswers({ world, cacheFolder, tell: (each) => news.push(each) });
}

const accessOf = () => ({ location: server.location('vault'), password: 'canary-key', store });
const backupOf = (runId: string) => ({
  runId,
  access: accessOf(),
  sources: [source],
  excludes: [],
  tags: [],
});
const slice = { start: 0, count: 10 };
const lines = () => news.flatMap((each) => (each.type === 'line' ? [each.line] : []));

/** Bounded: fails where it does not come. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_500 && !isSo(); tries++) await realClock.sleep(10);
  expect(isSo()).toBe(true);
}

describeWithPeers(['rest-server'], 'a vault behind a network', () => {
  it('is opened with the login of its store, which is in nothing that is told', async () => {
    // Whoever asks about a place waits four seconds: a tenth of that is too little on a machine that is busy.
    const { initVault, backup, lookAtVault, testPlace } = engine(realClock);
    const { location } = accessOf();
    expect(await testPlace({ location })).toMatchObject({ failure: { code: 'login-refused' } });
    expect(await testPlace({ location, store })).toMatchObject({ at: 'empty', times: {} });
    await initVault(accessOf());
    expect((await backup(backupOf('r'))).snapshotId).toMatch(/^[0-9a-f]{64}$/);
    expect(await lookAtVault(accessOf())).toMatchObject({ snapshots: 1 });
    await until(() => (lines().at(-1)?.requests ?? 0) > 10);
    expect(lines().at(-1)).toMatchObject({ failures: 0, reads: { at: 'closed' }, writes: { at: 'closed' } });
    for (const each of news) if (each.type === 'line') v.parse(lineNewsSchema, each);
    expect(JSON.stringify(news)).not.toContain('canary');
  });

  it('is browsed in the copy of it while it is away, and by itself again when it is back', async () => {
    const first = engine();
    await first.initVault(accessOf());
    await first.backup(backupOf('r'));
    const { rows } = await first.listSnapshots({ access: accessOf(), ...slice });
    const folder = { access: accessOf(), snapshotId: rows[0]!.id, path: `${source}/letters`, ...slice };
    await first.listFolder(folder);
    // Another process, which has nothing in its memory.
    const { listSnapshots, listFolder, lookAtVault, tryNow } = engine();
    server.isOn = false;
    expect(await listSnapshots({ access: accessOf(), ...slice })).toEqual({ rows, total: 1, isCopy: true });
    const asked = server.asked.length;
    expect(await listFolder(folder)).toMatchObject({ rows: [{ name: 'one.txt' }], isCopy: true });
    // Whoever goes from folder to folder does not wait for the store at each.
    expect(server.asked.length).toBe(asked);
    await expect(
      listSnapshots({ access: { ...accessOf(), password: 'another' }, ...slice }),
    ).rejects.toMatchObject({ code: 'password-wrong' });
    await expect(lookAtVault(accessOf())).rejects.toMatchObject({ code: 'store-unreachable' });
    server.isOn = true;
    await tryNow({ location: accessOf().location });
    expect(await listFolder(folder)).not.toHaveProperty('isCopy');
  });

  it('is waited for by a run, which says why, and goes on when somebody tries now', async () => {
    const { initVault, backup, tryNow, listSnapshots } = engine();
    await initVault(accessOf());
    server.isOn = false;
    const run = backup(backupOf('r'));
    await until(() => lines().some(({ waiting }) => waiting !== undefined && waiting.failures > 4));
    const { waiting } = lines().findLast((line) => line.waiting !== undefined)!;
    expect(waiting).toMatchObject({ code: 'store-unreachable', untilMs: expect.any(Number) });
    server.isOn = true;
    await tryNow({ location: accessOf().location });
    expect((await run).snapshotId).toMatch(/^[0-9a-f]{64}$/);
    expect(await listSnapshots({ access: accessOf(), ...slice })).toMatchObject({ total: 1 });
    await until(() => lines().at(-1)?.waiting === undefined);
  });

  it('lets go of a run that is cancelled while it waits', async () => {
    const { initVault, backup, cancel, drain } = engine();
    await initVault(accessOf());
    server.isOn = false;
    const run = backup(backupOf('r'));
    const ended = expect(run).rejects.toMatchObject({ code: 'cancelled' });
    await until(() => lines().some(({ waiting }) => waiting !== undefined));
    await cancel({ runId: 'r' });
    await ended;
    await drain(undefined);
  });

  it('takes no more of the line than it may, from the next moment on', () => {
    const world = {
      clock: quickClock(),
      chance: realChance,
      log: silentLog,
      host: hostFacts(),
      compute: realCompute(),
    };
    const vaults = new OpenVaults({ world, tell: () => undefined });
    const early = vaults.line('rest:http://early.example/');
    vaults.limit({ up: 10_240 });
    expect([early, vaults.line('rest:http://late.example/')].map((line) => line.bytesPerSecondMax)).toEqual([
      { up: 10_240 },
      { up: 10_240 },
    ]);
    vaults.limit({});
    expect(early.bytesPerSecondMax).toEqual({});
  });
});
