/** Commits that wait, as the app sees and asks for them; and the gate that each of its runs goes through. */
import { openBare } from '../backend/open-backend.ts';
import { probeStore } from '../backend/probe.ts';
import { isFailure } from '../base/failure.ts';
import { unseal } from '../format/seal.ts';
import { finishCommit } from '../job/finish-commit.ts';
import { type GateLook, NetworkGate } from '../job/gate.ts';
import { dropPending, findPending, type PendingRun, pendingRuns } from '../job/pending-commits.ts';
import type { RunMemory } from '../job/run-memory.ts';
import type { EngineNews, GateView, PendingCommit } from '../protocol/engine-calls.ts';
import type { Repository } from '../repo/repository.ts';

export interface GateAsked {
  readonly runId: string;
  readonly location: string;
}

export function gateOf(
  repository: Repository,
  { runId, location }: GateAsked,
  tell: (news: EngineNews) => void,
): NetworkGate {
  const { world, backend, key } = repository;
  return new NetworkGate({
    clock: world.clock,
    needsNetwork: backend.folder === undefined,
    tell: (look) => tell({ type: 'gate', runId, gate: viewOf(look) }),
    async probe(signal) {
      const bare = openBare(location, { ...world, access: {} }).backend;
      try {
        return await probeStore(bare, world.clock, (config) => unseal(key, config) !== undefined, signal);
      } finally {
        await bare.close();
      }
    },
  });
}

function viewOf({ verdict, level, roundTripMs, lossPercent, nextLookMs }: GateLook): GateView {
  return {
    at: verdict.at,
    because: verdict.because,
    network: level,
    lossPercent,
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
    ...(nextLookMs === undefined ? {} : { nextLookMs }),
  };
}

export function viewPending(memory: RunMemory): PendingCommit[] {
  return pendingRuns(memory).map((run) => viewRun(memory, run));
}

function viewRun({ journal }: RunMemory, run: PendingRun): PendingCommit {
  const { runId: id, planId, repositoryId, location, sources, seal } = run;
  const unsent = journal.packs(id).filter(({ at }) => at === 'spooled');
  const { attempts, lastAttemptMs, lastFailure } = run;
  return {
    ...{ id, planId, repositoryId, location, sources, attempts, lastAttemptMs, lastFailure },
    sealedMs: seal.sealedMs,
    snapshotId: seal.snapshot.id,
    unsentBytes: unsent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

export interface FinishAsked extends GateAsked {
  readonly now: boolean;
}

/** In their order: one that fails keeps the later ones waiting, but for one that only a new backup can make whole. */
export async function finishCommits(
  memory: RunMemory,
  repository: Repository,
  asked: FinishAsked,
  tell: (news: EngineNews) => void,
  signal: AbortSignal,
): Promise<{ finished: number }> {
  const gate = gateOf(repository, asked, tell);
  let finished = 0;
  for (const run of pendingRuns(memory, repository.config.id)) {
    if (!memory.isFree(run, repository.world)) continue;
    if (asked.now) gate.finishNow();
    try {
      const onStep = (): void => undefined;
      await finishCommit({ repository, memory, runId: run.runId, gate, lockRetryMs: 60_000, signal, onStep });
      finished++;
    } catch (error) {
      if (!isFailure(error, 'commit-incomplete')) throw error;
    }
  }
  return { finished };
}

export async function dropCommit(memory: RunMemory, id: string): Promise<void> {
  await dropPending(memory, findPending(memory, id));
}
