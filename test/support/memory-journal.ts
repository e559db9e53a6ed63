/**
 * A journal and a spool in memory, which lose what the real ones may lose: `crash` forgets what was told lazily since the
 * last durable word.
 */
import { Failure } from '../../engine/base/failure.ts';
import type { Id } from '../../engine/format/id.ts';
import { RunMemory } from '../../engine/job/run-memory.ts';
import type {
  CommittedRun,
  EndedPack,
  Journal,
  JournalPack,
  JournalRun,
  LateLooks,
  Seal,
} from '../../engine/journal/journal.ts';
import type { LockMemory, OwnLock } from '../../engine/journal/lock-memory.ts';
import type { Spool } from '../../engine/journal/spool.ts';

interface Kept {
  run: JournalRun;
  packs: Map<Id, JournalPack>;
  files: Uint8Array[];
  committed?: CommittedRun | undefined;
}

type Method = keyof Journal;

/** Of the memory of locks, too: the names of our own. */
export type OwnLocks = Pick<LockMemory, 'lockWritten' | 'lockRemoved' | 'ownLocks'>;

export class MemoryJournal implements Journal, OwnLocks {
  #durable = new Map<string, Kept>();
  #now = new Map<string, Kept>();
  readonly #locks = new Map<string, Map<Id, OwnLock>>();
  readonly #ended = new Map<string, Map<Id, EndedPack>>();
  readonly #lastLookMs = new Map<string, number>();
  /** Called before each word that changes something: what it throws, the journal fails with. */
  before: (method: Method) => void = () => {};

