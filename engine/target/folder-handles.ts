/**
 * Ways into the folders below a target that no symlink can bend. For a folder it gives a path to which one name
 * may be appended; asked for again before each use, since a folder may have been exchanged meanwhile.
 *
 * On Linux the folder is held open, each one opened from within its parent and only if it is no symlink; its
 * path is that of the open handle, so that what happens to the names above it does not matter. Elsewhere each
 * folder on the way is looked at before each use: someone who may write there and exchanges a folder for a
 * symlink in the microseconds between look and use is not stopped.
 */
import { closeSync, constants, openSync, realpathSync, renameSync } from 'node:fs';
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { systemCode } from '../base/failure.ts';
import { lendCText, systemCalls, systemError } from '../system/libc.ts';
import { type Stat, statIfThere, statOf, statOpen } from '../system/stat.ts';
import { checkName, entryIn, type TargetPath, unsafe } from './safe-name.ts';

export interface FolderHandles {
  /**
   * A path that is good until the next `trim`. Fails with `target-unsafe` where something on the way is no
   * folder; throws `ENOENT` as `node:fs` does.
   */
  pathOf(folder: TargetPath): ByteString;
  /** In one step, what has the other name is replaced. Fails as `pathOf` does, and throws as `node:fs`. */
  rename(folder: TargetPath, from: ByteString, to: ByteString): void;
  /** Lets go of what has not been used for long; to be called between uses. */
  trim(): void;
  /** Closes what is held of this folder and all below it; to be called before it is removed. */
  forget(folder: TargetPath): void;
  /** Calls back with an entry held fast: the path means that very entry, even if it is a symlink. */
  withEntry<Result>(folder: TargetPath, name: ByteString, use: (entry: HeldEntry) => Result): Result;
  /** The same for what is open already, where that can be. */
  entryOf(descriptor: number, stat: Stat): HeldEntry | undefined;
  close(): void;
}

export interface HeldEntry {
  readonly path: ByteString;
  /** Whether calls on `path` must follow a symlink at its end to reach the entry, or must not. */
  readonly follow: boolean;
  /** Where it is open for writing. */
  readonly descriptor?: number;
  readonly stat: Stat;
}

const handlesHeldMax = 128;
/** Linux's flag to hold an entry without opening it for reading; Node has no name for it. */
const pathOnly = 0o10000000;
const descriptors = '/proc/self/fd';

/** `root` exists; symlinks on the way to it are the user's and are followed. */
export function openFolderHandles(root: ByteString): FolderHandles {
  return hasDescriptorPaths() ? holdOpen(root) : lookEachTime(root);
}

function hasDescriptorPaths(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return statIfThere(fromLatin1(descriptors)) !== undefined;
  } catch {
    return false;
  }
}

function openAny(path: ByteString, flags: number): number {
  return openSync(Buffer.from(path, 'latin1'), constants.O_RDONLY | pathOnly | flags);
}

function descriptorPath(descriptor: number): ByteString {
  return fromLatin1(`${descriptors}/${descriptor}`);
}

export function holdOpen(root: ByteString): FolderHandles {
  return new HeldFolders(openAny(root, constants.O_DIRECTORY));
}

class HeldFolders implements FolderHandles {
  readonly #root: number;
  /** Descriptors by path, least recently used first. */
  readonly #held = new Map<string, number>();
  /** The one that was used last: most entries of a folder come one after the other. */
  #last: { readonly folder: TargetPath; readonly descriptor: number } | undefined;

  constructor(root: number) {
    this.#root = root;
  }

