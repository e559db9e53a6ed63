import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { programName } from '../../engine/base/version.ts';
import type { ArgumentOf } from '../../engine/protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../../engine/protocol/engine-calls.ts';
import { initRepository } from '../../engine/repo/repository.ts';
import { runningEngine } from '../engine-host/running-engine.ts';
import { seededChance } from '../support/fixed-world.ts';
import { folderState } from '../support/folder-state.ts';
import { slackwater } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

const password = testPassword.reveal();
const refused = (code: string) => ({ failure: { code } });

let source: string;

beforeAll(() => {
  source = temporaryFolder('engine-source');
  for (let i = 0; i < 40; i++) {
    mkdirSync(join(source, `folder-${i}`));
    writeFileSync(join(source, `folder-${i}`, 'noise'), seededChance(`noise ${i}`).bytes(1_500_000));
    for (let j = 0; j < 25; j++) writeFileSync(join(source, `folder-${i}`, `${j}`), `file ${i} ${j}`);
  }
});

async function newRepository(): Promise<string> {
  const location = join(temporaryFolder('engine-vault'), 'vault');
  const backend = openLocalBackend(location, seededChance(location));
  await initRepository(backend, testPassword, testWorld(), { kdfCost: cheapKdfCost });
  return location;
}

function backupOf(
  location: string,
  more: Partial<ArgumentOf<EngineCalls['backup']>> = {},
): ArgumentOf<EngineCalls['backup']> {
  const access = { location, password };
  return { runId: 'run-1', access, sources: [source], excludes: [], tags: [], ...more };
}

const locksIn = (location: string): string[] => readdirSync(join(location, 'locks'));
const snapshotsIn = (location: string): string[] => readdirSync(join(location, 'snapshots'));
const isUploading = (news: EngineNews): boolean =>
  news.type === 'backup-progress' && news.progress.phase === 'uploading';
/** A run begins before its lock is written: killed then, it may leave half of one. */
const hasLock = (location: string): Promise<void> =>
  vi.waitFor(() => expect(locksIn(location)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]), {
    timeout: 20_000,
    interval: 2,
  });

