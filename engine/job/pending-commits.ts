/** The sealed commits of this machine that wait: listed, finished one after the other, and given up. */
import { type Clock, wallMs } from '../base/clock.ts';
import { Failure, isFailure } from '../base/failure.ts';
import type { JournalRun, Seal } from '../journal/journal.ts';
import type { BackupSummary } from '../protocol/run-news.ts';
import { type FinishParts, finishCommit } from './finish-commit.ts';
import type { RunMemory } from './run-memory.ts';

export type PendingRun = JournalRun & { readonly seal: Seal };

/** Oldest first. */
export function pendingRuns({ journal }: RunMemory, repositoryId?: string): PendingRun[] {
  return journal.openRuns(repositoryId).filter((run): run is PendingRun => run.seal !== undefined);
}

/** By its id or the beginning of it. Fails with `not-found` or `ambiguous-id`. */
export function findPending(memory: RunMemory, prefix: string): PendingRun {
  const matching = pendingRuns(memory).filter(({ runId }) => runId.startsWith(prefix));
  if (matching.length > 1) throw new Failure('ambiguous-id', { what: 'pending commit', id: prefix });
  if (matching[0] === undefined) throw new Failure('not-found', { what: 'pending commit', id: prefix });
  return matching[0];
}

/** What the run would have answered. */
export function summaryOf({ seal }: PendingRun): BackupSummary {
  return JSON.parse(seal.summary) as BackupSummary;
}

/**
 * Before anything new: what waits for this repository, in its order. What cannot be finished goes on waiting, and what
 * turned out to be incomplete is made whole by the next backup of the same thing.
 */
export async function finishPending(parts: Omit<FinishParts, 'runId'>): Promise<void> {
  const { memory, repository, signal } = parts;
  const { config, world } = repository;
  for (const run of pendingRuns(memory, config.id)) {
    if (!memory.isFree(run, world)) continue;
    try {
      await finishCommit({ ...parts, runId: run.runId });
    } catch (error) {
      signal.throwIfAborted();
      if (!isFailure(error)) throw error;
      if (error.code !== 'commit-incomplete')
        world.log.warn(`an earlier backup could not be finished yet (${error.code}); it goes on waiting`);
    }
  }
}

/** A person gave it up: what it has sent stays in the store until a prune. */
export async function dropPending(
  memory: RunMemory,
  run: PendingRun,
  clock: Pick<Clock, 'wallNs'>,
): Promise<void> {
  memory.journal.end(run.runId, 'dropped', wallMs(clock));
  await memory.spool.removeRun(run.runId);
}
