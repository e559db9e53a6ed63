import { expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { guardWrites, whenThawed } from '../../engine/repo/freeze.ts';
import { MemoryBackend } from '../support/memory-backend.ts';

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
