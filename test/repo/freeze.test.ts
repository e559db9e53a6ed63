import { expect, it } from 'vitest';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { withRetries } from '../../engine/backend/with-retries.ts';
import { wrapped } from '../../engine/backend/wrapped-backend.ts';
import { Failure } from '../../engine/base/failure.ts';
import { guardWrites, saveThawed, whenThawed } from '../../engine/repo/freeze.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { outcomeOf } from '../support/outcome-of.ts';
import { testWorld } from '../support/test-repository.ts';

const never = new Promise<void>(() => {});

it('lets writes pass where no lock guards them, or the lock stands', async () => {
  const backend = new MemoryBackend();
  await whenThawed({ backend });
  const unguard = guardWrites({ backend }, { stands: async () => {} });
  await whenThawed({ backend }, new AbortController().signal);
  unguard();
});

it('waits while a lock is in doubt, and no longer than whoever writes wants', async () => {
  const backend = new MemoryBackend();
  guardWrites({ backend }, { stands: () => never });
  const cancel = new AbortController();
  const thawed = whenThawed({ backend }, cancel.signal);
  cancel.abort();
  await expect(thawed).rejects.toMatchObject({ code: 'cancelled' });
  await expect(whenThawed({ backend }, cancel.signal)).rejects.toMatchObject({ code: 'cancelled' });
});

it('fails when the lock is lost', async () => {
  const backend = new MemoryBackend();
  guardWrites({ backend }, { stands: () => Promise.reject(new Failure('lock-lost')) });
  await expect(whenThawed({ backend })).rejects.toMatchObject({ code: 'lock-lost' });
});

it('is asked again before each further try of a save: the lock may have gone while it waited', async () => {
  const memory = new MemoryBackend();
  const world = testWorld();
  const line = new StoreLine();
  line.isProven = true;
  const backend = wrapped(memory, [withRetries(memory, line, world)]);
  let tries = 0;
  memory.before = (asked) => {
    if (asked === 'save' && tries++ < 2) throw new Failure('store-unreachable', {}, { next: 'now' });
  };
  let looks = 0;
  const stands = async (): Promise<void> => {
    if (++looks === 2) throw new Failure('lock-lost');
  };
  guardWrites({ backend }, { stands });
  const saved = saveThawed({ backend }, { type: 'index', name: 'a'.repeat(64) }, Buffer.from('an index'));
  expect(await outcomeOf(saved, world, 600_000)).toMatchObject({ error: { code: 'lock-lost' } });
  expect([tries, looks, memory.files.size]).toEqual([2, 2, 0]);
});
