/**
 * A machine that sleeps in the middle of an upload, while somebody removes its lock and prunes what it has stored: its run
 * goes on or fails clearly, and no snapshot is ever broken.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededChance } from '../support/fixed-world.ts';
import { compareFolders } from '../support/oracle.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type RestServer, startRestServer } from '../support/rest-server.ts';
import { type ResticEnded, runRestic } from '../support/restic.ts';
import { program } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const password = 'correct horse';
const clear = /The lock on the repository was lost/;

let home = '';
let server: RestServer;
let running: ChildProcess | undefined;

const folder = (): string => join(server.folder, 'vault');
const restic = (...args: string[]): Promise<ResticEnded> => runRestic(args, { repo: folder(), password });

beforeEach(async () => {
  home = temporaryFolder('stopped');
  mkdirSync(join(home, 'source'));
  for (let i = 0; i < 8; i++)
    writeFileSync(join(home, 'source', `${i}`), seededChance(`stopped ${i}`).bytes(4_000_000));
  server = await startRestServer();
  expect((await restic('init')).code).toBe(0);
});

afterEach(async () => {
  running?.kill('SIGKILL');
  await server.close();
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number; readonly said: string }>;
}

/** Slow enough to be stopped in the middle; packs of 4 MiB, so that some are stored by then. */
function startBackup(): Started {
  const options = ['--limit-upload', '2000', '--pack-size', '4', 'backup', join(home, 'source')];
  const child = spawn(process.execPath, [program, ...options], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      SLACKWATER_REPOSITORY: server.location('vault'),
      SLACKWATER_PASSWORD: password,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running = child;
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), said: said.join('') }));
  return { child, ended };
}

function packs(): number {
  const data = join(folder(), 'data');
  return readdirSync(data).reduce(
    (sum, name) =>
      sum +
      (statSync(join(data, name)).isDirectory()
        ? readdirSync(join(data, name)).filter((file) => /^[0-9a-f]{64}$/.test(file)).length
        : 0),
    0,
  );
}

async function stopInMidUpload({ child, ended }: Started): Promise<void> {
  for (let tries = 0; tries < 1_200 && packs() < 2; tries++) await Promise.race([sleep(50), ended]);
  child.kill('SIGSTOP');
  expect(packs()).toBeGreaterThanOrEqual(2);
  expect(readdirSync(join(folder(), 'snapshots'))).toEqual([]);
}

async function isWhole(): Promise<void> {
  const checked = await restic('check', '--read-data');
  expect(`${checked.code} ${checked.stderr}`).toMatch(/^0 /);
  if (readdirSync(join(folder(), 'snapshots')).length === 0) return;
  expect((await restic('restore', 'latest', '--target', join(home, 'target'))).code).toBe(0);
  expect(compareFolders(join(home, 'source'), join(home, 'target', home, 'source'))).toEqual([]);
}

describeWithPeers(['restic', 'rest-server'], 'a backup that is stopped in mid-upload', () => {
  it('goes on where nobody came in between', { timeout: 300_000 }, async () => {
    const backup = startBackup();
    await stopInMidUpload(backup);
    await sleep(15_000);
    backup.child.kill('SIGCONT');
    const { code, said } = await backup.ended;
    expect(`${code} ${said}`).toMatch(/^0 /);
    await isWhole();
  });

  it('leaves no broken snapshot where its lock and its packs were taken away', {
    timeout: 300_000,
  }, async () => {
    const backup = startBackup();
    await stopInMidUpload(backup);
    expect((await restic('unlock', '--remove-all')).code).toBe(0);
    expect((await restic('prune', '--max-unused', '0')).code).toBe(0);
    expect(packs()).toBe(0);
    backup.child.kill('SIGCONT');
    const { code, said } = await backup.ended;
    if (code !== 0) expect(said).toMatch(clear);
    expect(readdirSync(join(folder(), 'snapshots'))).toHaveLength(code === 0 ? 1 : 0);
    await isWhole();
    const again = await startBackup().ended;
    expect(`${again.code} ${again.said}`).toMatch(/^0 /);
    await isWhole();
  });
});
