import { expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { storeAndSee } from '../../engine/repo/see-stored.ts';
import { sealFile } from '../../engine/repo/unpacked-files.ts';
import { turning } from '../support/back-up.ts';
import { keyOf, type MemoryBackend } from '../support/memory-backend.ts';
import { testRepository } from '../support/test-repository.ts';

it.each(['index', 'snapshot'] as const)(
  'sends it again where it is not there or cut off: %s',
  async (type) => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    let sent = 0;
    backend.afterSave = (file) => {
      if (file.type !== type || sent++ > 1) return;
      if (sent === 1) backend.files.delete(keyOf(file));
      else backend.files.set(keyOf(file), new Uint8Array(3));
    };
    const file = sealFile(repository, type, '{}');
    await turning(repository, storeAndSee(repository, file));
    expect(sent).toBe(3);
    expect(Buffer.compare(backend.files.get(keyOf({ type, name: file.id }))!, file.bytes)).toBe(0);
  },
);

it('fails where the store never shows it', async () => {
  const repository = await testRepository();
  const backend = repository.backend as MemoryBackend;
  let sent = 0;
  backend.afterSave = (file) => {
    sent++;
    backend.files.delete(keyOf(file));
  };
  const storing = storeAndSee(repository, sealFile(repository, 'snapshot', '{}'));
  await expect(turning(repository, storing)).rejects.toMatchObject({ code: 'verification-failed' });
  expect(sent).toBe(limits.storeTriesMax);
});
