/**
 * One backup under its lock: chooses a parent, walks the sources, stores what is new, and commits a snapshot of it. What
 * was stored before a failure or a cancel is written into an index first, so that the next run finds it; with a
 * journal, the next run goes on from where this one was cut. `backup.ts` begins it.
 */

import { type ByteString, toText } from '../base/byte-string.ts';
import { wallMs } from '../base/clock.ts';
import { Failure, fromSystemError } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { formatTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import { encodeSnapshot, type Snapshot } from '../format/snapshot-file.ts';
import type { RunStart } from '../journal/journal.ts';
import type { BackupSummary, RunPhase } from '../protocol/run-news.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { BlobStore } from '../repo/blob-store.ts';
import { commitSnapshot } from '../repo/commit.ts';
import { findGone } from '../repo/find-packs.ts';
import type { LoadedIndex } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';
import { sealFile } from '../repo/unpacked-files.ts';
import { absolutePath } from '../source/path.ts';
import type { SourceFiles } from '../source/source-files.ts';
import { planTargets } from '../source/targets.ts';
import { archiveStream } from './archive-stream.ts';
import { TreeArchiver } from './archive-tree.ts';
import type { BackupRequest } from './backup.ts';
import { BackupCounts } from './backup-counts.ts';
import { type BackupListener, BackupTelling } from './backup-telling.ts';
import type { Beginning } from './beginning.ts';
import { commitAtOnce } from './finish-commit.ts';
import { FolderLooks } from './folder-looks.ts';
import { LookAhead } from './look-ahead.ts';
import { forgetOldPacks, packsOfOthers } from './other-packs.ts';
import { chooseRun, findPacksOf, type PacksFound } from './resume-run.ts';
import type { RunLock } from './run-ahead.ts';
import { RunJournal } from './run-journal.ts';
import { ownerNow, type RunMemory } from './run-memory.ts';
import { SizeScan } from './scan-size.ts';

export class BackupRun {
  readonly #repository: Repository;
  readonly #files: SourceFiles;
  readonly #request: BackupRequest;
  #signal: AbortSignal = new AbortController().signal;
  #lock: RunLock | undefined;
  readonly #counts = new BackupCounts();
  readonly #telling: BackupTelling;
  readonly #scanning = new AbortController();
  /** The targets that are there. */
  #targets: readonly ByteString[] = [];
  readonly #ahead: LookAhead;
  readonly #startNs: bigint;
  readonly #startMs: number;
  #sealed: { readonly runId: string; readonly summary: BackupSummary } | undefined;

  constructor(repository: Repository, files: SourceFiles, request: BackupRequest, listener: BackupListener) {
    this.#repository = repository;
    this.#files = files;
    this.#request = request;
    this.#telling = new BackupTelling(this.#counts, listener, repository.world.clock);
    this.#ahead = request.ahead ?? new LookAhead();
    this.#startNs = repository.world.clock.wallNs();
    this.#startMs = repository.world.clock.elapsedMs();
  }

  /** Set once the run is sealed: from then on, it is a commit that is to be finished. */
  get sealed(): { readonly runId: string; readonly summary: BackupSummary } | undefined {
    return this.#sealed;
  }

  get #isAway(): boolean {
    return this.#repository.backend.isAway === true;
  }

  readonly tellPhase = (phase: RunPhase): void => this.#telling.phase(phase);

  /** Fails with `lock-lost` also where a commit is in doubt because of that. */
  async run(beginning: Beginning, signal: AbortSignal, lock?: RunLock): Promise<BackupSummary> {
    try {
      return await this.#run(beginning, signal, lock);
    } finally {
      await this.#ahead.close();
    }
  }

  async #run(beginning: Beginning, signal: AbortSignal, lock: RunLock | undefined): Promise<BackupSummary> {
    this.#signal = signal;
    this.#lock = lock;
    this.#telling.phase('opening');
    this.#targets = this.#request.targets.filter((target) => this.#isThere(target));
    void beginning.holdsMuch().then((holdsMuch) => holdsMuch && this.#lookAhead());
    if (!beginning.isAhead) await lock?.sound;
    const parent = await beginning.parent({ paths: this.#paths(), startNs: this.#startNs });
    const filesBefore = parent?.summary?.totalFilesProcessed ?? 0;
    if (parent === undefined) await this.#ahead.close();
    else if (filesBefore >= limits.lookAheadFilesMin) this.#lookAhead();
    // After the snapshots: then all that the parent refers to is in the index.
    const { memory, dryRun } = this.#request;
    if (memory === undefined || dryRun) return await this.#work((await beginning.index()).index, parent);
    const start = this.#start(memory);
    return await memory.holding(start.runId, async () => {
      const others = beginning.isAhead ? [] : packsOfOthers(memory, this.#repository, start.runId);
      const packs = await findPacksOf(memory, this.#repository, start.runId, others, lock?.held, signal);
      const { index, ids, leftOut } = await this.#trusted(
        await beginning.index(packs.gone),
        packs,
        beginning,
      );
      if (!beginning.isAhead) forgetOldPacks(memory, this.#repository, leftOut);
      const started = { ...start, indexIds: [...ids] };
      const journal = await RunJournal.begin(memory, this.#repository, started, index, packs);
      return await this.#work(index, parent, journal);
    });
  }

  /**
   * Where an index names a pack of ours that is gone, it is not believed about the others: who prunes at the same time as
   * somebody else leaves an index that names what the other has removed.
   */
  async #trusted(loaded: LoadedIndex, { gone }: PacksFound, beginning: Beginning): Promise<LoadedIndex> {
    if (loaded.leftOut.size === 0) return loaded;
    const more = await findGone(this.#repository, loaded.index.packIds(), this.#signal);
    return more.size === 0 ? loaded : await beginning.index(new Set([...gone, ...more]));
  }

  async #work(
    index: BlobIndex,
    parent: NamedSnapshot | undefined,
    journal?: RunJournal,
  ): Promise<BackupSummary> {
    const { compression, packBytesTarget, dryRun } = this.#request;
    const { written, held, lost } = this.#lock ?? {};
    // What is near is soon there, and not kept here as well: killed before it counts, it would be stored twice.
    const mayHurry = this.#repository.backend.folder === undefined;
    const lock = { written: mayHurry ? written : undefined, held, lost };
    const options = { compression, packBytesTarget, isDry: dryRun, ...lock, notes: journal?.notes };
    const store = new BlobStore(this.#repository, index, options);
    if (journal !== undefined) store.takeOver(journal.resumed.stored, journal.resumed.kept);
    this.#telling.follow(store);
    try {
      const tree = await this.#archive(index, store, parent, journal);
      this.#scanning.abort();
      this.#telling.walked();
      await this.#lock?.sound;
      return await this.#finish(store, tree, parent, journal);
    } catch (error) {
      const wasHeld = this.#lock?.held.then(
        () => true,
        () => false,
      );
      await this.#keepWhatIsStored(store);
      // Where nothing was sent, there is nothing that another run had to go on from.
      if ((await wasHeld) === false && !store.hasSent) journal?.end();
      else journal?.flush();
      throw this.#signal.aborted ? this.#signal.reason : error;
    } finally {
      this.#scanning.abort();
      await store.close();
    }
  }

  /** What the journal is told first. Files are the same whatever else is asked of a run: only what it is of counts. */
  #start(memory: RunMemory): Omit<RunStart, 'indexIds'> {
    const { hostname, stream, planId = '' } = this.#request;
    const { config, world, backend } = this.#repository;
    const paths = this.#paths();
    const sources = paths.map(toText);
    const subject = JSON.stringify({ hostname, paths: [...paths].sort(), isStream: stream !== undefined });
    const newRunId = Buffer.from(world.chance.bytes(16)).toString('hex');
    const runId = chooseRun(memory, this.#repository, { repositoryId: config.id, subject }, newRunId);
    return {
      runId,
      repositoryId: config.id,
      location: backend.location,
      planId,
      subject,
      sources,
      startedMs: wallMs(world.clock),
      owner: ownerNow(world),
    };
  }

  /** A target that is not there is told and left out; what the snapshot says it is of, it has. */
  #isThere(target: ByteString): boolean {
    const path = absolutePath(this.#request.cwd, target);
    try {
      this.#files.item(path, path);
      return true;
    } catch (error) {
      this.#counts.errors++;
      this.#telling.failed(path, error);
      return false;
    }
  }

  /** What the snapshot says it is of. */
  #paths(): ByteString[] {
    const { stream, cwd } = this.#request;
    return stream === undefined ? this.#targets.map((target) => absolutePath(cwd, target)) : [stream.path];
  }

  async #archive(
    index: BlobIndex,
    store: BlobStore,
    parent: NamedSnapshot | undefined,
    journal: RunJournal | undefined,
  ): Promise<Id> {
    const { stream, excluder, rule, force } = this.#request;
    const shared = {
      repository: this.#repository,
      store,
      files: this.#files,
      counts: this.#counts,
      listener: this.#telling,
      signal: this.#signal,
    };
    this.#telling.phase('uploading');
    if (stream !== undefined) return await archiveStream(shared, stream);
    const finished = force ? undefined : journal?.resumed.finished;
    const { finishedFile: note } = journal ?? {};
    const looks = new FolderLooks({ files: this.#files, excluder, ahead: this.#ahead });
    const parts = { ...shared, index, excluder, rule, finished, note, looks };
    const root = this.#planTargets();
    this.#beginScan();
    const tree = await new TreeArchiver(parts).saveTargets(root, parent?.tree);
    if (tree === undefined) throw new Failure('nothing-to-back-up');
    return tree;
  }

  /** Where there is a parent. Else the files are read, and whoever does that has enough to do. */
  #lookAhead(): void {
    const { cwd, excluder } = this.#request;
    const { compute } = this.#repository.world;
    this.#ahead.begin(compute, this.#files, { targets: this.#targets, cwd, excludes: excluder.plan });
  }

  #planTargets(): ReturnType<typeof planTargets> {
    if (this.#targets.length === 0) throw new Failure('source-missing');
    const { cwd } = this.#request;
    const listFolder = (path: ByteString): ByteString[] => {
      try {
        return this.#files.names(path);
      } catch (error) {
        throw fromSystemError(error, 'list', path);
      }
    };
    return planTargets(this.#targets, { cwd, listFolder });
  }

  #beginScan(): void {
    if (!this.#request.scan) return;
    const scan = new SizeScan(
      this.#files,
      this.#request.excluder,
      this.#repository.world.clock,
      this.#scanning.signal,
    );
    const paths = this.#paths();
    scan.run(paths).then(
      (totals) => this.#telling.totals(totals),
      // The archiver meets the same trouble and tells it; without totals, progress has no end.
      () => undefined,
    );
  }

  async #finish(
    store: BlobStore,
    tree: Id,
    parent: NamedSnapshot | undefined,
    journal: RunJournal | undefined,
  ): Promise<BackupSummary> {
    const { dryRun, skipIfUnchanged } = this.#request;
    if (dryRun || (skipIfUnchanged && parent?.tree === tree)) {
      if (!this.#isAway) {
        await store.flush();
        await store.writeIndex();
      }
      journal?.end();
      return this.#summary(undefined);
    }
    const makeSnapshot = (): Snapshot => this.#makeSnapshot(tree, parent);
    this.#signal.throwIfAborted();
    if (journal !== undefined && (this.#lock !== undefined || this.#isAway))
      return await this.#sealAndCommit(journal, store, tree, makeSnapshot);
    const { id } = await commitSnapshot(this.#repository, store, makeSnapshot, this.tellPhase, this.#signal);
    return this.#summary(id);
  }

  async #sealAndCommit(
    { memory, runId, flush }: RunJournal,
    store: BlobStore,
    tree: Id,
    makeSnapshot: () => Snapshot,
  ): Promise<BackupSummary> {
    this.#telling.phase('sealing');
    await store.allKept();
    this.#signal.throwIfAborted();
    const snapshot = sealFile(this.#repository, 'snapshot', encodeSnapshot(makeSnapshot()));
    const summary = this.#summary(snapshot.id);
    flush();
    memory.journal.seal(runId, {
      sealedMs: wallMs(this.#repository.world.clock),
      tree,
      indexes: await store.sealIndexes(),
      snapshot,
      summary: JSON.stringify(summary),
    });
    this.#sealed = { runId, summary };
    const lost = this.#lock?.lost;
    if (lost === undefined)
      throw new Failure('commit-waiting', { runId, why: 'store-unreachable' }, { next: 'later' });
    const { gate, lockRetryMs } = this.#request;
    const repository = this.#repository;
    const parts = { repository, memory, runId, gate, lockRetryMs, signal: this.#signal };
    const id = await commitAtOnce({ ...parts, onStep: this.tellPhase }, lost, store);
    if (id === undefined) throw new Failure('lock-lost');
    return summary;
  }

  #makeSnapshot(tree: Id, parent: NamedSnapshot | undefined): Snapshot {
    const { hostname, tags, excludes, timeNs, programVersion } = this.#request;
    const { host, clock } = this.#repository.world;
    const counts = this.#counts;
    return {
      time: formatTime(timeNs ?? this.#startNs),
      ...(parent === undefined ? {} : { parent: parent.id }),
      tree,
      paths: this.#paths(),
      hostname,
      username: host.username,
      uid: host.uid,
      gid: host.gid,
      excludes,
      tags,
      programVersion,
      summary: {
        backupStart: formatTime(this.#startNs),
        backupEnd: formatTime(clock.wallNs()),
        ...counts.totals(),
        dataAdded: counts.addedBytes,
        dataAddedPacked: counts.addedPackedBytes,
      },
    };
  }

  #summary(snapshotId: Id | undefined): BackupSummary {
    const counts = this.#counts;
    const { clock } = this.#repository.world;
    return {
      ...counts.totals(),
      dataAddedBytes: counts.addedBytes,
      dataAddedPackedBytes: counts.addedPackedBytes,
      durationMs: clock.elapsedMs() - this.#startMs,
      startedAt: formatTime(this.#startNs),
      endedAt: formatTime(clock.wallNs()),
      ...(snapshotId === undefined ? {} : { snapshotId }),
      dryRun: this.#request.dryRun,
      changedWhileReading: counts.changedWhileReading,
      errors: counts.errors,
    };
  }

  /** After a failure or a cancel: an index for the packs that arrived, so that they are not sent again. */
  async #keepWhatIsStored(store: BlobStore): Promise<void> {
    try {
      await store.close();
      if (this.#isAway) return;
      const { clock } = this.#repository.world;
      const isOver = new AbortController();
      void clock.sleep(limits.lastIndexMsMax, isOver.signal).then(() => isOver.abort());
      await store.writeIndex(isOver.signal).finally(() => isOver.abort());
    } catch {
      this.#repository.world.log.warn('what was stored so far could not be indexed; it will be sent again');
    }
  }
}
