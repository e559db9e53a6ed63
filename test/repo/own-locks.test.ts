import { expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { limits } from '../../engine/base/limits.ts';
import { holdLock } from '../../engine/repo/hold-lock.ts';
import { ownLeftovers } from '../../engine/repo/own-locks.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import { sealFile } from '../../engine/repo/unpacked-files.ts';
import type { MemoryBackend } from '../support/memory-backend.ts';
import { MemoryJournal } from '../support/memory-journal.ts';
import { type TestWorld, testRepository } from '../support/test-repository.ts';

interface Remembering extends Repository {
  readonly backend: MemoryBackend;
  readonly world: TestWorld & { readonly locks: NonNullable<Repository['world']['locks']> };
}

async function remembering(): Promise<Remembering> {
  const repository = await testRepository();
  const memory = new MemoryJournal();
  const locks = Object.assign(memory, {
    lags: () => [],
    rememberLags: () => undefined,
    looks: () => [],
    rememberLooks: () => undefined,
    queue: () => [],
    changeQueue: () => [],
  });
  const backend = repository.backend as MemoryBackend;
  return { ...repository, backend, world: { ...repository.world, locks } };
}

const nowMs = (repository: Remembering): number => Number(repository.world.clock.wallNs() / 1_000_000n);

function names(repository: Remembering): string[] {
  return repository.world.locks.ownLocks(repository.config.id).map(({ id }) => id);
}

/** A lock of a process of ours that is no more: noted, and on its way. */
function onItsWay(repository: Remembering): { id: string; arrive: () => void } {
  const { hostname, username, pid } = repository.world.host;
  const lock = { time: '2024-05-06T07:08:09Z', exclusive: false, hostname, username, pid };
  const { id, bytes } = sealFile(repository, 'lock', JSON.stringify(lock));
  repository.world.locks.lockWritten(repository.config.id, { id, writtenMs: nowMs(repository) });
  return { id, arrive: () => void repository.backend.files.set(`lock/${id}`, bytes) };
}

function lockFiles({ backend }: Remembering): string[] {
  return [...backend.files.keys()].filter((key) => key.startsWith('lock/'));
}

async function hold(repository: Remembering): Promise<Awaited<ReturnType<typeof holdLock>>> {
  const held = holdLock(repository, { exclusive: false });
  const [lock] = await Promise.all([held, repository.world.clock.advance(1_000)]);
  return lock;
}

it('removes with our own lock what a dead process of ours sent and we missed at first', async () => {
  const repository = await remembering();
  const { arrive } = onItsWay(repository);
  const lock = await hold(repository);
  arrive();
  expect(lockFiles(repository)).toHaveLength(2);
  await lock.release();
  expect(lockFiles(repository)).toEqual([]);
  expect(names(repository)).toEqual([]);
});

it('remembers what it missed until nothing can bring it any more', async () => {
  const repository = await remembering();
  const { id, arrive } = onItsWay(repository);
  const lock = await hold(repository);
  await lock.release();
  expect(names(repository)).toEqual([id]);
  arrive();
  expect((await ownLeftovers(repository)).over).toEqual([id]);
  repository.backend.files.delete(`lock/${id}`);
  await repository.world.clock.advance(limits.lateRequestMsMax);
  expect(await ownLeftovers(repository)).toEqual({ over: [], missed: [] });
  expect(names(repository)).toEqual([]);
});

it('removes from a folder what may be half written before it forgets it', async () => {
  const repository = await remembering();
  const { id } = onItsWay(repository);
  const removed: string[] = [];
  repository.backend.before = (operation, { name }) => void (operation === 'remove' && removed.push(name));
  const near = { ...repository, backend: Object.assign(repository.backend, { folder: '/vault' }) };
  await ownLeftovers(near);
  expect(removed).toEqual([]);
  await repository.world.clock.advance(limits.lateRequestMsMax + 1);
  await ownLeftovers(near);
  expect([removed, names(repository)]).toEqual([[id], []]);
});

it('forgets at once what was there and was removed, and not what it never saw arrive', async () => {
  const repository = await remembering();
  await (await hold(repository)).release();
  expect(names(repository)).toEqual([]);
  repository.backend.before = (operation, file) => {
    if (operation === 'save' && file.type === 'lock') throw new Failure('permission-denied');
  };
  await expect(hold(repository)).rejects.toMatchObject({ code: 'permission-denied' });
  expect(names(repository)).toHaveLength(1);
});

it('forgets what another process of ours left and this one removed', async () => {
  const repository = await remembering();
  onItsWay(repository).arrive();
  const lock = await hold(repository);
  expect(names(repository)).toHaveLength(1);
  await lock.release();
  expect([names(repository), lockFiles(repository)]).toEqual([[], []]);
});
