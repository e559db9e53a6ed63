/**
 * Small files that only their owner may read, written whole or not at all. A link in a file's place is refused: whoever
 * planted it would choose where a secret goes, or which one is believed.
 */
import { constants } from 'node:fs';
import { link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Chance } from '../base/chance.ts';
import { Failure, fromSystemError, systemCode } from '../base/failure.ts';
import { makeFolders } from '../system/make-folders.ts';

/** What is at the path, links not followed. Fails with `target-unsafe` where it is not of the kind. */
export async function exists(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) throw new Failure('target-unsafe', { path, why: 'it is a symbolic link' });
    if (kind === 'file' ? !found.isFile() : !found.isDirectory()) {
      throw new Failure('target-unsafe', { path, why: `it is not a ${kind}` });
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw fromSystemError(error, 'look at', path);
  }
}

/** Makes the folder for its owner only; one that is there must not be writable by others. */
export async function makePrivateFolder(path: string): Promise<void> {
  try {
    makeFolders(path, 0o700);
  } catch (error) {
    throw fromSystemError(error, 'create', path);
  }
  await exists(path, 'folder');
  if (process.platform === 'win32') return;
  const { mode, uid } = await lstat(path);
  const me = process.getuid?.() ?? uid;
  if (uid !== me && me !== 0) throw new Failure('target-unsafe', { path, why: 'it belongs to another user' });
  if ((mode & 0o022) !== 0) throw new Failure('target-unsafe', { path, why: 'other users may write to it' });
}

/** The text of the file, or undefined where there is none. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  if (!(await exists(path, 'file'))) return undefined;
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fromSystemError(error, 'read', path);
  }
}

/**
 * Writes the file, mode 0600, synced. `fresh`: false is the answer, and nothing is changed, where there is one already;
 * of two that try at once, one wins. Else it replaces what is there.
 */
export async function writePrivateFile(
  path: string,
  text: string,
  chance: Chance,
  { fresh }: { fresh: boolean },
): Promise<boolean> {
  if ((await exists(path, 'file')) && fresh) return false;
  const temporary = `${path}-tmp-${Buffer.from(chance.bytes(8)).toString('hex')}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    const isOurs = fresh ? await takeName(temporary, path) : await rename(temporary, path).then(() => true);
    await syncFolder(dirname(path));
    return isOurs;
  } catch (error) {
    throw fromSystemError(error, 'write', path);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

/** Gives the file its name unless another has it. */
async function takeName(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    // File systems without hard links cannot say who was first.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP') throw error;
    await rename(temporary, path);
    return true;
  }
}

export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync().catch(() => undefined);
  } finally {
    await folder.close();
  }
}
