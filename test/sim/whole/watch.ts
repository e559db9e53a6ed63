/**
 * What must hold at every step of a history, seen from the store and the journal: nothing that is known to be there is sent
 * again, nothing is sent again unasked, no index names a pack that is not there, nothing but locks is ever removed
 * by us, and what is told as done is there.
 */

import type { FileName, FileType } from '../../../engine/backend/backend.ts';
import type { Id } from '../../../engine/format/id.ts';
import { decodeIndex, type IndexedPack } from '../../../engine/format/index-file.ts';
import { decodeEntries } from '../../../engine/format/pack-header.ts';
import type { JournalPack, Seal } from '../../../engine/journal/journal.ts';
import type { MemoryJournal } from '../../support/memory-journal.ts';
import type { SourceState } from './sim-sources.ts';
import type { SimStore } from './sim-store.ts';

interface Sent {
  isAsked: boolean;
  isProven: boolean;
}

export interface SealSeen {
  readonly runId: string;
  readonly snapshotId: Id;
  readonly state: SourceState;
  isDone: boolean;
  /** It lacked something when its run looked again, and was begun anew: if it ever is there, that must be told. */
  isBegunAnew: boolean;
}

export class Watch {
  readonly violations: string[] = [];
  readonly seals: SealSeen[] = [];
  /** Index files that are seen in the store before anything relies on them. */
  readonly sealedIndexes = new Set<Id>();
  /** Called when a run is told as done, and its snapshot is there. */
  onDone: (seal: SealSeen) => Promise<void> = async () => {};
  /** Called when the store has acknowledged a snapshot, unless somebody has removed a lock of ours. */
  onVisible: (seal: SealSeen) => Promise<void> = async () => {};
  /** A rival took away what protects us: then a snapshot may be seen before it is proven again. */
  isLockRemoved = false;
  onSealed: () => void = () => {};
  /** Snapshots of ours that a rival has forgotten. */
  readonly forgotten = new Set<Id>();
  /**
   * What a prune took that went on without its lock, since we listed the indexes last: nobody can keep a snapshot from
   * losing that, but the day after must tell.
   */
  readonly takenSince = new Map<string, Uint8Array>();
  /** Snapshots that have lost such packs by the time that they were told as done, and nothing else. */
  readonly lost = new Set<Id>();
  /** Snapshots that were told to have lost something, and how many blobs at last. */
  readonly incomplete = new Map<Id, number>();
  readonly #store: SimStore;
  readonly #open: (id: Id, bytes: Uint8Array) => string;
  readonly #sent = new Map<string, Sent>();

  /** `open`: the JSON of an index file. */
  constructor(store: SimStore, open: (id: Id, bytes: Uint8Array) => string) {
    this.#store = store;
    this.#open = open;
    store.onStored = (type, name, bytes, client) => {
      if (client === 'ours' && type === 'index') this.#indexStored(name, bytes);
    };
    store.onRemoved = (type, name, client) => {
      this.#sent.delete(`${type}/${name}`);
      if (client === 'rival' && type === 'snapshot') this.forgotten.add(name);
    };
  }

  fail(what: string): void {
    this.violations.push(what);
  }

  sending(type: FileType, name: Id, bytes: Uint8Array): void {
    if (type === 'lock') return;
    const key = `${type}/${name}`;
    const isThere = this.#isWhole(type, name, bytes.length);
    const before = this.#sent.get(key);
    if (isThere && before?.isProven) this.fail(`R4: ${key} is sent again, which the store had acknowledged`);
    else if (isThere && before !== undefined && !before.isAsked)
      this.fail(`R4: ${key} is sent again unasked`);
    this.#sent.set(key, { isAsked: false, isProven: isThere && before?.isProven === true });
  }

  acknowledged(type: FileType, name: Id, bytes: Uint8Array): void {
    const sent = this.#sent.get(`${type}/${name}`);
    if (sent === undefined || !this.#isWhole(type, name, bytes.length)) return;
    sent.isProven = true;
    const seal = this.seals.find(({ snapshotId }) => snapshotId === name);
    if (type === 'snapshot' && seal !== undefined && !this.isLockRemoved) void this.onVisible(seal);
  }

  /** `sizeBytes`: undefined where the store said that it has no such file. */
  asked({ type, name }: FileName, sizeBytes: number | undefined): void {
    const sent = this.#sent.get(`${type}/${name}`);
    if (sent === undefined) return;
    sent.isAsked = true;
    // An answer that was cut off says that the store has something else.
    sent.isProven = sizeBytes !== undefined && this.#isWhole(type, name, sizeBytes);
  }

  removing({ type, name }: FileName): void {
    if (type !== 'lock') this.fail(`R2: ${type}/${name} is removed by us`);
  }

  /** Before the journal has it. */
  packed(journal: MemoryJournal, runId: string, pack: JournalPack): void {
    const known = journal.packs(runId).filter(({ id, at }) => id !== pack.id && at === 'stored');
    const fresh = new Set(decodeEntries(pack.entries).map((blob) => blob.id));
    for (const { id, sizeBytes, entries } of known) {
      if (!this.#isWhole('pack', id, sizeBytes)) continue;
      const again = decodeEntries(entries).find((blob) => fresh.has(blob.id));
      if (again !== undefined) this.fail(`R4: a blob of the acknowledged pack ${id} is packed again`);
    }
  }

  sealed(runId: string, seal: Seal, state: SourceState): void {
    this.seals.push({ runId, snapshotId: seal.snapshot.id, state, isDone: false, isBegunAnew: false });
    for (const { id } of seal.indexes) this.sealedIndexes.add(id);
    this.onSealed();
  }

  begunAnew(runId: string): void {
    const seen = this.seals.findLast((each) => each.runId === runId);
    if (seen !== undefined) seen.isBegunAnew = true;
  }

  /** Before the journal has it. */
  done(journal: MemoryJournal, runId: string): void {
    const seal = journal.run(runId)?.seal;
    const seen = this.seals.findLast((each) => each.runId === runId);
    if (seal === undefined || seen === undefined) return;
    seen.isDone = true;
    const { id, bytes } = seal.snapshot;
    if (this.forgotten.has(id)) return;
    if (!this.#isWhole('snapshot', id, bytes.length)) this.fail(`C1: done without its snapshot ${id}`);
    else void this.onDone(seen);
  }

  /** One that the store has cut off says nothing to anybody. */
  packsOf(id: Id, bytes: Uint8Array): IndexedPack[] {
    try {
      return decodeIndex(this.#open(id, bytes));
    } catch {
      return [];
    }
  }

  #indexStored(name: Id, bytes: Uint8Array): void {
    for (const { id } of this.packsOf(name, bytes)) {
      const key = `pack/${id}`;
      const isExcused = this.#store.rivalRemoved.has(key) || this.#store.neverHad.has(key);
      if (!this.#store.files.has(key) && !isExcused)
        this.fail(`O2: index ${name} names the pack ${id}, which is not there`);
    }
  }

  #isWhole(type: FileType, name: Id, sizeBytes: number): boolean {
    return this.#store.get(type, name)?.length === sizeBytes;
  }
}
