/**
 * Finishes a sealed run: waits for the gate, sends what is missing, makes the snapshot visible and sees it there. The
 * same for a run that has just sealed and for one that was cut days ago. It ends in the journal as done, or stays pending;
 * it never becomes a failure that loses something.
 */
import { wallMs } from '../base/clock.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import type { JournalRun, Seal } from '../journal/journal.ts';
import type { RunPhase } from '../protocol/run-news.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import { whenThawed } from '../repo/freeze.ts';
import { withLock } from '../repo/hold-lock.ts';
import { listIndexFiles } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import type { SealedFile } from '../repo/unpacked-files.ts';
import { deliverMissing, proveSeal } from './prove-seal.ts';
import { proveSameRepository, publishFile } from './publish.ts';
import { ownerNow, type RunMemory } from './run-memory.ts';

/** Says when a commit may go. */
export interface CommitGate {
  /** False where it is still closed after `msMax`. Fails when the signal is aborted. */
  open(run: GatedRun, signal: AbortSignal, msMax?: number): Promise<boolean>;
}

export type GatedRun = Pick<JournalRun, 'runId' | 'attempts' | 'lastAttemptMs'> & {
  readonly sealedMs: number;
};

export interface FinishParts {
  readonly repository: Repository;
  readonly memory: RunMemory;
  readonly runId: string;
  /** None is always open. */
  readonly gate?: CommitGate | undefined;
  readonly lockRetryMs: number;
  readonly signal: AbortSignal;
  onStep(step: RunPhase): void;
}

type SealedRun = JournalRun & { readonly seal: Seal };

/**
 * The snapshot's id. Fails with `commit-incomplete` where the run is open again and has to go over its sources, with
 * `repository-replaced`, `cancelled`, or with what stands in the way now: then it is pending still.
 */
export async function finishCommit(parts: FinishParts): Promise<Id> {
  const { memory, repository, runId, lockRetryMs } = parts;
  memory.journal.own(runId, ownerNow(repository.world));
  return await attempt(parts, async () => {
    for (let again = 0; ; again++) {
      const run = sealedRun(memory, runId);
      await throughGate(parts, run);
      await proveSameRepository(repository, run.repositoryId);
      try {
        const request = { exclusive: false, retryMs: lockRetryMs, signal: parts.signal };
        return await withLock(repository, request, (signal, lost) =>
          unlessLost(lost, async () => {
            parts.onStep('proving');
            const { indexes } = await proveSeal(memory, repository, run, signal);
            return await publish({ ...parts, signal }, run, indexes, true);
          }),
        );
      } catch (error) {
        if (!isFailure(error, 'lock-lost') || again >= limits.proveAgainMax) throw error;
      }
    }
  });
}

/**
 * The same under the lock that has been held since the run loaded its index: then nothing can have been removed, and
 * nothing needs a proof but what a network did to our packs. Undefined where that is in doubt: finish it after the lock.
 */
export async function commitAtOnce(
  parts: FinishParts,
  lost: AbortSignal,
  store: Pick<BlobStore, 'allTaken' | 'flush' | 'seenJustNow'>,
): Promise<Id | undefined> {
  const { memory, repository, runId, signal } = parts;
  const run = sealedRun(memory, runId);
  return await attempt(parts, async () => {
    try {
      await store.allTaken();
      if (!(await throughGate(parts, run, limits.lockHeldWaitingMsMax))) return undefined;
      // Asked together with the last packs: across an ocean, each question takes its time.
      const { clock } = repository.world;
      const askedMs = clock.elapsedMs();
      const mayWrite = lookAround(parts, run);
      mayWrite.catch(() => undefined);
      await store.flush();
      const packs = memory.journal.packs(runId);
      const isFar = repository.backend.folder === undefined;
      const seen = store.seenJustNow();
      const unproven = packs.filter(({ id, at }) => at === 'spooled' || (isFar && !seen.has(id)));
      const gone = await deliverMissing(memory, repository, runId, unproven, signal, mayWrite);
      if (gone.size > 0) return undefined;
      // Where the packs took longer, it says too little by now.
      if (clock.elapsedMs() - askedMs > limits.lookGoodMsMax) await lookAround(parts, run);
      const indexes = run.seal.indexes.map((file) => ({ type: 'index', ...file }) as const);
      return await publish(parts, run, indexes, false);
    } catch (error) {
      if (lost.aborted || isFailure(error, 'lock-lost')) return undefined;
      throw error;
    }
  });
}

/** Whether all is as it was, so that we may write what others see. Fails with `lock-lost`, `repository-replaced` ... */
async function lookAround({ repository, signal }: FinishParts, run: SealedRun): Promise<void> {
  await Promise.all([
    proveSameRepository(repository, run.repositoryId),
    whenThawed(repository, signal),
    proveIndexesStand(repository, run.indexIds),
  ]);
}

/**
 * A prune removes an index before what it named. One that began before our lock, and lost its own to somebody, may have
 * gone on beside us: then our lock stands, and proves nothing. Fails with `lock-lost`.
 */
async function proveIndexesStand(repository: Repository, indexIds: readonly Id[]): Promise<void> {
  if (indexIds.length === 0) return;
  const listed = new Set(await listIndexFiles(repository));
  if (!indexIds.every((id) => listed.has(id))) throw new Failure('lock-lost');
}

async function throughGate(parts: FinishParts, run: SealedRun, msMax?: number): Promise<boolean> {
  if (parts.gate === undefined) return true;
  parts.onStep('waiting');
  return await parts.gate.open({ ...run, sealedMs: run.seal.sealedMs }, parts.signal, msMax);
}

/**
 * `mayBeThere`: an earlier attempt may have ended without hearing of its success; otherwise, our lock was looked at just
 * now.
 */
async function publish(
  { memory, repository, runId, signal, onStep }: FinishParts,
  run: SealedRun,
  indexes: readonly SealedFile[],
  mayBeThere: boolean,
): Promise<Id> {
  onStep('writing-index');
  for (const file of indexes) {
    await publishFile(repository, file, { mayBeThere, signal });
    memory.journal.indexStored(runId, file.id);
  }
  onStep('committing');
  // The last moment at which a cancel leaves nothing behind: from here on the snapshot is seen through.
  signal.throwIfAborted();
  const { snapshot } = run.seal;
  // Had the lock been lost before, somebody might have removed what the snapshot needs: at the end it is looked at.
  await publishFile(repository, { type: 'snapshot', ...snapshot }, { mayBeThere, signal });
  memory.journal.end(runId, 'done', wallMs(repository.world.clock));
  memory.clear(runId);
  onStep('verified');
  return snapshot.id;
}

/** What is no failure of the attempt. */
const noAttempts: ReadonlySet<string> = new Set(['cancelled', 'commit-incomplete', 'commit-waiting']);

/** What a lost lock cut off failed because of that. */
async function unlessLost<Result>(lost: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw lost.aborted ? lost.reason : error;
  }
}

async function attempt<Result>(parts: FinishParts, work: () => Promise<Result>): Promise<Result> {
  const { memory, repository, runId, signal } = parts;
  try {
    return await memory.holding(runId, work);
  } catch (error) {
    const code = isFailure(error) ? error.code : 'io';
    if (!signal.aborted && !noAttempts.has(code)) {
      memory.journal.attemptFailed(runId, wallMs(repository.world.clock), code);
    }
    throw error;
  }
}

function sealedRun({ journal }: RunMemory, runId: string): SealedRun {
  const run = journal.run(runId);
  if (run?.at !== 'sealed' || run.seal === undefined)
    throw new Failure('not-found', { what: 'pending commit', id: runId });
  return run as SealedRun;
}
