/**
 * What a backup reads of the repository before anything else: its snapshots, to choose a parent, and the index. It is read
 * while the lock is still being taken, and counts if the store, once our lock is written, lists the same index files:
 * then nothing was removed that the run relies on, and all that the parent refers to is in the index. What an index may
 * name though it is not there (`other-packs.ts`) is asked for under the lock.
 */
import type { Backend, StoredFile } from '../backend/backend.ts';
import { type ByteString, toText } from '../base/byte-string.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import { type IndexWanted, type LoadedIndex, listIndexes, loadIndexFiles } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import { findSnapshot, listSnapshotIds, loadSnapshots, type NamedSnapshot } from '../repo/snapshots.ts';
import type { BackupRequest } from './backup.ts';
import { findParent } from './find-parent.ts';
import { findNamedButGone, forgetOldPacks, packsOfOthers } from './other-packs.ts';

/** A backup stores again what no index names. */
const passesOverDamaged = true;

/** What the store lists. */
export interface Listed {
  readonly snapshots: readonly Id[];
  readonly indexes: readonly StoredFile[];
  /** False also where that could not be learned. */
  readonly isUnlocked: boolean;
}

/** Whether so much was backed up there that it may take long to walk through it. */
export function holdsMuch({ snapshots, indexes }: Listed): boolean {
  const indexBytes = indexes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return snapshots.length > 0 && indexBytes >= limits.lookAheadIndexBytesMin;
}

/** Together: across an ocean, each question takes its time. */
export async function listBeginning(backend: Backend): Promise<Listed> {
  const asked = [listSnapshotIds({ backend }), listIndexes({ backend }), listsNoLock(backend)] as const;
  const [snapshots, indexes, isUnlocked] = await Promise.all(asked);
  return { snapshots, indexes, isUnlocked };
}

async function listsNoLock(backend: Backend): Promise<boolean> {
  try {
    for await (const _lock of backend.list('lock')) return false;
    return true;
  } catch {
    // Whoever takes the lock looks anew, and tells what is wrong.
    return false;
  }
}

export class Beginning {
  readonly #repository: Repository;
  readonly #request: BackupRequest;
  /** Of before the lock was held. */
  #ahead: Promise<Listed> | undefined;
  /** The index files that are there since our lock is written. */
  #again: Promise<StoredFile[]> | undefined;
  #index: Promise<LoadedIndex> | undefined;

  constructor(repository: Repository, request: BackupRequest) {
    this.#repository = repository;
    this.#request = request;
  }

  /** Whether the run may begin before its lock is held: it can be begun again. */
  get isAhead(): boolean {
    return this.#ahead !== undefined;
  }

  /** Whether there may be a parent of many files, as far as that is known before it is chosen. Never fails. */
  async holdsMuch(): Promise<boolean> {
    const listed = this.#request.force ? undefined : await this.#ahead?.catch(() => undefined);
    return listed !== undefined && holdsMuch(listed);
  }

  /** Reads now, for a run that begins before its lock is held. */
  readAhead(): void {
    const { stream, parent, listed } = this.#request;
    // A stream comes once; a parent that is named is looked for in a listing of its own.
    if (stream !== undefined || parent !== undefined) return;
    const { backend } = this.#repository;
    this.#ahead = listed?.catch(() => listBeginning(backend)) ?? listBeginning(backend);
    this.#index = this.#ahead.then(({ indexes }) => this.#load({ listed: indexes }));
    this.#index.catch(() => undefined);
  }

  /** Our lock is written: from now on, nobody removes anything. */
  lookAgain(): void {
    if (this.#ahead === undefined) return;
    // Where there was nothing, nothing is relied upon.
    this.#again = this.#ahead.then(({ snapshots, indexes }) =>
      snapshots.length + indexes.length === 0 ? [] : listIndexes(this.#repository),
    );
    this.#again.catch(() => undefined);
  }

  /** Whether a listing of before showed no lock: then ours can be written, and others are looked for beside it. */
  async sawNoLock(): Promise<boolean> {
    const listed = await this.#ahead?.catch(() => undefined);
    return listed?.isUnlocked === true;
  }

  /** Whether what was read ahead is as good as if it had been read under the lock, which is held by now. */
  async stands(signal: AbortSignal): Promise<boolean> {
    if (this.#ahead === undefined) return true;
    const [before, now, namesWhatIsThere] = await Promise.all([
      this.#ahead,
      this.#again ?? listIndexes(this.#repository),
      this.#namesWhatIsThere(signal),
    ]);
    const names = new Set(before.indexes.map(({ name }) => name));
    return namesWhatIsThere && names.size === now.length && now.every(({ name }) => names.has(name));
  }

  /** Whether the store has the packs of other runs of this machine that the index names. */
  async #namesWhatIsThere(signal: AbortSignal): Promise<boolean> {
    const { memory } = this.#request;
    if (memory === undefined || this.#index === undefined) return true;
    // Where there are none, nobody waits for the index here.
    if (packsOfOthers(memory, this.#repository).length === 0) return true;
    const { index } = await this.#index;
    const gone = await findNamedButGone(memory, this.#repository, undefined, index, signal);
    if (gone.length === 0) forgetOldPacks(memory, this.#repository, new Set());
    return gone.length === 0;
  }

  async parent(of: { paths: readonly ByteString[]; startNs: bigint }): Promise<NamedSnapshot | undefined> {
    const { parent, hostname, timeNs = of.startNs, force, stream } = this.#request;
    if (force || stream !== undefined) return undefined;
    const filter = { hosts: [hostname], paths: of.paths.map(toText) };
    if (parent !== undefined) return await findSnapshot(this.#repository, parent, filter);
    const listed = await this.#ahead;
    const snapshots = await loadSnapshots(this.#repository, listed?.snapshots);
    return findParent(snapshots, { hostname, paths: of.paths, timeNs });
  }

  /** To be asked for after the parent. `gonePacks` are left out, whatever index names them. */
  async index(gonePacks: ReadonlySet<Id> = new Set()): Promise<LoadedIndex> {
    if (gonePacks.size > 0) return await this.#load({ gonePacks });
    this.#index ??= this.#load({});
    return await this.#index;
  }

  #load(wanted: IndexWanted): Promise<LoadedIndex> {
    return loadIndexFiles(this.#repository, { ...wanted, passesOverDamaged });
  }
}
