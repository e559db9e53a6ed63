/** Rows E1 and E2 with the real restic: listings lag by five seconds, and one backs up while the other works alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { fromText } from '../../engine/base/byte-string.ts';
import { type Log, silentLog } from '../../engine/base/log.ts';
import { runBackup } from '../../engine/job/backup.ts';
import { holdLock } from '../../engine/repo/hold-lock.ts';
import { openRepository, type Repository } from '../../engine/repo/repository.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { hostFacts, realChance, realClock, realCompute } from '../../engine/worker/real-world.ts';
import { requestWith } from '../support/back-up.ts';
import { seededChance } from '../support/fixed-world.ts';
import { type LaggingProxy, laggingBackend, laggingProxy } from '../support/lagging-listings.ts';
import { compareFolders } from '../support/oracle.ts';
import { describeWithPeers, peer } from '../support/peers.ts';
import { type ResticEnded, runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testPassword } from '../support/test-repository.ts';

const lagMs = 5_000;
const password = testPassword.reveal();
let home = '';
let folder = '';
let server: ChildProcess;
let proxy: LaggingProxy;

const restic = (...args: string[]): Promise<ResticEnded> =>
  runRestic(args, { repo: `rest:http://127.0.0.1:${proxy.port}/`, password });

beforeEach(async () => {
  home = temporaryFolder('lag');
  folder = join(home, 'repo');
  mkdirSync(join(home, 'source'));
  for (let i = 0; i < 12; i++)
    writeFileSync(join(home, 'source', `${i}`), seededChance(`file ${i}`).bytes(1_000_000));
  const port = await freePort();
  const args = ['--path', folder, '--listen', `127.0.0.1:${port}`, '--no-auth'];
  server = spawn(peer('rest-server')!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(server.stderr!, 'data');
  await sleep(500);
  proxy = await laggingProxy(port, folder, lagMs);
  expect((await restic('init')).code).toBe(0);
});

afterEach(async () => {
  proxy.close();
  server.kill();
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function ours(log: Log = silentLog): Promise<Repository> {
  const world = { clock: realClock, chance: realChance, log, host: hostFacts(), compute: realCompute() };
  return await openRepository(
    laggingBackend(openLocalBackend(folder, realChance), folder, proxy),
    testPassword,
    world,
  );
}

describeWithPeers(['restic', 'rest-server'], 'listings that lag by five seconds', () => {
  it('our backup and a prune of restic 1.6 s apart: both finish, and every file can be restored', async () => {
    expect((await restic('backup', join(home, 'source', '0'))).code).toBe(0);
    expect((await restic('forget', 'latest', '--unsafe-allow-remove-all', '--keep-last', '1')).code).toBe(0);
    const request = requestWith({ targets: [fromText(join(home, 'source'))], lockRetryMs: 120_000 });
    const listener = { progress: () => undefined, news: () => undefined };
    const backup = ours().then((repository) =>
      runBackup(repository, realFiles, request, listener, new AbortController().signal),
    );
    await sleep(1_600);
    const pruned = await restic('prune', '--max-unused', '0', '--retry-lock', '2m');
    const { snapshotId = '' } = await backup;
    expect(pruned.code).toBe(0);
    await sleep(lagMs);
    expect((await restic('check', '--read-data')).code).toBe(0);
    expect((await restic('restore', snapshotId, '--target', join(home, 'target'))).code).toBe(0);
    expect(compareFolders(join(home, 'source'), join(home, 'target', home, 'source'))).toEqual([]);
  });

  it('a backup of restic and our work alone 1.6 s later: one waits for the other', async () => {
    const backup = restic('backup', '--limit-upload', '500', join(home, 'source'));
    await sleep(1_600);
    let isBackupOver = false;
    void backup.then(() => {
      isBackupOver = true;
    });
    const alone = await holdLock(await ours(), { exclusive: true, retryMs: 180_000 });
    expect(isBackupOver).toBe(true);
    await alone.release();
    expect((await backup).code).toBe(0);
  });

  it('a lock that is gone but listed keeps our exclusive work for the settle time only', async () => {
    expect((await restic('backup', join(home, 'source', '1'))).code).toBe(0);
    const told: string[] = [];
    const log = { warn: (line: string) => told.push(line), note: (line: string) => told.push(line) };
    const alone = await holdLock(await ours(log), { exclusive: true });
    await alone.release();
    expect(told.join()).toContain('looking again');
  });
});
