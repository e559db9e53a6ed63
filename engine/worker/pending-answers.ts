/** Commits that wait, as the app sees and asks for them. */
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { finishCommit } from '../job/finish-commit.ts';
import { dropPending, findPending, type PendingRun, pendingRuns, summaryOf } from '../job/pending-commits.ts';
import type { RunMemory } from '../job/run-memory.ts';
import type { JournalRun } from '../journal/journal.ts';
import type { CommitFate, PendingCommit } from '../protocol/engine-calls.ts';
import type { Repository, World } from '../repo/repository.ts';
import type { GateAsked, Gates } from './gates.ts';

export function viewPending(memory: RunMemory): PendingCommit[] {
  return pendingRuns(memory).map((run) => viewRun(memory, run));
}

function viewRun({ journal }: RunMemory, run: PendingRun): PendingCommit {
  const { runId: id, planId, repositoryId, location, sources, startedMs, seal } = run;
  const unsent = journal.packs(id).filter(({ at }) => at === 'spooled');
  const { attempts, lastAttemptMs, lastFailure } = run;
  return {
    ...{ id, planId, repositoryId, location, sources, startedMs, attempts, lastAttemptMs, lastFailure },
    sealedMs: seal.sealedMs,
    snapshotId: seal.snapshot.id,
    unsentBytes: unsent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    errors: summaryOf(run).errors,
  };
}

const fates: Readonly<Record<JournalRun['at'], CommitFate['at']>> = {
  open: 'begun-anew',
  sealed: 'waits',
  done: 'finished',
  dropped: 'given-up',
  superseded: 'begun-anew',
};

export function fatesOf({ journal }: RunMemory, ids: readonly string[]): CommitFate[] {
  return ids.map((id) => {
    const run = journal.run(id);
    return { id, at: run === undefined ? 'unknown' : fates[run.at] };
  });
}

export interface FinishAsked extends GateAsked {
  readonly now: boolean;
}

/** In their order: one that fails keeps the later ones waiting, but for one that only a new backup can make whole. */
export async function finishCommits(
  memory: RunMemory,
  repository: Repository,
  gates: Gates,
  asked: FinishAsked,
  signal: AbortSignal,
): Promise<{ finished: number }> {
  return await gates.through(repository, asked, async (gate) => {
    let finished = 0;
    for (const run of pendingRuns(memory, repository.config.id)) {
      if (!memory.isFree(run, repository.world)) continue;
      if (asked.now) gate.finishNow();
      try {
        const onStep = (): void => undefined;
        const { runId } = run;
        const lockRetryMs = limits.finishLockRetryMs;
        await finishCommit({ repository, memory, runId, gate, lockRetryMs, signal, onStep });
        finished++;
      } catch (error) {
        if (!isFailure(error, 'commit-incomplete')) throw error;
      }
    }
    return { finished };
  });
}

export async function dropCommit(memory: RunMemory, id: string, { clock }: World): Promise<void> {
  await dropPending(memory, findPending(memory, id), clock);
}
