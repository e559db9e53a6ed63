import { chmod, type FileHandle, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '../../engine/backend/backend.ts';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { openBackend } from '../../engine/backend/open-backend.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { seededChance } from '../support/fixed-world.ts';
import { testWorld } from '../support/test-repository.ts';

backendContract('a local folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slackwater-local-'));
  return {
    backend: openLocalBackend(join(folder, 'repository'), seededChance('local')),
    remove: () => rm(folder, { recursive: true }),
  };
});

describe('a local folder', () => {
  const name = 'ab'.repeat(32);
  let folder: string;
  let backend: Backend;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slackwater-local-'));
    backend = openLocalBackend(folder, seededChance('local'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('has the layout and the modes of restic', async () => {
    await backend.create();
    expect((await readdir(folder)).sort()).toEqual(['data', 'index', 'keys', 'locks', 'snapshots']);
    expect(await readdir(join(folder, 'data'))).toHaveLength(256);
    expect((await stat(join(folder, 'data', 'ff'))).mode & 0o777).toBe(0o700);
    await backend.save({ type: 'pack', name }, [Buffer.from('pack')]);
    expect((await stat(join(folder, 'data', 'ab', name))).mode & 0o777).toBe(0o400);
  });

  it('removes with a name what a crash left half written of it', async () => {
    await backend.create();
    const [lock, other] = [join(folder, 'locks', name), 'cd'.repeat(32)];
    for (const path of [`${lock}-tmp-0123`, join(folder, 'locks', `${other}-tmp-0123`)])
      await writeFile(path, 'half');
    await backend.remove({ type: 'lock', name });
    expect(await readdir(join(folder, 'locks'))).toEqual([`${other}-tmp-0123`]);
  });

  it('shares with a group where the config is shared with it', async () => {
    await writeFile(join(folder, 'config'), 'config');
    await chmod(join(folder, 'config'), 0o440);
    await backend.save({ type: 'pack', name }, [Buffer.from('pack')]);
    expect((await stat(join(folder, 'data', 'ab', name))).mode & 0o777).toBe(0o440);
  });

  it('makes folders that are missing, and takes a missing one for an empty one', async () => {
    for await (const file of backend.list('snapshot')) expect(file).toBeUndefined();
    await backend.save({ type: 'config', name: '' }, [Buffer.from('config')]);
    await backend.save({ type: 'snapshot', name }, [Buffer.from('snapshot')]);
    expect(await readdir(join(folder, 'snapshots'))).toEqual([name]);
  });

  it('never makes a repository anew that was taken away, with its disk perhaps', async () => {
    const root = join(folder, 'disk', 'repository');
    const away = openLocalBackend(root, seededChance('away'));
    await away.create();
    await away.save({ type: 'config', name: '' }, [Buffer.from('config')]);
    await rm(root, { recursive: true });
    for (const type of ['pack', 'snapshot', 'lock'] as const) {
      await expect(away.save({ type, name }, [Buffer.from('bytes')])).rejects.toMatchObject({
        code: 'repository-missing',
      });
    }
    expect(await readdir(join(folder, 'disk'))).toEqual([]);
  });

  it('makes folders durable that it makes, for a synced file in a lost folder is lost', async () => {
    await backend.create();
    await backend.save({ type: 'config', name: '' }, [Buffer.from('config')]);
    await rm(join(folder, 'data', 'ab'), { recursive: true });
    const handle = await open(join(folder, 'config'));
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const inodes: number[] = [];
    const { sync } = prototype;
    const noted = vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
      inodes.push((await this.stat()).ino);
      await sync.call(this);
    });
    await backend.save({ type: 'pack', name }, [Buffer.from('pack')]).finally(() => noted.mockRestore());
    expect(inodes).toContain((await stat(join(folder, 'data', 'ab'))).ino);
    expect(inodes).toContain((await stat(join(folder, 'data'))).ino);
  });

  it('leaves no hole where the system takes less than it is given', async () => {
    await backend.create();
    const parts = Array.from({ length: 1500 }, (_, i) => Buffer.from(`part ${i},`));
    const handle = await open(join(folder, 'any'), 'w');
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    type Write = (
      this: FileHandle,
      bytes: Buffer,
      from: number,
      length: number,
      at: number,
    ) => ReturnType<typeof handle.write<Buffer>>;
    const write = prototype.write as Write;
    const short = vi.spyOn(prototype, 'writev').mockImplementation(async function (
      this: FileHandle,
      some,
      at,
    ) {
      const { bytesWritten } = await write.call(this, Buffer.concat(some as Buffer[]), 0, 100, at as number);
      return { bytesWritten, buffers: some };
    });
    const atMost1000: Write = function (this: FileHandle, bytes, from, length, at) {
      return write.call(this, bytes, from, Math.min(length, 1000), at);
    };
    const shorter = vi.spyOn(prototype, 'write').mockImplementation(atMost1000 as never);
    try {
      await backend.save({ type: 'pack', name }, parts);
    } finally {
      short.mockRestore();
      shorter.mockRestore();
    }
    expect(Buffer.from(await backend.load({ type: 'pack', name })).equals(Buffer.concat(parts))).toBe(true);
  });

  it('passes over names that are no ids, and leaves no temporary file behind', async () => {
    await backend.create();
    await writeFile(join(folder, 'snapshots', `${name}-tmp-123`), 'left by a crash');
    await writeFile(join(folder, 'snapshots', 'README'), 'a note');
    for await (const file of backend.list('snapshot')) expect(file).toBeUndefined();
    // A folder in the way of the name: the save fails, and takes its temporary file with it.
    await mkdir(join(folder, 'index', name));
    await expect(backend.save({ type: 'index', name }, [Buffer.from('index')])).rejects.toMatchObject({
      code: 'io',
    });
    expect(await readdir(join(folder, 'index'))).toEqual([name]);
  });
});

describe('locations', () => {
  const world = testWorld();

  it('understands paths and the local scheme', () => {
    expect(openBackend('/srv/backup', world).location).toBe('/srv/backup');
    expect(openBackend('local:/srv/backup', world).location).toBe('/srv/backup');
    expect(openBackend('/odd:name', world).location).toBe('/odd:name');
  });

  it('never takes the address of a remote vault for a folder', () => {
    for (const scheme of ['azure', 'gs', 'swift']) {
      expect(() => openBackend(`${scheme}:somewhere`, world)).toThrowError(
        expect.objectContaining({ code: 'location-unsupported' }),
      );
    }
  });
});
