/**
 * A repository in a folder of this machine (a disk, or a share that is mounted). A file is written under a
 * temporary name beside its own, synced, then renamed, and its folder is synced: whole or not there at all.
 */
import { constants } from 'node:fs';
import { chmod, type FileHandle, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Chance } from '../base/chance.ts';
import { damaged, Failure, fromSystemError, systemCode } from '../base/failure.ts';
import { inAdvance } from '../base/in-advance.ts';
import { limits } from '../base/limits.ts';
import { makeFolders } from '../system/make-folders.ts';
import {
  type Backend,
  type ByteRange,
  configFile,
  type FileName,
  type FileType,
  fileNamePattern,
  folderOf,
  type StoredFile,
} from './backend.ts';
import { type CallSignal, stopIfAborted } from './call-signal.ts';

/** Between the name of a file and what sets its draft apart. */
const draftMark = '-tmp-';
/** Errors by which a file system says that it knows no fsync, or no permissions. */
const unsupported = new Set(['ENOTSUP', 'ENOTTY', 'EINVAL', 'ENOSYS', 'EOPNOTSUPP']);

export function openLocalBackend(root: string, chance: Chance): Backend {
  return new LocalBackend(root, chance);
}

class LocalBackend implements Backend {
  readonly connectionsMax = 2;
  readonly location: string;
  readonly folder: string;
  readonly #chance: Chance;
  #modes: Promise<{ folder: number; file: number; stored: number }> | undefined;

  constructor(root: string, chance: Chance) {
    this.location = root;
    this.folder = root;
    this.#chance = chance;
  }

  async create(): Promise<void> {
    const folders = ['', ...Object.values(folderOf)];
    for (let i = 0; i < 256; i++) folders.push(join('data', i.toString(16).padStart(2, '0')));
    for (const folder of folders) await this.#makeFolder(join(this.location, folder));
    await syncFolder(join(this.location, 'data'));
    await syncFolder(this.location);
  }

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    stopIfAborted(signal);
    const path = this.#path(file);
    const temporary = `${path}${draftMark}${Buffer.from(this.#chance.bytes(8)).toString('hex')}`;
    const modes = await this.#fileModes();
    try {
      const handle = await this.#openNew(temporary, modes.file);
      try {
        await writeAll(handle, parts, temporary);
        await ignoringUnsupported(handle.sync());
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw fromSystemError(error, 'write', path);
    }
    await syncFolder(dirname(path));
    await chmod(path, modes.stored).catch(() => undefined);
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    stopIfAborted(signal);
    const path = this.#path(file);
    try {
      const handle = await open(path, constants.O_RDONLY);
      try {
        const { offset, length } = range ?? { offset: 0, length: (await handle.stat()).size };
        return await readExactly(handle, offset, length, file);
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw fromSystemError(error, 'read', path);
    }
  }

  async stat(file: FileName): Promise<number> {
    const path = this.#path(file);
    try {
      return (await stat(path)).size;
    } catch (error) {
      throw fromSystemError(error, 'read', path);
    }
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    stopIfAborted(signal);
    const path = this.#path(file);
    try {
      await unlink(path);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw fromSystemError(error, 'remove', path);
      await removeDrafts(path);
    }
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    stopIfAborted(signal);
    if (type === 'config') {
      const size = await this.stat(configFile).catch(() => undefined);
      if (size !== undefined) yield { name: '', sizeBytes: size };
      return;
    }
    const folder = join(this.location, folderOf[type]);
    const folders = type === 'pack' ? (await names(folder)).map((name) => join(folder, name)) : [folder];
    for await (const [, files] of inAdvance(folders, limits.foldersListedMax, filesIn)) {
      for (const file of files) {
        stopIfAborted(signal);
        yield file;
      }
    }
  }

  async close(): Promise<void> {}

  #path({ type, name }: FileName): string {
    if (type === 'config') return join(this.location, 'config');
    const folder = join(this.location, folderOf[type]);
    return type === 'pack' ? join(folder, name.slice(0, 2), name) : join(folder, name);
  }

