/**
 * A backup, from its request to its verified snapshot. With a journal it goes on where an earlier one of the same thing
 * was cut, finishes first what waits for this repository, and goes over its sources again where something that it relied
 * on has gone. What is sealed is never lost: then it fails with `commit-waiting`, and can be finished at any time.
 */
import type { ByteString } from '../base/byte-string.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Compression } from '../format/compression.ts';
import type { BackupSummary, IncompleteNews } from '../protocol/run-news.ts';
import type { Repository } from '../repo/repository.ts';
import type { Excluder } from '../source/exclude.ts';
import type { SourceFiles } from '../source/source-files.ts';
import type { StreamSource } from './archive-stream.ts';
import { BackupRun } from './backup-run.ts';
import type { BackupListener } from './backup-telling.ts';
import { Beginning, type Listed } from './beginning.ts';
import { type CommitGate, finishCommit } from './finish-commit.ts';
import { lookLate, lookWhetherHealed } from './late-look.ts';
import type { LookAhead } from './look-ahead.ts';
import { finishPending, pendingRuns } from './pending-commits.ts';
import { runUnderLock } from './run-ahead.ts';
import type { RunMemory } from './run-memory.ts';
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
  /** What this machine remembers of runs: with it, a run that is cut goes on, and a commit waits for its network. */
  readonly memory?: RunMemory;
  /** Of the app's plan. */
  readonly planId?: string;
  /** What the store listed while the repository was opened. */
  readonly listed?: Promise<Listed>;
  /** Begun, perhaps, while the repository was opened. */
  readonly ahead?: LookAhead;
  /** When the commit may go; without one, at once. */
  readonly gate?: CommitGate;
}

/** Fails with what stands in the way of the whole run; items that failed are told and counted in the summary. */
export async function runBackup(
  repository: Repository,
  files: SourceFiles,
  request: BackupRequest,
  listener: BackupListener,
  signal: AbortSignal,
): Promise<BackupSummary> {
  const { memory, dryRun } = request;
  const newRun = (): BackupRun => new BackupRun(repository, files, request, listener);
  // A dry run writes nothing, so it needs no lock, and works in a repository that cannot be written. Where the store is
  // away, nobody can be asked for a lock: what others did meanwhile is found when the commit is proven under one.
  if (dryRun || repository.backend.isAway)
    return await newRun().run(new Beginning(repository, request), signal);
  if (memory === undefined) return await runUnderLock(repository, request, signal, newRun);
  // What waits writes its index first: then a listing of before says something else.
  const isFirst = pendingRuns(memory, repository.config.id).length === 0;
  await finishPending({ ...request, memory, repository, signal, onStep: () => undefined });
  const { listed, ...unlisted } = request;
  const look = { repository, memory, signal, tell: (news: IncompleteNews) => listener.news(news) };
  // Before the run: what is found to be gone, it stores again.
  await lookLate({ ...look, listed });
  const parts = { repository, request: isFirst ? request : unlisted, memory, signal };
  const summary = await runToItsEnd(parts, newRun);
  // The backup is saved, whatever becomes of this.
  await lookWhetherHealed(look).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return summary;
}

/** Again, where something that it relied on has gone. */
async function runToItsEnd(parts: Surroundings, newRun: () => BackupRun): Promise<BackupSummary> {
  const { repository, request, signal } = parts;
  const { listed: _, ...unlisted } = request;
  let run: BackupRun;
  const nextRun = (): BackupRun => {
    run = newRun();
    return run;
  };
  for (let again = 0; ; again++) {
    try {
      return await runUnderLock(repository, again === 0 ? request : unlisted, signal, nextRun);
    } catch (error) {
      const next = await afterFailure(run!, error, parts);
      if (next !== 'again') return next;
      // A stream comes once.
      if (again >= limits.runAgainMax || request.stream !== undefined) throw error;
    }
  }
}

interface Surroundings {
  readonly repository: Repository;
  readonly request: BackupRequest;
  readonly memory: RunMemory;
  readonly signal: AbortSignal;
}

/** What is sealed is proven anew under a new lock; what is not goes on from its journal. */
async function afterFailure(
  run: BackupRun,
  error: unknown,
  { repository, request, memory, signal }: Surroundings,
): Promise<BackupSummary | 'again'> {
  // What was kept for it here is gone: what was in that pack is read anew.
  const isInDoubt = isFailure(error, 'lock-lost') || isFailure(error, 'commit-incomplete');
  signal.throwIfAborted();
  const { sealed } = run;
  if (sealed === undefined) {
    if (isInDoubt) return 'again';
    throw error;
  }
  if (!isInDoubt) throw waiting(sealed.runId, error);
  try {
    const { gate, lockRetryMs } = request;
    const onStep = run.tellPhase;
    await finishCommit({ repository, memory, runId: sealed.runId, gate, lockRetryMs, signal, onStep });
    return sealed.summary;
  } catch (failure) {
    if (isFailure(failure, 'commit-incomplete')) return 'again';
    throw signal.aborted ? failure : waiting(sealed.runId, failure);
  }
}

function waiting(runId: string, cause: unknown): unknown {
  if (!isFailure(cause) || cause.code === 'commit-waiting') return cause;
  return new Failure('commit-waiting', { runId, why: cause.code }, { next: 'later', cause });
}
