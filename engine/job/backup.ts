/**
 * A backup: chooses a parent, walks the sources, stores what is new, and commits a snapshot of it. What was stored
 * before a failure or a cancel is written into an index first, so that the next run finds it.
 */
import type { ByteString } from '../base/byte-string.ts';
import { Failure, fromSystemError } from '../base/failure.ts';
import type { Compression } from '../format/compression.ts';
import { formatTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import type { Snapshot } from '../format/snapshot-file.ts';
import type { BackupSummary, RunPhase } from '../protocol/run-news.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { BlobStore } from '../repo/blob-store.ts';
import { commitSnapshot } from '../repo/commit.ts';
import { withLock } from '../repo/hold-lock.ts';
import type { Repository } from '../repo/repository.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';
import type { Excluder } from '../source/exclude.ts';
import { absolutePath } from '../source/path.ts';
import type { SourceFiles } from '../source/source-files.ts';
import { planTargets } from '../source/targets.ts';
import { archiveStream, type StreamSource } from './archive-stream.ts';
import { TreeArchiver } from './archive-tree.ts';
import { BackupCounts } from './backup-counts.ts';
import { type BackupListener, BackupTelling } from './backup-telling.ts';
import { Beginning } from './beginning.ts';
import { SizeScan } from './scan-size.ts';
import type { ChangeRule } from './unchanged.ts';

export interface BackupRequest {
  /** As they were given, absolute or relative to `cwd`; none for a stream. */
  readonly targets: readonly ByteString[];
  readonly cwd: ByteString;
  readonly stream?: StreamSource;
  readonly excluder: Excluder;
  /** The patterns that the snapshot records. */
  readonly excludes: readonly string[];
  readonly tags: readonly string[];
  readonly hostname: string;
  /** The snapshot's time; now, when there is none. */
  readonly timeNs?: bigint;
  /** The snapshot to compare with: its id, or `latest` of this host and these paths. One is chosen where none is named. */
  readonly parent?: string;
  /** Read everything anew: compare with no parent. */
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly skipIfUnchanged: boolean;
  readonly rule: ChangeRule;
  readonly compression: Compression;
  readonly packBytesTarget: number;
  /** Count files and bytes first, so that progress has an end. */
  readonly scan: boolean;
  readonly lockRetryMs: number;
  readonly programVersion: string;
}

/** Fails with what stands in the way of the whole run; items that failed are told and counted in the summary. */
export async function runBackup(
  repository: Repository,
  files: SourceFiles,
  request: BackupRequest,
  listener: BackupListener,
  signal: AbortSignal,
): Promise<BackupSummary> {
  const beginning = new Beginning(repository, request);
  const run = (workSignal: AbortSignal, lost?: AbortSignal): Promise<BackupSummary> =>
    new BackupRun(repository, files, request, listener, workSignal).run(beginning, lost);
  // A dry run writes nothing, so it needs no lock, and works in a repository that cannot be written.
  if (request.dryRun) return await run(signal);
  const whileSettling = (): void => beginning.readEarly();
  const lock = { exclusive: false, retryMs: request.lockRetryMs, signal, whileSettling };
  return await withLock(repository, lock, run);
}

class BackupRun {
  readonly #repository: Repository;
  readonly #files: SourceFiles;
  readonly #request: BackupRequest;
  readonly #signal: AbortSignal;
  readonly #counts = new BackupCounts();
  readonly #telling: BackupTelling;
  readonly #scanning = new AbortController();
  /** The targets that are there. */
  #targets: readonly ByteString[] = [];
  readonly #startNs: bigint;
  readonly #startMs: number;

  constructor(
    repository: Repository,
    files: SourceFiles,
    request: BackupRequest,
    listener: BackupListener,
    signal: AbortSignal,
  ) {
    this.#repository = repository;
    this.#files = files;
    this.#request = request;
    this.#signal = signal;
    this.#telling = new BackupTelling(this.#counts, listener, repository.world.clock);
    this.#startNs = repository.world.clock.wallNs();
    this.#startMs = repository.world.clock.elapsedMs();
  }

  async run(beginning: Beginning, lost: AbortSignal | undefined): Promise<BackupSummary> {
    this.#telling.phase('opening');
    this.#targets = this.#request.targets.filter((target) => this.#isThere(target));
    const parent = await beginning.parent({ paths: this.#paths(), startNs: this.#startNs });
    const index = await beginning.index();
    const store = this.#openStore(index, lost);
    this.#telling.follow(store);
    try {
      const tree = await this.#archive(index, store, parent);
      this.#scanning.abort();
      this.#telling.walked();
      return await this.#finish(store, tree, parent);
    } catch (error) {
      await this.#keepWhatIsStored(store);
      throw this.#signal.aborted ? this.#signal.reason : error;
    } finally {
      this.#scanning.abort();
      await store.close();
    }
  }

  #openStore(index: BlobIndex, lost: AbortSignal | undefined): BlobStore {
    const { compression, packBytesTarget, dryRun } = this.#request;
    return new BlobStore(this.#repository, index, { compression, packBytesTarget, isDry: dryRun, lost });
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

  async #archive(index: BlobIndex, store: BlobStore, parent: NamedSnapshot | undefined): Promise<Id> {
    const { stream, excluder, rule } = this.#request;
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
    const parts = { ...shared, index, excluder, rule };
    const root = this.#planTargets();
    this.#beginScan();
    const tree = await new TreeArchiver(parts).saveTargets(root, parent?.tree);
    if (tree === undefined) throw new Failure('nothing-to-back-up');
    return tree;
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

  async #finish(store: BlobStore, tree: Id, parent: NamedSnapshot | undefined): Promise<BackupSummary> {
    const { dryRun, skipIfUnchanged } = this.#request;
    if (dryRun || (skipIfUnchanged && parent?.tree === tree)) {
      await store.flush();
      await store.writeIndex();
      return this.#summary(undefined);
    }
    const makeSnapshot = (): Snapshot => this.#makeSnapshot(tree, parent);
    const tellStep = (step: RunPhase): void => this.#telling.phase(step);
    this.#signal.throwIfAborted();
    const { id } = await commitSnapshot(this.#repository, store, makeSnapshot, tellStep, this.#signal);
    return this.#summary(id);
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
      await store.writeIndex();
    } catch {
      this.#repository.world.log.warn('what was stored so far could not be indexed; it will be sent again');
    }
  }
}
