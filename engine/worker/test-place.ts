/**
 * Looks whether a vault can be at a place: it is empty and can be written, or a repository is there already. A probe
 * file is written and removed; the place is left as it was.
 */
import { open, readdir, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Backend, configFile, folderOf } from '../backend/backend.ts';
import { openBackend } from '../backend/open-backend.ts';
import { StoreLine } from '../backend/store-line.ts';
import { Failure, fromSystemError, isFailure, systemCode } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { PlaceTest } from '../protocol/app-calls.ts';
import type { World } from '../repo/repository.ts';
import { toPlainFailure } from './plain-failure.ts';
import { testRemotePlace } from './test-remote-place.ts';

/** Never fails for what the place is like: that is its answer. */
export async function testPlace(location: string, world: World): Promise<PlaceTest> {
  try {
    const line = new StoreLine();
    line.patience = { kind: 'ask', elapsedMsMax: limits.testPlaceMsMax };
    const backend = openBackend(location, world, {}, line);
    if (backend.folder === undefined)
      return await testRemotePlace(backend, world).finally(() => backend.close());
    const free = async (folder: string): Promise<{ freeBytes?: number }> => {
      const freeBytes = await freeBytesAt(folder);
      return freeBytes === undefined ? {} : { freeBytes };
    };
    if (await isRepository(backend)) return { at: 'repository', ...(await free(backend.location)) };
    const folder = await nearestFolder(backend.location);
    if (folder === backend.location && !(await isAsGoodAsEmpty(backend)))
      throw new Failure('file-exists', { path: backend.location });
    return { at: 'empty', writable: true, ...(await free(folder)), writeMs: await probe(folder, world) };
  } catch (error) {
    if (isFailure(error)) return { at: 'unusable', failure: toPlainFailure(error) };
    throw error;
  }
}

/** Bytes that we may still write there; undefined where the file system does not say. */
export async function freeBytesAt(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

async function isRepository(backend: Backend): Promise<boolean> {
  try {
    return (await backend.stat(configFile)) > 0;
  } catch (error) {
    if (isFailure(error, 'not-found')) return false;
    // Something on the way is no folder: the search for the nearest one says what.
    if (isFailure(error) && systemCode(error.cause) === 'ENOTDIR') return false;
    throw error;
  }
}

/** The folder itself, or the nearest one above it that is there: in that one it would be made. */
async function nearestFolder(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      if ((await stat(at)).isDirectory()) return at;
      throw new Failure('file-exists', { path: at });
    } catch (error) {
      const code = systemCode(error);
      if ((code !== 'ENOENT' && code !== 'ENOTDIR') || at === dirname(at))
        throw fromSystemError(error, 'look at', at);
    }
  }
}

/** What systems put on an empty disk by themselves. */
const ofSystems = ['lost+found', '.DS_Store', 'System Volume Information', '$RECYCLE.BIN'];

/** What a process that was killed may leave at the top: half a config, the file of a test of the place. */
const leftBehind = /^(?:config-tmp|\.slackwater-test)-[0-9a-f]{16}$/;

/** Empty, or what an `init` that was cut off left: its folders, and keys of nothing. */
async function isAsGoodAsEmpty(backend: Backend): Promise<boolean> {
  const allowed = new Set([...ofSystems, ...Object.values(folderOf)]);
  const names = await readdir(backend.location).catch((error) => {
    throw fromSystemError(error, 'list', backend.location);
  });
  if (!names.every((name) => allowed.has(name) || leftBehind.test(name))) return false;
  for (const type of ['snapshot', 'index', 'pack'] as const) {
    for await (const _file of backend.list(type)) return false;
  }
  return true;
}

/** Milliseconds that a small file takes from nothing to the disk and away again. */
async function probe(folder: string, { clock, chance }: World): Promise<number> {
  const path = join(folder, `.slackwater-test-${Buffer.from(chance.bytes(8)).toString('hex')}`);
  const startMs = clock.elapsedMs();
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.write(chance.bytes(4_096));
      await file.sync();
    } finally {
      await file.close();
      await unlink(path);
    }
  } catch (error) {
    throw fromSystemError(error, 'write', folder);
  }
  return clock.elapsedMs() - startMs;
}