describe('the engine as a process', () => {
  it('makes a vault, backs up, lists, restores; no secret is in what it tells', async () => {
    const { host, news } = await runningEngine();
    const location = join(temporaryFolder('engine-vault'), 'new', 'vault');
    const access = { location, password: 'Sesam-öffne-dich' };
    expect(await host.calls.testPlace({ location })).toMatchObject({ at: 'empty', writable: true });
    const made = await host.calls.initVault(access);
    expect(made.repositoryId).toMatch(/^[0-9a-f]{64}$/);
    await expect(host.calls.initVault(access)).rejects.toMatchObject(refused('repository-exists'));
    expect(await host.calls.testPlace({ location })).toMatchObject({ at: 'repository' });

    const summary = await host.calls.backup(
      backupOf(location, { access, excludes: ['folder-1?'], tags: ['plan:one'] }),
    );
    expect(summary).toMatchObject({ filesNew: 780, errors: 0 });
    const progress = news.flatMap((each) => (each.type === 'backup-progress' ? [each.progress] : []));
    expect(progress.at(-1)).toMatchObject({ phase: 'verified', filesDone: 780, filesTotal: 780 });
    expect(await host.calls.lookAtVault(access)).toMatchObject({ snapshots: 1, locks: [] });
    expect((await host.calls.lookAtVault(access)).storedBytes).toBeGreaterThan(30 * 1_500_000);

    const { rows, total } = await host.calls.listSnapshots({ access, start: 0, count: 10 });
    expect({ rows, total }).toMatchObject({
      total: 1,
      rows: [{ id: summary.snapshotId, paths: [source], tags: ['plan:one'], files: 780 }],
    });
    const snapshotId = rows[0]!.id;
    const list = (path: string, start = 0, count = 5) =>
      host.calls.listFolder({ access, snapshotId, path, start, count });
    const page = await list(source, 2, 2);
    expect(page).toMatchObject({
      total: 30,
      rows: [
        { path: `${source}/folder-2`, name: 'folder-2', type: 'dir' },
        { name: 'folder-20', type: 'dir' },
      ],
    });
    expect((await list(`${source}/folder-2`, 25)).rows).toMatchObject([
      { name: 'noise', type: 'file', sizeBytes: 1_500_000 },
    ]);
    await expect(list(`${source}/folder-1`, 0)).resolves.toMatchObject({ total: 26 });
    await expect(list(`${source}/folder-10`)).rejects.toMatchObject(refused('not-found'));

    const target = join(temporaryFolder('engine-target'), 'back');
    const restored = await host.calls.restore({
      runId: 'restore-1',
      access,
      snapshotId,
      path: `${source}/folder-2`,
      target,
      overwrite: 'always',
    });
    expect(restored).toMatchObject({ files: 26, errors: 0 });
    expect(readFileSync(join(target, '7'), 'utf8')).toBe('file 2 7');
    expect(news.findLast(({ type }) => type === 'restore-progress')).toMatchObject({ filesDone: 26 });

    const wrong = { location, password: 'not-the-one' };
    await expect(host.calls.lookAtVault(wrong)).rejects.toMatchObject(refused('password-wrong'));
    await expect(host.calls.lookAtVault({ ...wrong, location: `${location}-not` })).rejects.toMatchObject(
      refused('repository-missing'),
    );
    expect(JSON.stringify([news, made, summary, rows, page, restored])).not.toMatch(/Sesam|not-the-one/);
    expect(locksIn(location)).toEqual([]);
  });

  it('restores in place', async () => {
    const { host } = await runningEngine();
    const location = await newRepository();
    const own = temporaryFolder('engine-own');
    writeFileSync(join(own, 'a'), 'kept');
    writeFileSync(join(own, 'b'), 'kept too');
    const { snapshotId = '' } = await host.calls.backup(backupOf(location, { sources: [own] }));
    rmSync(join(own, 'a'));
    const access = { location, password };
    const asked = { runId: 'r', access, snapshotId, path: `${own}/a`, overwrite: 'if-changed' } as const;
    expect(await host.calls.restore(asked)).toMatchObject({ files: 1, errors: 0 });
    expect(folderState(own)).toMatchObject({ a: expect.anything(), b: expect.anything() });
    expect(readFileSync(join(own, 'a'), 'utf8')).toBe('kept');
  });

  it('leaves the vault out of a backup of the folder that it is in', async () => {
    const { host } = await runningEngine();
    const location = await newRepository();
    const above = join(location, '..');
    writeFileSync(join(above, 'beside'), 'x');
    const summary = await host.calls.backup(backupOf(location, { sources: [above] }));
    expect(summary.totalFilesProcessed).toBe(1);
  });

  it('tells items that cannot be read, the first hundred of them', async () => {
    const { host, news } = await runningEngine();
    const location = await newRepository();
    const missing = Array.from({ length: 120 }, (_, i) => join(source, `missing-${i}`));
    const small = join(source, 'folder-3');
    const summary = await host.calls.backup(backupOf(location, { sources: [small, ...missing] }));
    expect(summary.errors).toBe(120);
    const errors = news.filter(({ type }) => type === 'item-error');
    expect(errors).toHaveLength(100);
    expect(errors[0]).toEqual({
      type: 'item-error',
      runId: 'run-1',
      item: missing[0],
      message: 'no such file or directory',
    });
  });

  it('refuses arguments that the treaty does not know, and a second run of the same id', async () => {
    const { host, hears } = await runningEngine();
    const location = await newRepository();
    const wrong = { ...backupOf(location), runId: '../x', secret: 'hush' };
    await expect(host.calls.backup(wrong)).rejects.toMatchObject({
      failure: { code: 'usage', detail: { why: 'bad-argument', call: 'backup' } },
    });
    await expect(host.calls.backup(backupOf(location, { sources: ['relative'] }))).rejects.toMatchObject(
      refused('usage'),
    );
    await expect(host.calls.backup(backupOf(location, { sources: [] }))).rejects.toMatchObject(
      refused('source-missing'),
    );
    const heard = hears(isUploading);
    const first = host.calls.backup(backupOf(location));
    await heard;
    await expect(host.calls.backup(backupOf(location))).rejects.toMatchObject(refused('usage'));
    await host.calls.cancel({ runId: 'run-1' });
    await expect(first).rejects.toMatchObject(refused('cancelled'));
    expect(locksIn(location)).toEqual([]);
    expect(snapshotsIn(location)).toEqual([]);
  });

  it('killed in mid-run: the call is refused, another engine comes, the next backup succeeds, no lock is left', async () => {
    const { host, engines, states, hears, reaches } = await runningEngine();
    const location = await newRepository();
    const heard = hears(isUploading);
    const run = host.calls.backup(backupOf(location));
    await Promise.all([heard, hasLock(location)]);
    const [killed] = engines;
    process.kill(killed!.pid!, 'SIGKILL');
    await expect(run).rejects.toMatchObject(refused('unavailable'));
    expect(locksIn(location)).toHaveLength(1);
    await reaches('waiting');
    await expect(host.calls.backup(backupOf(location))).rejects.toMatchObject(refused('unavailable'));
    await reaches('ready');
    expect(states).toEqual(['starting', 'ready', 'waiting', 'starting', 'ready']);
    // On a slow machine it was sealed by then, and is finished first.
    const saved = { errors: 0, totalFilesProcessed: 1_040 };
    expect(await host.calls.backup(backupOf(location))).toMatchObject(saved);
    expect(locksIn(location)).toEqual([]);
    const checked = await slackwater(['check', '--read-data'], { repository: location, password });
    expect(checked).toMatchObject({ code: 0 });
  });

  it('drains: the run ends as cancelled, the lock is gone, and so is the process', async () => {
    const { host, engines, hears } = await runningEngine();
    const location = await newRepository();
    const heard = hears(isUploading);
    const run = host.calls.backup(backupOf(location));
    await Promise.all([heard, hasLock(location)]);
    expect(locksIn(location)).toHaveLength(1);
    const drained = host.drain();
    await expect(run).rejects.toMatchObject(refused('cancelled'));
    await drained;
    expect(Object.keys(folderState(location)).filter((path) => /^locks|-tmp-/.test(path))).toEqual([]);
    expect(() => process.kill(engines[0]!.pid!, 0)).toThrow('ESRCH');
    await expect(host.calls.lookAtVault({ location, password })).rejects.toMatchObject(
      refused('unavailable'),
    );
  });

  it('leaves the locks of others alone', async () => {
    const { host, engines, reaches } = await runningEngine();
    const location = await newRepository();
    process.kill(engines[0]!.pid!, 'SIGKILL');
    await reaches('waiting');
    await reaches('ready');
    const other = spawn(process.execPath, [
      fileURLToPath(new URL('./hold-a-lock.ts', import.meta.url)),
      location,
    ]);
    try {
      await once(other.stdout, 'data');
      expect(locksIn(location)).toHaveLength(1);
      await host.calls.backup(backupOf(location, { sources: [join(source, 'folder-1')] }));
      const { locks } = await host.calls.lookAtVault({ location, password });
      expect(locks).toMatchObject([{ pid: other.pid, exclusive: false, ours: false }]);
    } finally {
      other.kill('SIGKILL');
    }
  });
});