  pathOf(folder: TargetPath): ByteString {
    return descriptorPath(this.#descriptorOf(folder));
  }

  forget(folder: TargetPath): void {
    const key = keyOf(folder);
    for (const [other, descriptor] of this.#held) {
      if (other === key || other.startsWith(`${key}/`)) this.#letGo(other, descriptor);
    }
  }

  rename(folder: TargetPath, from: ByteString, to: ByteString): void {
    checkName(from);
    checkName(to);
    const calls = systemCalls();
    const descriptor = this.#descriptorOf(folder);
    if (calls === undefined) renameByPath(descriptorPath(descriptor), from, to);
    else if (calls.renameIn(descriptor, lendCText(calls, from, 0), lendCText(calls, to, 1)) === -1)
      throw systemError(calls.lastErrno(), 'rename', to);
  }

  trim(): void {
    if (this.#held.size <= handlesHeldMax) return;
    for (const [key, descriptor] of this.#held) {
      if (this.#held.size <= handlesHeldMax) break;
      this.#letGo(key, descriptor);
    }
  }

  withEntry<Result>(folder: TargetPath, name: ByteString, use: (entry: HeldEntry) => Result): Result {
    const descriptor = openAny(entryIn(this.pathOf(folder), name), constants.O_NOFOLLOW);
    try {
      const stat = statOpen(descriptor);
      return use({ path: descriptorPath(descriptor), follow: true, stat });
    } finally {
      closeSync(descriptor);
    }
  }

  entryOf(descriptor: number, stat: Stat): HeldEntry {
    return { path: descriptorPath(descriptor), follow: true, descriptor, stat };
  }

  close(): void {
    for (const [key, descriptor] of this.#held) this.#letGo(key, descriptor);
    closeSync(this.#root);
  }

  #descriptorOf(folder: TargetPath): number {
    if (folder.length === 0) return this.#root;
    if (this.#last !== undefined && isSamePath(this.#last.folder, folder)) return this.#last.descriptor;
    const key = keyOf(folder);
    const descriptor = this.#held.get(key) ?? this.#open(folder);
    this.#held.delete(key);
    this.#held.set(key, descriptor);
    this.#last = { folder, descriptor };
    return descriptor;
  }

  /** From the nearest folder above that is held; those between are closed again. */
  #open(folder: TargetPath): number {
    let depth = folder.length - 1;
    while (depth > 0 && !this.#held.has(keyOf(folder.slice(0, depth)))) depth--;
    let parent = this.#held.get(keyOf(folder.slice(0, depth))) ?? this.#root;
    for (let at = depth; at < folder.length; at++) {
      try {
        const child = openFolder(descriptorPath(parent), folder[at]!);
        if (at > depth) closeSync(parent);
        parent = child;
      } catch (error) {
        if (at > depth) closeSync(parent);
        throw error;
      }
    }
    return parent;
  }

  #letGo(key: string, descriptor: number): void {
    this.#last = undefined;
    this.#held.delete(key);
    closeSync(descriptor);
  }
}

function keyOf(folder: TargetPath): string {
  return folder.join('/');
}

function isSamePath(a: TargetPath, b: TargetPath): boolean {
  return a === b || (a.length === b.length && a.every((name, at) => name === b[at]));
}

function renameByPath(folder: ByteString, from: ByteString, to: ByteString): void {
  const [before, after] = [from, to].map((name) => Buffer.from(entryIn(folder, name), 'latin1'));
  renameSync(before!, after!);
}

function openFolder(parent: ByteString, name: ByteString): number {
  const path = entryIn(parent, name);
  try {
    return openAny(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    throw asNoFolder(error, name);
  }
}

function asNoFolder(error: unknown, name: ByteString): unknown {
  const code = systemCode(error);
  return code === 'ENOTDIR' || code === 'ELOOP' ? unsafe(name, 'it is not a folder', error) : error;
}

export function lookEachTime(root: ByteString): FolderHandles {
  const top = fromLatin1(realpathSync(Buffer.from(root, 'latin1'), { encoding: 'latin1' }));
  const pathOf = (folder: TargetPath): ByteString => {
    let path = top;
    for (const name of folder) {
      path = entryIn(path, name);
      if (statOf(path).kind !== 'dir') throw unsafe(name, 'it is not a folder');
    }
    return path;
  };
  return {
    pathOf,
    rename: (folder, from, to) => renameByPath(pathOf(folder), from, to),
    trim() {},
    forget() {},
    withEntry(folder, name, use) {
      const path = entryIn(pathOf(folder), name);
      return use({ path, follow: false, stat: statOf(path) });
    },
    entryOf: () => undefined,
    close() {},
  };
}
