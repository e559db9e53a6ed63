import { expect, it } from 'vitest';
import { silentLog } from '../../engine/base/log.ts';
import { inTurn, type QueueRequest } from '../../engine/job/vault-queue.ts';
import { openLockMemory } from '../../engine/journal/sqlite-lock-memory.ts';
import type { ProcessLook, Repository } from '../../engine/repo/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

const folder = (): string => temporaryFolder('queue');

/** The same repository as processes of one machine see it: each with a memory of its own on the same disk. */
async function processes(
  count: number,
  dead: ReadonlySet<number> = new Set(),
): Promise<[TestRepository, Repository[]]> {
  const repository = await testRepository();
  const data = folder();
  const lookAtProcess = (pid: number): ProcessLook => ({
    is: dead.has(pid) ? 'gone' : 'running',
    sinceMs: pid,
  });
  const seen = Array.from({ length: count }, (_, i) => {
    const host = { ...repository.world.host, pid: 100 + i };
    const world = { ...repository.world, host, lookAtProcess, locks: openLockMemory(data, silentLog) };
    return { ...repository, world };
  });
  return [repository, seen];
}

function request(told: string[] = [], changed: Partial<QueueRequest> = {}): QueueRequest {
  return {
    work: 'backup',
    label: 'documents',
    exclusive: false,
    signal: new AbortController().signal,
    hasPendingCommit: () => false,
    waits: ({ because, position }) => told.push(`${because} ${position}`),
    ...changed,
  };
}

it('processes of one machine work one after the other, and are told their position', async () => {
  const [{ world }, [a, b, c]] = await processes(3);
  const done: string[] = [];
  const told: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    await world.clock.sleep(5_000);
    done.push(name);
  };
  const all = [inTurn(a!, request(), work('a'))];
  await world.clock.advance(10);
  all.push(inTurn(b!, request(), work('b')));
  await world.clock.advance(10);
  all.push(inTurn(c!, request(told), work('c')));
  await world.clock.advance(1_000);
  expect([done, told]).toEqual([[], ['turn 2']]);
  await world.clock.advance(20_000);
  await Promise.all(all);
  expect([done, told]).toEqual([
    ['a', 'b', 'c'],
    ['turn 2', 'turn 1'],
  ]);
});

it('who died is not waited for', async () => {
  const dead = new Set<number>();
  const [{ world }, [a, b]] = await processes(2, dead);
  void inTurn(a!, request(), () => new Promise(() => undefined));
  await world.clock.advance(1_000);
  const told: string[] = [];
  const second = inTurn(b!, request(told), async () => 'done');
  await world.clock.advance(1_000);
  expect(told).toEqual(['turn 1']);
  dead.add(100);
  await world.clock.advance(1_000);
  expect(await second).toBe('done');
});

it('the same maintenance is done once in a window, and again when it failed', async () => {
  const [, [a, b]] = await processes(2);
  const prune = request([], { work: 'maintenance', label: 'prune', exclusive: true });
  const failing = inTurn(a!, prune, async () => {
    throw new Error('no network');
  });
  await expect(failing).rejects.toThrow('no network');
  expect(await inTurn(a!, prune, async () => 'pruned')).toBe('pruned');
  expect(await inTurn(b!, prune, async () => 'pruned')).toBe('merged');
});

it('nothing exclusive begins while a commit of ours is pending, and who gives up leaves the queue', async () => {
  const [{ world }, [a, b]] = await processes(2);
  const stop = new AbortController();
  const told: string[] = [];
  const prune = { work: 'maintenance', label: 'prune', exclusive: true } as const;
  const waiting = inTurn(
    a!,
    request(told, { ...prune, signal: stop.signal, hasPendingCommit: () => true }),
    async () => 'pruned',
  ).catch((error: unknown) => error);
  await world.clock.advance(5_000);
  expect(told).toEqual(['pending-commit 1']);
  stop.abort();
  expect(await waiting).toMatchObject({ code: 'cancelled' });
  expect(await inTurn(b!, request([], prune), async () => 'pruned')).toBe('pruned');
});