describe('places', () => {
  it('says why a place cannot be used, and leaves every place as it was', async () => {
    const { host } = await runningEngine();
    const folder = temporaryFolder('engine-places');
    writeFileSync(join(folder, 'file'), 'x');
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'cut-off', 'keys'), { recursive: true });
    const before = folderState(folder);
    const test = (name: string) => host.calls.testPlace({ location: join(folder, name) });
    expect(await test('.')).toMatchObject({ at: 'unusable', ...refused('file-exists') });
    expect(await test('file')).toMatchObject({ at: 'unusable', ...refused('file-exists') });
    expect(await test('file/below')).toMatchObject({ at: 'unusable', ...refused('file-exists') });
    expect(await host.calls.testPlace({ location: 'azure:container:/x' })).toMatchObject({
      at: 'unusable',
      ...refused('location-unsupported'),
    });
    const some = expect.any(Number);
    for (const name of ['empty', 'cut-off', 'not/there/yet'])
      expect(await test(name)).toEqual({ at: 'empty', writable: true, freeBytes: some, writeMs: some });
    expect(folderState(folder)).toEqual(before);
    expect(() => statSync(join(folder, 'not'))).toThrow('ENOENT');
  });
});

describe('the entry', () => {
  const entry = fileURLToPath(new URL('../../engine/worker/entry.ts', import.meta.url));

  it('says so where nobody started it as a part', () => {
    const ran = spawnSync(process.execPath, [entry], { encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 2, stdout: '' });
    expect(ran.stderr).toMatch(/part of Slackwater/);
  });

  it('ignores SIGHUP and SIGINT, and ends when its port closes', async () => {
    const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const say = (number: number): boolean =>
      child.send({ kind: 'call', number, name: 'cancel', argument: { runId: 'none' } });
    say(1);
    await once(child, 'message');
    child.kill('SIGHUP');
    child.kill('SIGINT');
    say(2);
    expect(await once(child, 'message')).toMatchObject([{ kind: 'answer', number: 2 }, undefined]);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends its run and gives its lock back when whoever started it goes away in the middle', async () => {
    const location = await newRepository();
    const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const uploading = new Promise<void>((resolve) =>
      child.on('message', (message) => {
        const { news } = message as { news?: EngineNews };
        if (news !== undefined && isUploading(news)) resolve();
      }),
    );
    child.send({ kind: 'call', number: 1, name: 'backup', argument: backupOf(location) });
    await uploading;
    expect(locksIn(location)).toHaveLength(1);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect({ locks: locksIn(location), snapshots: snapshotsIn(location) }).toEqual({
      locks: [],
      snapshots: [],
    });
  });

  it('names itself in snapshots as the command line does', async () => {
    const { host } = await runningEngine();
    const location = await newRepository();
    const sources = [join(source, 'folder-0')];
    await host.calls.backup(backupOf(location, { sources }));
    const options = { repository: location, password };
    expect((await slackwater(['backup', ...sources], options)).code).toBe(0);
    const listed = await slackwater(['snapshots', '--json'], options);
    const snapshots = JSON.parse(listed.stdout) as { program_version: string }[];
    expect(snapshots.map((snapshot) => snapshot.program_version)).toEqual([programName, programName]);
  });
});
