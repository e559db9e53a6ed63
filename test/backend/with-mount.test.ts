import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Backend, configFile, type FileName } from '../../engine/backend/backend.ts';
import { openBackend } from '../../engine/backend/open-backend.ts';
import { withMount } from '../../engine/backend/with-mount.ts';
import { fromSystemError } from '../../engine/base/failure.ts';
import { openRepository } from '../../engine/repo/repository.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testPassword, testWorld } from '../support/test-repository.ts';

backendContract('a folder that may be mounted', async () => {
  const folder = temporaryFolder('mounted');
  return {
    backend: openBackend(join(folder, 'repository'), testWorld()),
    remove: () => rm(folder, { recursive: true }),
  };
});

describe('a disk or a share that is mounted, or is not', () => {
  const pack: FileName = { type: 'pack', name: 'ab'.repeat(32) };
  let folder: string;
  let backend: Backend;

  beforeEach(() => {
    folder = join(temporaryFolder('mount'), 'disk');
    backend = openBackend(folder, testWorld());
  });

  it.each([
    ['is not there', 'folder-missing', async () => undefined],
    ['is empty', 'folder-empty', async () => await mkdir(folder)],
    [
      'has only what systems put on disks',
      'folder-empty',
      async () => await mkdir(join(folder, 'lost+found'), { recursive: true }),
    ],
    ['has something else in it', '', async () => await mkdir(join(folder, 'photos'), { recursive: true })],
  ])('a folder that %s: says so, and makes nothing', async (_, why, prepare) => {
    await prepare();
    const before = await readdir(folder).catch(() => 'none');
    await expect(openRepository(backend, testPassword, testWorld())).rejects.toMatchObject({
      code: 'repository-missing',
      detail: { location: folder, why },
    });
    await expect(backend.save(pack, [Buffer.from('x')])).rejects.toMatchObject({
      code: 'repository-missing',
    });
    expect(await readdir(folder).catch(() => 'none')).toEqual(before);
  });

  it('taken away under our hands: nothing counts as missing, removed, listed or saved, until it is back', async () => {
    await backend.create();
    await backend.save(configFile, [Buffer.from('config')]);
    await backend.save(pack, [Buffer.from('pack')]);
    await rename(folder, `${folder}-unplugged`);
    await mkdir(folder);
    const listed = async (): Promise<number> => {
      let count = 0;
      for await (const _ of backend.list('pack')) count++;
      return count;
    };
    const calls = [
      () => backend.load(pack),
      () => backend.stat(pack),
      () => backend.remove(pack),
      () => backend.save(pack, [Buffer.from('pack')]),
      listed,
    ];
    const takenAway = { code: 'repository-missing', next: 'later', detail: { why: 'taken-away' } };
    for (const call of calls) await expect(call()).rejects.toMatchObject(takenAway);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
    await rename(`${folder}-unplugged`, folder);
    expect(await listed()).toBe(1);
    await rm(join(folder, 'data', 'ab', pack.name));
    await expect(backend.load(pack)).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each(['ESTALE', 'EIO', 'EHOSTDOWN', 'ENOTCONN', 'ETIMEDOUT'])(
    '%s: the share is away, and may come back',
    async (code) => {
      const around = withMount(folder);
      const error = fromSystemError(Object.assign(new Error(code), { code }), 'read', join(folder, 'config'));
      const call = around({ kind: 'stat', file: configFile }, () => Promise.reject(error), undefined);
      await expect(call).rejects.toMatchObject({
        code: 'store-unreachable',
        next: 'later',
        detail: { errno: code },
      });
    },
  );

  it('leaves every other failure as it is', async () => {
    const around = withMount(folder);
    await mkdir(folder);
    await writeFile(join(folder, 'config'), 'config');
    for (const code of ['ENOENT', 'EACCES', 'ENOSPC', 'EROFS']) {
      const error = fromSystemError(Object.assign(new Error(code), { code }), 'read', 'path');
      const call = around({ kind: 'load', file: pack }, () => Promise.reject(error), undefined);
      await expect(call).rejects.toBe(error);
    }
  });
});
