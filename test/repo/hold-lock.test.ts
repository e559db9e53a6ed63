import { describe, expect, it } from 'vitest';
import { isFailure } from '../../engine/base/failure.ts';
import { decodeLock } from '../../engine/format/lock-file.ts';
import { holdLock } from '../../engine/repo/hold-lock.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import { storeAndSee } from '../../engine/repo/see-stored.ts';
import { loadFile, sealFile } from '../../engine/repo/unpacked-files.ts';
import type { MemoryBackend } from '../support/memory-backend.ts';
import { saveFile } from '../support/save-file.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

const minuteMs = 60_000;

async function lockIds({ backend }: Repository): Promise<string[]> {
  const ids: string[] = [];
  for await (const { name } of backend.list('lock')) ids.push(name);
  return ids;
}

/** What a promise comes to while the clock is turned. */
async function during<Result>(
  repository: TestRepository,
  work: Promise<Result>,
  ms = 1000,
): Promise<Result | Error> {
  const settled = work.catch((error: Error) => error);
  await repository.world.clock.advance(ms);
  return await settled;
}

async function held(
  repository: TestRepository,
  exclusive: boolean,
): Promise<Awaited<ReturnType<typeof holdLock>>> {
  const lock = await during(repository, holdLock(repository, { exclusive }));
  if (lock instanceof Error) throw lock;
  return lock;
}

function lockBy(hostname: string, exclusive: boolean): string {
  return JSON.stringify({ time: '2024-05-06T07:08:09Z', exclusive, hostname, username: 'other', pid: 1 });
}

