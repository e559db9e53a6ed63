import { expect, it } from 'vitest';
import { silentLog } from '../../engine/base/log.ts';
import { formatTime } from '../../engine/format/go-time.ts';
import { encodeLock, type Lock } from '../../engine/format/lock-file.ts';
import { inTurn } from '../../engine/job/vault-queue.ts';
import { openLockMemory } from '../../engine/journal/sqlite-lock-memory.ts';
import { noteLag } from '../../engine/repo/lag-memory.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import { lookAtWork, unlockSafely } from '../../engine/worker/lock-answers.ts';
import { saveFile } from '../support/save-file.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

const minuteMs = 60_000;

async function opened(): Promise<TestRepository> {
  const repository = await testRepository();
  const locks = openLockMemory(temporaryFolder('lock-answers'), silentLog);
  const lookAtProcess = () => ({ is: 'running' as const, sinceMs: 0 });
  return { ...repository, world: { ...repository.world, locks, lookAtProcess } };
}

async function lockOfOthers(repository: Repository, change: Partial<Lock> = {}): Promise<string> {
  const time = formatTime(repository.world.clock.wallNs());
  const lock: Lock = { time, exclusive: true, hostname: 'PC-2', username: 'anna', pid: 7, uid: 0, gid: 0 };
  return await saveFile(repository, 'lock', encodeLock({ ...lock, ...change }));
}

it('says who works, who waits and how far lists lag', async () => {
  const repository = await opened();
  const id = await lockOfOthers(repository, { hostname: 'h'.repeat(9_999) });
  noteLag(repository, 3_000);
  const { host } = repository.world;
  const other = { ...repository, world: { ...repository.world, host: { ...host, pid: 99 } } };
  const controller = new AbortController();
  const request = (label: string, told: () => void = () => undefined) => ({
    ...{ work: 'backup' as const, label, exclusive: false, signal: controller.signal },
    hasPendingCommit: () => false,
    waits: told,
  });
  await inTurn(other, request('theirs'), async () => {
    const waits = new Promise<void>((resolve) => {
      const mine = inTurn(repository, request('mine', resolve), async () => undefined);
      mine.catch(() => undefined);
    });
    await waits;
    const { locks, queue, lag } = await lookAtWork(repository);
    const verdict = { is: 'live', because: 'young' };
    const holder = { username: 'anna', pid: 7, exclusive: true, ours: false, verdict };
    expect(locks).toMatchObject([{ id, hostname: 'h'.repeat(255), ...holder }]);
    expect(queue).toMatchObject([
      { pid: 99, label: 'theirs', isWorking: true, ours: false },
      { pid: host.pid, label: 'mine', isWorking: false, ours: true },
    ]);
    expect(lag).toMatchObject({ floorMs: 0, seenMs: 3_000, boundMs: 6_000, isForOneClient: false });
    controller.abort();
  });
});

it('removes what is proven stale, and nothing else', async () => {
  const repository = await opened();
  const { clock } = repository.world;
  const old = await lockOfOthers(repository, { exclusive: false });
  const { hostname, pid } = repository.world.host;
  await lockOfOthers(repository, { hostname, pid, exclusive: false });
  expect(await unlockSafely(repository)).toEqual({ removed: 0, kept: 2 });
  for (let i = 0; i < 8; i++) {
    await clock.advance(5 * minuteMs);
    await lookAtWork(repository);
  }
  const young = await lockOfOthers(repository, { hostname: 'PC-3' });
  const before = (await lookAtWork(repository)).locks;
  expect(before.find(({ id }) => id === old)?.verdict).toEqual({ is: 'stale', because: 'not-refreshed' });
  expect(await unlockSafely(repository)).toEqual({ removed: 1, kept: 2 });
  const { locks } = await lookAtWork(repository);
  expect(locks.map(({ hostname }) => hostname).sort()).toEqual(['PC-3', 'testhost']);
  expect(locks.map(({ id }) => id)).toContain(young);
});
