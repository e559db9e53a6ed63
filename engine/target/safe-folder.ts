/**
 * The one hand that writes when restoring: a folder below which, and only below which, entries are made and
 * removed. No path may lead out of it, no symlink below it is ever followed, nothing is written through an
 * existing file. Every entry but a folder first is a draft, under a temporary name beside its place, and gets
 * its name when it is whole: an interrupted restore leaves no file that looks finished and is not, and one that
 * was killed leaves at worst `.slackwater-…` beside it.
 *
 * All calls are synchronous; they throw the errors of `node:fs`, or fail with `target-unsafe` or `file-exists`.
 */
import { linkSync, mkdirSync, readdirSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import type { Chance } from '../base/chance.ts';
import { Failure, systemCode } from '../base/failure.ts';
import { makeFolders } from '../system/make-folders.ts';
import { type OpenFile, openFile } from '../system/open-file.ts';
import { makeDevice, makeFifo } from '../system/special-files.ts';
import { type EntryKind, type Stat, statIfThere, statOf, statOpen } from '../system/stat.ts';
import { createDraftFile, HeldFiles, isSameEntry, reopenDraftFile, writeBytes } from './draft-file.ts';
import { type FolderHandles, openFolderHandles } from './folder-handles.ts';
import { applyMetadata, type EntryMetadata, type MetadataProblem, type MetadataRules } from './metadata.ts';
import { checkName, entryIn, shownPath, type TargetPath, unsafe } from './safe-name.ts';

/** What may be removed to make room: nothing, one entry (a folder only if it is empty), or all below a folder. */
export type Replace = 'nothing' | 'entry' | 'tree';

/** An entry, and what it was when it was made or seen: nothing else may take its place. */
export interface Placed {
  readonly path: TargetPath;
  readonly stat: Stat;
}

export type { OpenFile, Stat };

/** An entry under its temporary name. */
export interface Draft extends Placed {
  readonly temporary: TargetPath;
  /** Whether zeros need not be written. */
  readonly sparse: boolean;
}

const bytesOf = (path: ByteString): Buffer => Buffer.from(path, 'latin1');

/** The target, made with its parents if need be. */
export function openSafeFolder(root: ByteString, chance: Chance): SafeFolder {
  makeFolders(bytesOf(root), 0o700);
  return new SafeFolder(openFolderHandles(root), chance);
}

export class SafeFolder {
  readonly #handles: FolderHandles;
  readonly #files = new HeldFiles();
  readonly #drafts = new Set<Draft>();
  /** Not to be guessed, so that no name in a snapshot can be that of a draft. */
  readonly #mark: string;
  #drafted = 0;

  constructor(handles: FolderHandles, chance: Chance) {
    this.#handles = handles;
    this.#mark = Buffer.from(chance.bytes(8)).toString('hex');
  }

  /** What is there; a symlink itself, undefined for nothing. */
  look(path: TargetPath): Stat | undefined {
    this.#handles.trim();
    try {
      return statIfThere(this.#pathOf(path));
    } catch (error) {
      // One of the folders above it.
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The names in a folder, those of drafts left out. */
  list(folder: TargetPath): ByteString[] {
    this.#handles.trim();
    const names = readdirSync(bytesOf(this.#handles.pathOf(folder)), { encoding: 'latin1' });
    return names.filter((name) => !name.startsWith(this.#prefix)).map(fromLatin1);
  }

  /** A file to compare with. Throws `ELOOP` for a symlink and `EINVAL` for all else that is no file. */
  openExisting(path: TargetPath): OpenFile {
    this.#handles.trim();
    return openFile(this.#pathOf(path));
  }

  /** Makes a folder, for its owner only, where there is none; true when it is new. */
  ensureFolder(path: TargetPath, replace: Replace): boolean {
    const found = path.length === 0 || this.look(path);
    if (found === true || found?.kind === 'dir') return false;
    if (found !== undefined) {
      if (replace === 'nothing') throw taken(path);
      unlinkSync(bytesOf(this.#pathOf(path)));
    }
    mkdirSync(bytesOf(this.#pathOf(path)), { mode: 0o700 });
    return true;
  }

  /** A new file. With `sparse` it is one hole of that size: only what is not zero need be written. */
  draftFile(path: TargetPath, sizeBytes: number, sparse: boolean): Draft {
    return this.#draft(path, sparse, (entry, key) => {
      const descriptor = this.#files.use(key, () => createDraftFile(entry, sparse ? sizeBytes : 0));
      return statOpen(descriptor);
    });
  }

  writeAt(draft: Draft, position: number, bytes: Uint8Array): void {
    this.#handles.trim();
    const descriptor = this.#files.use(keyOf(draft), () => {
      const opened = reopenDraftFile(this.#pathOf(draft.temporary), draft.stat);
      if (opened === undefined) throw exchanged(draft.path);
      return opened;
    });
    writeBytes(descriptor, position, bytes, draft.sparse);
  }

  draftSymlink(path: TargetPath, linkTarget: ByteString): Draft {
    return this.#draft(path, false, (entry) => {
      symlinkSync(bytesOf(linkTarget), bytesOf(entry));
      return statOfKind(entry, 'symlink');
    });
  }

  /** `existing`: a file that was restored before, also below this target. */
  draftHardLink(path: TargetPath, existing: TargetPath): Draft {
    return this.#draft(path, false, (entry) => {
      linkSync(bytesOf(this.#pathOf(existing)), bytesOf(entry));
      return statOfKind(entry, 'file');
    });
  }

  draftFifo(path: TargetPath): Draft {
    return this.#draft(path, false, (entry) => {
      makeFifo(entry);
      return statOfKind(entry, 'fifo');
    });
  }

  draftDevice(path: TargetPath, kind: 'dev' | 'chardev', device: bigint): Draft {
    return this.#draft(path, false, (entry) => {
      makeDevice(entry, kind, device);
      return statOfKind(entry, kind);
    });
  }

  /** Gives a draft, or what was seen in its place, what its node says about it. */
  describe(entry: Draft | Placed, metadata: EntryMetadata, rules: MetadataRules): MetadataProblem[] {
    this.#handles.trim();
    const path = 'temporary' in entry ? entry.temporary : entry.path;
    const descriptor = 'temporary' in entry ? this.#files.get(keyOf(entry)) : undefined;
    if (descriptor !== undefined) {
      const held = this.#handles.entryOf(descriptor, entry.stat);
      if (held !== undefined) return applyMetadata(held, metadata, rules);
    }
    const [folder, name] = split(path);
    return this.#handles.withEntry(folder, name, (held) => {
      if (!isSameEntry(entry.stat, held.stat)) throw exchanged(entry.path);
      return applyMetadata(held, metadata, rules);
    });
  }

  /** Gives a draft its name; what had it before is replaced in one step, a folder removed first. */
  publish(draft: Draft, replace: Replace): void {
    this.#handles.trim();
    const isLink = draft.stat.links > 1;
    const found = isLink || replace === 'nothing' ? this.look(draft.path) : undefined;
    if (found !== undefined && replace === 'nothing') throw taken(draft.path);
    this.#files.release(keyOf(draft));
    try {
      this.#rename(draft);
    } catch (error) {
      if (this.look(draft.path)?.kind !== 'dir') throw error;
      this.remove(draft.path, replace);
      this.#rename(draft);
    }
    // Two names of one file: then renaming does nothing and the temporary name stays.
    if (found !== undefined && isSameEntry(found, draft.stat))
      unlinkIfThere(bytesOf(this.#pathOf(draft.temporary)));
    this.#drafts.delete(draft);
  }

  #rename({ temporary, path }: Draft): void {
    const [folder, name] = split(path);
    this.#handles.rename(folder, temporary.at(-1)!, name);
  }

  /** Holds the draft open no longer; to write to it again is all right. */
  release(draft: Draft): void {
    this.#files.release(keyOf(draft));
  }

  discard(draft: Draft): void {
    this.#handles.trim();
    this.#drafts.delete(draft);
    this.#files.release(keyOf(draft));
    unlinkIfThere(bytesOf(this.#pathOf(draft.temporary)));
  }

  /** Removes an entry; a folder that is not empty only with `tree`. What is not there counts as removed. */
  remove(path: TargetPath, how: Replace): void {
    const found = this.look(path);
    if (found === undefined) return;
    if (found.kind === 'dir') {
      if (how === 'tree') for (const name of this.list(path)) this.remove([...path, name], how);
      this.#handles.forget(path);
      rmdirSync(bytesOf(this.#pathOf(path)));
    } else unlinkIfThere(bytesOf(this.#pathOf(path)));
  }

  /** Removes every draft that did not get its name, as far as that is possible. */
  close(): void {
    for (const draft of this.#drafts) {
      try {
        this.discard(draft);
      } catch {
        // Its folder is gone, or ours no longer.
      }
    }
    this.#handles.close();
  }

  get #prefix(): string {
    return `.slackwater-${this.#mark}-`;
  }

  #draft(path: TargetPath, sparse: boolean, make: (entry: ByteString, key: string) => Stat): Draft {
    this.#handles.trim();
    const [folder, name] = split(path);
    checkName(name);
    const temporaryName = fromLatin1(`${this.#prefix}${this.#drafted++}`);
    const stat = make(entryIn(this.#handles.pathOf(folder), temporaryName), temporaryName);
    const draft = { path, temporary: [...folder, temporaryName], stat, sparse };
    this.#drafts.add(draft);
    return draft;
  }

  #pathOf(path: TargetPath): ByteString {
    // The path of an open handle is itself a symlink.
    if (path.length === 0) return fromLatin1(`${this.#handles.pathOf(path)}/.`);
    const [folder, name] = split(path);
    return entryIn(this.#handles.pathOf(folder), name);
  }
}

/** No two drafts have the same temporary name, whosever they are. */
function keyOf({ temporary }: Draft): string {
  return temporary.at(-1)!;
}

function split(path: TargetPath): [folder: TargetPath, name: ByteString] {
  return [path.slice(0, -1), path.at(-1) ?? fromLatin1('')];
}

/** Of an entry just made: if it is of another kind, someone was quicker. */
function statOfKind(entry: ByteString, kind: EntryKind): Stat {
  const stat = statOf(entry);
  if (stat.kind !== kind) throw unsafe(entry, 'something else was put in its place');
  return stat;
}

function taken(path: TargetPath): Failure {
  return new Failure('file-exists', { path: shownPath(path) });
}

function exchanged(path: TargetPath): Failure {
  return unsafe(path.at(-1)!, 'something else was put in its place');
}

function unlinkIfThere(path: Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
