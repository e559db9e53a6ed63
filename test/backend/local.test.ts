import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Backend } from '../../engine/backend/backend.ts';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { openBackend } from '../../engine/backend/open-backend.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { seededChance } from '../support/fixed-world.ts';

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

  it('shares with a group where the config is shared with it', async () => {
    await writeFile(join(folder, 'config'), 'config');
    await chmod(join(folder, 'config'), 0o440);
    await backend.save({ type: 'pack', name }, [Buffer.from('pack')]);
    expect((await stat(join(folder, 'data', 'ab', name))).mode & 0o777).toBe(0o440);
  });

  it('makes folders that are missing, and takes a missing one for an empty one', async () => {
    for await (const file of backend.list('snapshot')) expect(file).toBeUndefined();
    await backend.save({ type: 'snapshot', name }, [Buffer.from('snapshot')]);
    expect(await readdir(join(folder, 'snapshots'))).toEqual([name]);
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
  const chance = seededChance('locations');

  it('understands paths and the local scheme', () => {
    expect(openBackend('/srv/backup', chance).location).toBe('/srv/backup');
    expect(openBackend('local:/srv/backup', chance).location).toBe('/srv/backup');
    expect(openBackend('/odd:name', chance).location).toBe('/odd:name');
  });

  it('never takes the address of a remote vault for a folder', () => {
    for (const scheme of ['sftp', 'rest', 's3', 'b2', 'rclone', 'azure', 'gs', 'swift']) {
      expect(() => openBackend(`${scheme}:somewhere`, chance)).toThrowError(
        expect.objectContaining({ code: 'location-unsupported' }),
      );
    }
  });
});