  begin(start: Parameters<Journal['begin']>[0]): void {
    const known = this.#now.get(start.runId);
    const fresh = { storedIndexes: [], attempts: 0, lastAttemptMs: 0, lastFailure: '' };
    this.#durably('begin', () => {
      const run: JournalRun = { ...fresh, ...known?.run, ...start, at: 'open', seal: undefined };
      this.#now.set(start.runId, { packs: new Map(), files: [], ...known, run });
    });
  }

  own: Journal['own'] = (runId, owner) =>
    this.#durably('own', () => this.#change(runId, (run) => ({ ...run, owner })));

  pack: Journal['pack'] = (runId, pack) => {
    const put = (): void => void this.#now.get(runId)?.packs.set(pack.id, pack);
    // It outlives the process: the crash that is played here is the process's.
    this.#durably('pack', put);
  };

  packStored: Journal['packStored'] = (runId, id) =>
    this.#durably('packStored', () => {
      const packs = this.#now.get(runId)?.packs;
      const pack = packs?.get(id);
      if (pack !== undefined) packs?.set(id, { ...pack, at: 'stored' });
    });

  packLost: Journal['packLost'] = (runId, id) =>
    this.#lazily('packLost', () => this.#now.get(runId)?.packs.delete(id));

  files: Journal['files'] = (runId, records) =>
    this.#lazily('files', () => this.#now.get(runId)?.files.push(records));

  indexStored: Journal['indexStored'] = (runId, id) =>
    this.#lazily('indexStored', () =>
      this.#change(runId, (run) => ({ ...run, storedIndexes: [...run.storedIndexes, id] })),
    );

  seal: Journal['seal'] = (runId, seal) =>
    this.#durably('seal', () => this.#change(runId, (run) => ({ ...run, at: 'sealed', seal })));

  reopen: Journal['reopen'] = (runId, atMs) =>
    this.#durably('reopen', () => {
      const run = this.run(runId);
      if (run?.seal === undefined) return;
      const { id } = run.seal.snapshot;
      this.#now.set(id, {
        ...{ run: { ...run, runId: id, at: 'begun-anew', seal: undefined, storedIndexes: [] } },
        ...{ packs: new Map(), files: [], committed: commitOf(id, run.seal, atMs) },
      });
      this.#change(runId, () => ({ ...run, at: 'open', seal: undefined }));
    });

  attemptFailed: Journal['attemptFailed'] = (runId, lastAttemptMs, lastFailure) =>
    this.#durably('attemptFailed', () =>
      this.#change(runId, (run) => ({ ...run, attempts: run.attempts + 1, lastAttemptMs, lastFailure })),
    );

  end: Journal['end'] = (runId, outcome, endedMs) =>
    this.#durably('end', () => {
      const { repositoryId = '' } = this.run(runId) ?? {};
      const ended = this.#ended.get(repositoryId) ?? new Map<Id, EndedPack>();
      for (const { id, sizeBytes } of this.packs(runId)) ended.set(id, { id, sizeBytes, endedMs });
      this.#ended.set(repositoryId, ended);
      const kept = this.#now.get(runId);
      if (kept === undefined) return;
      const { seal } = kept.run;
      kept.run = { ...kept.run, at: outcome, seal: undefined };
      kept.files = [];
      if (outcome !== 'done' || seal === undefined) kept.packs = new Map();
      else kept.committed = commitOf(runId, seal, endedMs);
    });

  lookedAt: Journal['lookedAt'] = (runId, { atMs, missingBlobs, gonePacks }) =>
    this.#durably('lookedAt', () => {
      const kept = this.#now.get(runId);
      if (kept?.committed === undefined) return;
      const { repositoryId } = kept.run;
      const ended = this.#ended.get(repositoryId) ?? new Map<Id, EndedPack>();
      for (const pack of gonePacks) ended.set(pack.id, { ...pack, endedMs: atMs });
      this.#ended.set(repositoryId, ended);
      this.#lastLookMs.set(repositoryId, atMs);
      kept.committed = missingBlobs === 0 ? undefined : { ...kept.committed, lookedMs: atMs, missingBlobs };
      if (missingBlobs === 0) kept.packs = new Map();
    });

  lateLooks(repositoryId: string): LateLooks {
    const kept = [...this.#now.values()].filter(({ run }) => run.repositoryId === repositoryId);
    const runs = kept.flatMap(({ committed }) => (committed === undefined ? [] : [committed]));
    return { runs, lastMs: this.#lastLookMs.get(repositoryId) ?? 0 };
  }

  forgetPacks: Journal['forgetPacks'] = (repositoryId, ids) =>
    this.#lazily('forgetPacks', () => {
      for (const id of ids) this.#ended.get(repositoryId)?.delete(id);
    });

  openRuns(repositoryId?: string): JournalRun[] {
    const runs = [...this.#now.values()].map(({ run }) => run);
    return runs.filter(
      (run) =>
        (run.at === 'open' || run.at === 'sealed') && [undefined, run.repositoryId].includes(repositoryId),
    );
  }

  run = (runId: string): JournalRun | undefined => this.#now.get(runId)?.run;
  packs = (runId: string): JournalPack[] => [...(this.#now.get(runId)?.packs.values() ?? [])];
  fileRecords = (runId: string): Uint8Array[] => [...(this.#now.get(runId)?.files ?? [])];
  endedPacks = (repositoryId: string): EndedPack[] => [...(this.#ended.get(repositoryId)?.values() ?? [])];

  lockWritten: OwnLocks['lockWritten'] = (repositoryId, lock) => {
    const locks = this.#locks.get(repositoryId) ?? new Map<Id, OwnLock>();
    this.#locks.set(repositoryId, locks.set(lock.id, locks.get(lock.id) ?? lock));
  };
  lockRemoved: OwnLocks['lockRemoved'] = (repositoryId, id) => void this.#locks.get(repositoryId)?.delete(id);
  ownLocks: OwnLocks['ownLocks'] = (repositoryId) => [...(this.#locks.get(repositoryId)?.values() ?? [])];

  flush(): void {
    this.#durable = copyOf(this.#now);
  }

  close(): void {
    this.flush();
  }

  /** The process dies here. */
  crash(): void {
    this.#now = copyOf(this.#durable);
    this.before = () => {};
  }

  #change(runId: string, change: (run: JournalRun) => JournalRun): void {
    const kept = this.#now.get(runId);
    if (kept !== undefined) kept.run = change(kept.run);
  }

  #lazily(method: Method, work: () => void): void {
    this.before(method);
    work();
  }

  #durably(method: Method, work: () => void): void {
    this.#lazily(method, work);
    this.flush();
  }
}

function commitOf(runId: string, { snapshot, tree }: Seal, committedMs: number): CommittedRun {
  return { runId, snapshotId: snapshot.id, tree, committedMs, lookedMs: undefined, missingBlobs: 0 };
}

function copyOf(runs: Map<string, Kept>): Map<string, Kept> {
  return new Map(
    [...runs].map(([id, { run, packs, files, committed }]) => [
      id,
      { run, packs: new Map(packs), files: [...files], committed },
    ]),
  );
}

export class MemorySpool implements Spool {
  readonly #packs = new Map<string, Map<Id, Uint8Array>>();
  quotaBytes = Number.POSITIVE_INFINITY;
  before: () => void = () => {};

  async put(runId: string, packId: Id, parts: readonly Uint8Array[]): Promise<void> {
    this.before();
    const bytes = Uint8Array.from(Buffer.concat(parts));
    if ((await this.usedBytes()) + bytes.length > this.quotaBytes)
      throw new Failure('no-space', {}, { next: 'later' });
    this.#packs.set(runId, (this.#packs.get(runId) ?? new Map<Id, Uint8Array>()).set(packId, bytes));
  }

  async get(runId: string, packId: Id): Promise<Uint8Array | undefined> {
    return this.#packs.get(runId)?.get(packId);
  }

  async remove(runId: string, packId: Id): Promise<void> {
    this.#packs.get(runId)?.delete(packId);
  }

  async removeRun(runId: string): Promise<void> {
    this.#packs.delete(runId);
  }

  async packs(runId: string): Promise<Id[]> {
    return [...(this.#packs.get(runId)?.keys() ?? [])];
  }

  async removeAllBut(runIds: ReadonlySet<string>): Promise<void> {
    for (const id of this.#packs.keys()) if (!runIds.has(id)) this.#packs.delete(id);
  }

  async usedBytes(): Promise<number> {
    let sum = 0;
    for (const packs of this.#packs.values()) for (const { length } of packs.values()) sum += length;
    return sum;
  }
}

export interface TestMemory extends RunMemory {
  readonly journal: MemoryJournal;
  readonly spool: MemorySpool;
}

export function memoryOfRuns(journal = new MemoryJournal(), spool = new MemorySpool()): TestMemory {
  return new RunMemory(journal, spool) as TestMemory;
}
