/** The commands about locks, in this process: what they show, what they remove, and what they refuse. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { silentLog } from '../../engine/base/log.ts';
import { encodeLock } from '../../engine/format/lock-file.ts';
import { openLockMemory } from '../../engine/journal/sqlite-lock-memory.ts';
import { initRepository, type Repository } from '../../engine/repo/repository.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { seededChance } from '../support/fixed-world.ts';
import { saveFile } from '../support/save-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';
import { cliWorld, type Ran, type RunOptions } from './cli-world.ts';

const minuteMs = 60_000;
const password = testPassword.reveal();

let home = '';
let repository: Repository;
let run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;

beforeEach(async () => {
  home = temporaryFolder('locks');
  const backend = openLocalBackend(join(home, 'repo'), seededChance('locks'));
  repository = await initRepository(backend, testPassword, testWorld(), { kdfCost: cheapKdfCost });
  const environment = { SLACKWATER_REPOSITORY: join(home, 'repo'), SLACKWATER_PASSWORD: password };
  run = (args, options = {}) => cliWorld(home)(args, { environment, ...options });
});

const lockFiles = (): string[] => readdirSync(join(home, 'repo', 'locks'));

async function leaveLock(hostname: string, exclusive = false): Promise<string> {
  const time = new Date(Number(realClock.wallNs() / 1_000_000n)).toISOString();
  const who = { username: 'ann', pid: 77, uid: 0, gid: 0 };
  return await saveFile(repository, 'lock', encodeLock({ time, exclusive, hostname, ...who }));
}

const ahead = (minutes: number): RunOptions => ({
  clock: { ...realClock, wallNs: () => realClock.wallNs() + BigInt(minutes * minuteMs) * 1_000_000n },
});

it('lists nobody, somebody, and as JSON', async () => {
  expect((await run(['locks'])).stdout).toBe('Nobody holds a lock.\n');
  const id = await leaveLock('else\x1b[2Jwhere', true);
  const { code, stdout } = await run(['locks']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ann.*77.*exclusive.*live.*younger/);
  expect(stdout).not.toContain('\x1b[2J');
  const { json } = await run(['locks', '--json']);
  expect(json).toMatchObject([
    [{ ids: [id], pid: 77, exclusive: true, ours: false, verdict: 'live', because: 'young' }],
  ]);
});

it('watches until it is told to stop', async () => {
  await leaveLock('elsewhere');
  const stop = new AbortController();
  const clock = {
    ...realClock,
    sleep: async (): Promise<void> => stop.abort(),
  };
  const { code, stdout } = await run(['locks', '--watch'], { clock, signal: stop.signal });
  expect(code).toBe(130);
  expect(stdout).toContain('elsewhere');
});

it('removes what two looks prove stale, and leaves what lives', async () => {
  await leaveLock('elsewhere');
  expect((await run(['unlock'])).stderr).toMatch(/These stay:[\s\S]*live/);
  expect(lockFiles()).toHaveLength(1);
  const living = await leaveLock('alive');
  const later = await run(['unlock', '--json'], ahead(31));
  expect(later.json).toMatchObject([{ message_type: 'unlocked', removed: [{ hostname: 'elsewhere' }] }]);
  expect(lockFiles()).toEqual([living]);
});

it('removes at once what a crash of ours left, and a new run does so by itself', async () => {
  const gone = { is: 'gone' } as const;
  const lookAtProcess = () => gone;
  const memory = openLockMemory(join(home, 'data'), silentLog);
  for (const command of [['unlock'], ['snapshots']]) {
    memory.lockWritten(repository.config.id, { id: await leaveLock('testhost', true), writtenMs: 0 });
    const ran = await run(command, { lookAtProcess });
    expect([ran.code, lockFiles()]).toEqual([0, []]);
    expect(memory.ownLocks(repository.config.id)).toEqual([]);
  }
  memory.lockWritten(repository.config.id, { id: await leaveLock('testhost', true), writtenMs: 0 });
  const beside = await run(['snapshots'], { lookAtProcess: () => ({ is: 'running' }) });
  expect([beside.code, lockFiles().length]).toEqual([11, 1]);
  memory.close();
});

it('removes all only where it is confirmed, and warns', async () => {
  writeFileSync(join(home, 'repo', 'locks', 'a'.repeat(64)), 'unreadable');
  await leaveLock('elsewhere');
  const refused = await run(['unlock', '--remove-all']);
  expect([refused.code, lockFiles().length]).toEqual([1, 2]);
  expect(refused.stderr).toContain('--yes');
  const done = await run(['unlock', '--remove-all', '--yes']);
  expect([done.code, lockFiles()]).toEqual([0, []]);
  expect(done.stderr).toContain('warning');
});

it('says who is in the way, and what to do', async () => {
  await leaveLock('elsewhere', true);
  const { code, stderr } = await run(['snapshots']);
  expect(code).toBe(11);
  expect(stderr).toMatch(/locked by ann on elsewhere.*slackwater locks/);
});
