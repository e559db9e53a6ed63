/** Locks beside the real restic: verdicts on its locks, its `unlock` beside ours, and a terminal that goes away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { silentLog } from '../../engine/base/log.ts';
import { formatTime } from '../../engine/format/go-time.ts';
import { encodeLock, type Lock } from '../../engine/format/lock-file.ts';
import { viewLocks } from '../../engine/job/view-locks.ts';
import { openLockMemory } from '../../engine/journal/sqlite-lock-memory.ts';
import { openRepository, type Repository } from '../../engine/repo/repository.ts';
import {
  hostFacts,
  lookAtProcess,
  realChance,
  realClock,
  realCompute,
} from '../../engine/worker/real-world.ts';
import { describeWithPeers, peer } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { saveFile } from '../support/save-file.ts';
import { program } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testPassword } from '../support/test-repository.ts';

const minuteMs = 60_000;
const password = testPassword.reveal();

let repo = '';
let aheadMs = 0;

beforeEach(async () => {
  repo = join(temporaryFolder('locks'), 'repo');
  aheadMs = 0;
  expect((await runRestic(['init'], { repo, password })).code).toBe(0);
});

/** Without those that are being written. */
const lockFiles = (): string[] =>
  readdirSync(join(repo, 'locks')).filter((name) => /^[0-9a-f]{64}$/.test(name));

async function appears(count: number): Promise<void> {
  for (let tries = 0; tries < 600 && lockFiles().length !== count; tries++) await sleep(50);
  expect(lockFiles()).toHaveLength(count);
}

/** As seen by us, at a wall time that the test moves. */
async function open(): Promise<Repository> {
  const clock = { ...realClock, wallNs: () => realClock.wallNs() + BigInt(aheadMs) * 1_000_000n };
  const locks = openLockMemory(temporaryFolder('memory'), silentLog);
  const host = hostFacts();
  const compute = realCompute();
  const world = { clock, chance: realChance, log: silentLog, host, compute, locks, lookAtProcess };
  return await openRepository(openLocalBackend(repo, realChance), testPassword, world);
}

/** The verdicts now and at later times, minutes from the beginning. */
async function verdicts(repository: Repository, ...atMinutes: number[]): Promise<string[]> {
  const found: string[] = [];
  for (const minutes of atMinutes) {
    aheadMs = minutes * minuteMs;
    for (const { verdict } of await viewLocks(repository)) found.push(`${verdict.is}: ${verdict.because}`);
  }
  return found;
}

function started(child: ChildProcess): ChildProcess {
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** A backup that goes on until its input ends. */
function resticAtWork(): ChildProcess {
  const env = { ...process.env, RESTIC_REPOSITORY: repo, RESTIC_PASSWORD: password };
  const args = ['--no-cache', 'backup', '--stdin'];
  return started(spawn(peer('restic')!, args, { env, stdio: ['pipe', 'ignore', 'ignore'] }));
}

function slackwaterAtWork(): ChildProcess {
  const env = { ...process.env, SLACKWATER_REPOSITORY: repo, SLACKWATER_PASSWORD: password };
  const args = [program, 'backup', '--stdin'];
  return started(spawn(process.execPath, args, { env, stdio: ['pipe', 'ignore', 'ignore'] }));
}

async function endOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

const elsewhere = { hostname: 'elsewhere', username: 'ann', pid: 1, uid: 0, gid: 0, exclusive: false };

async function saveLock(repository: Repository, lock: Partial<Lock>, ageMs: number): Promise<void> {
  const time = formatTime(realClock.wallNs() - BigInt(ageMs) * 1_000_000n);
  await saveFile(repository, 'lock', encodeLock({ ...elsewhere, time, ...lock }));
}

describeWithPeers(['restic'], 'verdicts', () => {
  it('a restic that works is live, whatever its lock looks like', async () => {
    resticAtWork();
    await appears(1);
    expect(await verdicts(await open(), 0, 40, 600)).toEqual(Array(3).fill('live: process-runs'));
  });

  it('one that was killed is stale when nobody refreshed its lock for long enough', async () => {
    const restic = resticAtWork();
    await appears(1);
    restic.kill('SIGKILL');
    await endOf(restic);
    expect(await verdicts(await open(), 0, 5, 7)).toEqual([
      'unsure: looked-too-short',
      'unsure: looked-too-short',
      'stale: process-gone',
    ]);
  });

  it('one of another host is live while it is young, and stale after a long look', async () => {
    const repository = await open();
    await saveLock(repository, {}, 0);
    expect(await verdicts(repository, 0, 10, 29, 31)).toEqual([
      'live: young',
      'live: young',
      'live: young',
      'stale: not-refreshed',
    ]);
  });

  it.each([60, -60])('a clock that is wrong by %d minutes makes no live lock stale', async (wrongMinutes) => {
    const repository = await open();
    await saveLock(repository, {}, wrongMinutes * minuteMs);
    expect(await verdicts(repository, 0, 5)).toEqual(Array(2).fill('unsure: looked-too-short'));
    await saveLock(repository, {}, (wrongMinutes - 5) * minuteMs);
    expect(await verdicts(repository, 5.1, 9)).toEqual(Array(2).fill('live: refreshed'));
  });

  it('one that cannot be read, or is empty, is never stale', async () => {
    const repository = await open();
    writeFileSync(join(repo, 'locks', 'a'.repeat(64)), 'no lock');
    writeFileSync(join(repo, 'locks', 'b'.repeat(64)), '');
    expect(await verdicts(repository, 0, 600)).toEqual(Array(4).fill('unsure: unreadable'));
  });
});

describeWithPeers(['restic'], 'beside restic', () => {
  it("a process of ours that holds a lock outlives restic's question whether it lives", async () => {
    const ours = slackwaterAtWork();
    await appears(1);
    expect((await runRestic(['unlock'], { repo, password })).code).toBe(0);
    expect(lockFiles()).toHaveLength(1);
    ours.stdin?.end('content');
    expect(await endOf(ours)).toBe(0);
    expect(lockFiles()).toEqual([]);
  });

  it('each waits for the other where one works alone, and neither beside who shares', async () => {
    const restic = resticAtWork();
    await appears(1);
    const ours = slackwaterAtWork();
    await appears(2);
    expect((await runRestic(['prune'], { repo, password })).code).toBe(11);
    for (const child of [restic, ours]) child.stdin?.end('content');
    expect([await endOf(restic), await endOf(ours)]).toEqual([0, 0]);
    expect((await runRestic(['check', '--read-data'], { repo, password })).code).toBe(0);
  });

  it('ends in order when its terminal goes away', async () => {
    const env = {
      ...process.env,
      SLACKWATER_REPOSITORY: repo,
      SLACKWATER_PASSWORD: password,
      SHELL: '/bin/sh',
    };
    const line = `exec '${process.execPath}' '${program}' backup --stdin`;
    const terminal = started(
      spawn('script', ['-qec', line, '/dev/null'], { env, stdio: ['pipe', 'ignore', 'ignore'] }),
    );
    await appears(1);
    terminal.kill('SIGKILL');
    await appears(0);
  });
});