  async #openNew(path: string, mode: number): Promise<FileHandle> {
    try {
      return await open(path, 'wx', mode);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      // A folder may be missing; with the config too, a disk was taken away, and nothing is made on its mount point.
      if ((await sizeUnlessGone(this.#path(configFile))) === undefined)
        throw new Failure('repository-missing', { location: this.location });
      await this.#makeFolder(dirname(path));
      await syncFolder(dirname(dirname(path)));
      return await open(path, 'wx', mode);
    }
  }

  async #makeFolder(path: string): Promise<void> {
    try {
      makeFolders(path, (await this.#fileModes()).folder);
    } catch (error) {
      throw fromSystemError(error, 'create folder', path);
    }
  }

  /** As restic: owner only, unless the config says that a group shares the repository. */
  #fileModes(): Promise<{ folder: number; file: number; stored: number }> {
    this.#modes ??= stat(this.#path(configFile)).then(
      ({ mode }) =>
        mode & 0o040
          ? { folder: 0o770, file: 0o660, stored: 0o440 }
          : { folder: 0o700, file: 0o600, stored: 0o400 },
      () => ({ folder: 0o700, file: 0o600, stored: 0o400 }),
    );
    return this.#modes;
  }
}

/** Parts in one call to the system: it takes 1024 at most. */
const partsPerWrite = 512;
const noBytes = Buffer.alloc(0);

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[], path: string): Promise<void> {
  const shortWrite = { operation: 'write', path, errno: 'short write' };
  let written = 0;
  for (let at = 0; at < parts.length; at += partsPerWrite) {
    const some = parts.slice(at, at + partsPerWrite);
    const end = written + some.reduce((sum, part) => sum + part.length, 0);
    written += (await handle.writev(some, written)).bytesWritten;
    // A short write may say that the rest did not fit: asking again for the rest tells why.
    for (const rest = written < end ? Buffer.concat(some) : noBytes; written < end; ) {
      const { bytesWritten } = await handle.write(
        rest,
        rest.length - (end - written),
        end - written,
        written,
      );
      if (bytesWritten === 0) throw new Failure('no-space', shortWrite, { next: 'later' });
      written += bytesWritten;
    }
  }
  if ((await handle.stat()).size !== written) throw new Failure('no-space', shortWrite, { next: 'later' });
}

async function readExactly(
  handle: FileHandle,
  offset: number,
  length: number,
  file: FileName,
): Promise<Buffer> {
  const { size } = await handle.stat();
  if (offset + length > size) {
    throw damaged(file.type, file.name, `it is ${size} bytes long, ${offset + length} were expected`);
  }
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
    if (bytesRead === 0) throw damaged(file.type, file.name, 'it ended while it was read');
    at += bytesRead;
  }
  return bytes;
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw fromSystemError(error, 'list', folder);
  }
}

/** All that lie there now, in the order of their names. */
async function filesIn(folder: string): Promise<StoredFile[]> {
  const files = (await names(folder)).filter((name) => fileNamePattern.test(name));
  const sizes = await Promise.all(files.map((name) => sizeUnlessGone(join(folder, name))));
  return files.flatMap((name, i) => {
    const sizeBytes = sizes[i];
    return sizeBytes === undefined ? [] : [{ name, sizeBytes }];
  });
}

/** What a crash left half written of a file that never came to be. */
async function removeDrafts(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await names(folder))
    if (join(folder, name).startsWith(path + draftMark))
      await unlink(join(folder, name)).catch(() => undefined);
}

async function sizeUnlessGone(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fromSystemError(error, 'list', path);
  }
}

/** A rename is durable once its folder is. Windows has no such call, and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, constants.O_RDONLY);
    try {
      await ignoringUnsupported(handle.sync());
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fromSystemError(error, 'write', folder);
  }
}

async function ignoringUnsupported(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!unsupported.has(systemCode(error) ?? '')) throw error;
  }
}
