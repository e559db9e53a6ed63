/** Commits that wait, as the app sees and asks for them. */
import { wallMs } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { finishCommit } from '../job/finish-commit.ts';
import { lookLate } from '../job/late-look.ts';
import { dropPending, findPending, type PendingRun, pendingRuns, summaryOf } from '../job/pending-commits.ts';
import type { RunMemory } from '../job/run-memory.ts';
import type { JournalRun } from '../journal/journal.ts';
import { dueLooks } from '../machine/late-look.ts';
import type { CommitFate, EngineNews, LateLooksView, PendingCommit } from '../protocol/engine-calls.ts';
import type { Repository, World } from '../repo/repository.ts';
import type { GateAsked, Gates } from './gates.ts';
import { noteOfIncomplete } from './item-news.ts';

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
  'begun-anew': 'begun-anew',
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

export function viewLateLooks(
  { journal }: RunMemory,
  repositoryIds: readonly string[],
  { clock }: Pick<World, 'clock'>,
): LateLooksView[] {
  return repositoryIds.map((repositoryId) => {
    const { runs, lastMs } = journal.lateLooks(repositoryId);
    const incomplete = runs
      .filter(({ missingBlobs }) => missingBlobs > 0)
      .map(({ snapshotId, committedMs, missingBlobs }) => ({ snapshotId, committedMs, missingBlobs }));
    return { repositoryId, isDue: dueLooks(runs, lastMs, wallMs(clock)).length > 0, incomplete };
  });
}

/** In their order: one that fails keeps the later ones waiting, but for one that only a new backup can make whole. */
export async function finishCommits(
  memory: RunMemory,
  repository: Repository,
  gates: Gates,
  asked: FinishAsked,
  tell: (news: EngineNews) => void,
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
    await lookLate({ repository, memory, signal, tell: (news) => tell(noteOfIncomplete(news)) });
    return { finished };
  });
}

export async function dropCommit(memory: RunMemory, id: string, { clock }: World): Promise<void> {
  await dropPending(memory, findPending(memory, id), clock);
}