describe('holding a lock', () => {
  it('writes who works here, and leaves nothing behind', async () => {
    const repository = await testRepository();
    const lock = await held(repository, true);
    const [id] = await lockIds(repository);
    expect(decodeLock(await loadFile(repository, 'lock', id!))).toMatchObject({
      exclusive: true,
      hostname: 'testhost',
      username: 'tester',
      pid: 4242,
    });
    await lock.release();
    expect(await lockIds(repository)).toEqual([]);
  });

  it('lets reading begin once its own lock is there, and not where another one is in the way', async () => {
    const repository = await testRepository();
    const seen: number[] = [];
    const { files } = repository.backend as MemoryBackend;
    const whileSettling = (): void =>
      void seen.push([...files.keys()].filter((key) => key.startsWith('lock/')).length);
    const lock = await during(repository, holdLock(repository, { exclusive: true, whileSettling }));
    expect(seen).toEqual([1]);
    expect(await during(repository, holdLock(repository, { exclusive: false, whileSettling }))).toMatchObject(
      {
        code: 'repository-locked',
      },
    );
    expect(seen).toEqual([1]);
    if (!(lock instanceof Error)) await lock.release();
  });

  it('says when it is written, and when it gives way', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const told: string[] = [];
    let theirs: string | undefined;
    backend.afterSave = async ({ type }) => {
      if (type !== 'lock' || theirs !== undefined) return;
      theirs = '';
      theirs = await saveFile(repository, 'lock', lockBy('racer', true));
    };
    const holding = holdLock(repository, {
      exclusive: false,
      retryMs: 10 * minuteMs,
      whileSettling: () => told.push('written'),
      whenWithdrawn: () => told.push('withdrawn'),
    });
    await repository.world.clock.advance(1_000);
    expect(told).toEqual(['written', 'withdrawn']);
    backend.files.delete(`lock/${theirs}`);
    const lock = await during(repository, holding, 5 * minuteMs);
    expect(told).toEqual(['written', 'withdrawn', 'written']);
    if (!(lock instanceof Error)) await lock.release();
    expect(told).toHaveLength(3);
  });

  it.each([
    { mine: false, theirs: false, conflict: false },
    { mine: false, theirs: true, conflict: true },
    { mine: true, theirs: false, conflict: true },
    { mine: true, theirs: true, conflict: true },
  ])('exclusive: ours $mine, theirs $theirs, conflict $conflict', async ({ mine, theirs, conflict }) => {
    const repository = await testRepository();
    const theirId = await saveFile(repository, 'lock', lockBy('elsewhere', theirs));
    const outcome = await during(repository, holdLock(repository, { exclusive: mine }));
    if (!conflict) return expect(isFailure(outcome)).toBe(false);
    expect(outcome).toMatchObject({ code: 'repository-locked', detail: { hostname: 'elsewhere', pid: 1 } });
    expect(await lockIds(repository)).toEqual([theirId]);
  });

  it('gives way to a lock that was written at the same time', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    let theirs: Promise<string> | undefined;
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'lock' && theirs === undefined) {
        theirs = Promise.resolve('');
        theirs = saveFile(repository, 'lock', lockBy('racer', true));
      }
    };
    const outcome = await during(repository, holdLock(repository, { exclusive: false }));
    expect(outcome).toMatchObject({ code: 'repository-locked', detail: { hostname: 'racer' } });
    expect(await lockIds(repository)).toEqual([await theirs]);
  });

  it('tries again for as long as it may', async () => {
    const repository = await testRepository();
    const theirId = await saveFile(repository, 'lock', lockBy('elsewhere', true));
    const trying = holdLock(repository, { exclusive: true, retryMs: 10 * minuteMs });
    await repository.world.clock.advance(3 * minuteMs);
    await repository.backend.remove({ type: 'lock', name: theirId });
    const lock = await during(repository, trying, 2 * minuteMs);
    expect(isFailure(lock)).toBe(false);
    const late = holdLock(repository, { exclusive: true, retryMs: minuteMs });
    expect(await during(repository, late, 2 * minuteMs)).toMatchObject({ code: 'repository-locked' });
  });

  it('goes on beside a lock that nobody can read, with shared work and after the settle time', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    backend.files.set(`lock/${'2'.repeat(64)}`, Buffer.from('never a lock'));
    const outcome = await during(repository, holdLock(repository, { exclusive: false }), 2_000);
    expect(isFailure(outcome)).toBe(false);
    expect(repository.world.told.join()).toContain('going on beside it');
  });

  it('waits with exclusive work for a lock that is in the making, and refuses beside one that stays unreadable', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    backend.files.set(`lock/${'1'.repeat(64)}`, Buffer.from('half of a lock'));
    const trying = holdLock(repository, { exclusive: true });
    await repository.world.clock.advance(6_000);
    backend.files.delete(`lock/${'1'.repeat(64)}`);
    const lock = await during(repository, trying, 40_000);
    if (lock instanceof Error) throw lock;
    await lock.release();
    backend.files.set(`lock/${'2'.repeat(64)}`, Buffer.from('never a lock'));
    const outcome = await during(repository, holdLock(repository, { exclusive: true }), minuteMs);
    expect(outcome).toMatchObject({ code: 'damaged', detail: { what: 'lock' } });
    expect(await lockIds(repository)).toEqual(['2'.repeat(64)]);
  });

  it('passes over empty lock files, as restic does', async () => {
    const repository = await testRepository();
    (repository.backend as MemoryBackend).files.set(`lock/${'0'.repeat(64)}`, Buffer.alloc(0));
    expect(isFailure(await during(repository, holdLock(repository, { exclusive: true })))).toBe(false);
  });

  it('is refreshed every five minutes: the one before stays for one more interval', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const lock = await held(repository, false);
    const [first] = await lockIds(repository);
    backend.asked.length = 0;
    await repository.world.clock.advance(5.5 * minuteMs);
    const changes = (): string[] => backend.asked.filter((asked) => /^(?:save|remove)/.test(asked));
    const second = (await lockIds(repository)).find((id) => id !== first);
    expect(changes()).toEqual([`save lock/${second}`]);
    await repository.world.clock.advance(5 * minuteMs);
    expect(changes().slice(2)).toEqual([`remove lock/${first}`]);
    await repository.world.clock.advance(60 * minuteMs);
    expect(lock.lost.aborted).toBe(false);
    expect((await lockIds(repository)).length).toBe(2);
    await lock.release();
    expect(await lockIds(repository)).toEqual([]);
  });

  it('does not stand by a file that was written after somebody had removed the one before', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const lock = await held(repository, false);
    await repository.world.clock.advance(4.9 * minuteMs);
    for (const id of await lockIds(repository)) backend.files.delete(`lock/${id}`);
    backend.before = (operation) => {
      if (operation === 'list') throw new Error('no network');
    };
    await repository.world.clock.advance(0.2 * minuteMs);
    backend.before = () => {};
    expect((await lockIds(repository)).length).toBe(1);
    expect(await during(repository, lock.stands())).toMatchObject({ code: 'lock-lost' });
    await lock.release();
    expect(await lockIds(repository)).toEqual([]);
  });

  it('removes at the end what a refresh could not remove', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const lock = await held(repository, false);
    backend.before = (operation) => {
      if (operation === 'remove') throw new Error('no network');
    };
    await repository.world.clock.advance(6 * minuteMs);
    expect((await lockIds(repository)).length).toBeGreaterThan(1);
    backend.before = () => {};
    await lock.release();
    expect(await lockIds(repository)).toEqual([]);
  });

  it('is fresh although an old file of it cannot be removed, and does not pile up', async () => {
    const repository = await testRepository();
    const lock = await held(repository, false);
    (repository.backend as MemoryBackend).before = (operation) => {
      if (operation === 'remove') throw new Error('no permission');
    };
    await repository.world.clock.advance(30 * minuteMs);
    expect(lock.lost.aborted).toBe(false);
    expect((await lockIds(repository)).length).toBeLessThan(8);
    expect(repository.world.told.length).toBeLessThan(8);
  });

  it('is frozen when it cannot be refreshed for 22.5 minutes, stands again when it can, and is never lost by that', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const lock = await held(repository, false);
    backend.before = (operation) => {
      if (operation === 'save') throw new Error('no network');
    };
    await repository.world.clock.advance(22 * minuteMs);
    expect(lock.isFrozen).toBe(false);
    await repository.world.clock.advance(2 * minuteMs);
    expect(lock.isFrozen).toBe(true);
    let isStored = false;
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'lock') throw new Error('no network');
    };
    const storing = storeAndSee(repository, sealFile(repository, 'snapshot', '{}')).then(() => {
      isStored = true;
    });
    await repository.world.clock.advance(60 * minuteMs);
    expect([isStored, lock.isFrozen, lock.lost.aborted]).toEqual([false, true, false]);
    backend.before = () => {};
    await repository.world.clock.advance(2 * minuteMs);
    await storing;
    expect([isStored, lock.isFrozen, lock.lost.aborted]).toEqual([true, false, false]);
    await lock.release();
    expect(await lockIds(repository)).toEqual([]);
  });

  it('is lost when somebody removed it while we slept, and then nothing more is written', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const lock = await held(repository, false);
    repository.world.clock.sleepThrough(9 * 60 * minuteMs);
    for (const key of [...backend.files.keys()]) if (key.startsWith('lock/')) backend.files.delete(key);
    const storing = storeAndSee(repository, sealFile(repository, 'index', '{}')).catch(
      (error: unknown) => error,
    );
    await repository.world.clock.advance(1_000);
    expect(await storing).toMatchObject({ code: 'lock-lost' });
    expect(lock.lost.reason).toMatchObject({ code: 'lock-lost' });
    await lock.release();
  });

  it('goes on after a night in which nobody touched it', async () => {
    const repository = await testRepository();
    const lock = await held(repository, false);
    const [first] = await lockIds(repository);
    repository.world.clock.sleepThrough(9 * 60 * minuteMs);
    const storing = storeAndSee(repository, sealFile(repository, 'index', '{}'));
    expect(lock.isFrozen).toBe(true);
    await repository.world.clock.advance(5_000);
    await storing;
    expect([lock.isFrozen, lock.lost.aborted]).toEqual([false, false]);
    expect((await lockIds(repository)).filter((id) => id !== first)).toHaveLength(1);
    await lock.release();
  });

  it('takes no acknowledgement for granted: what cannot be read back is not held', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const save = backend.save.bind(backend);
    backend.save = async (file, parts) => {
      if (file.type !== 'lock') await save(file, parts);
    };
    const outcome = await during(repository, holdLock(repository, { exclusive: false }));
    expect(outcome).toMatchObject({ code: 'not-the-store' });
  });

  it('is written again where somebody else acknowledged it than the store', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    let written = 0;
    backend.afterSave = (file) => {
      if (file.type === 'lock' && written++ === 0) backend.files.delete(`lock/${file.name}`);
    };
    const lock = await held(repository, false);
    expect(written).toBe(2);
    expect(await lockIds(repository)).toHaveLength(1);
    await lock.release();
    expect(await lockIds(repository)).toEqual([]);
  });

  it('takes a lock whose acknowledgement was lost', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const save = backend.save.bind(backend);
    backend.save = async (file, parts) => {
      await save(file, parts);
      throw new Error('reset');
    };
    const lock = await held(repository, false);
    await lock.release();
    expect(await lockIds(repository)).toEqual([]);
  });

  it('leaves no lock when its caller gives up while it is being taken', async () => {
    const repository = await testRepository();
    const cancelled = new AbortController();
    const trying = holdLock(repository, { exclusive: false, signal: cancelled.signal });
    const outcome = trying.catch((error: unknown) => error);
    await repository.world.clock.advance(100);
    cancelled.abort();
    expect(await outcome).toMatchObject({ code: 'cancelled' });
    expect(await lockIds(repository)).toEqual([]);
  });
});
