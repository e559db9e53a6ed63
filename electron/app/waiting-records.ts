/**
 * Records of runs that wait: each is kept until it is known what became of its commit, however that came about (by the app,
 * by a later backup, by the command line), and then says so. A commit without a record, whose run was cut, gets one.
 */
import type { RunOutcome, RunRecord } from '../../engine/protocol/app-state.ts';
import type { CommitFate, PendingCommit } from '../../engine/protocol/engine-calls.ts';
import type { Core } from './core.ts';
import { waitsAlone } from './pending-views.ts';

const asksMax = 100;

/** Records without a commit that waits; what became of those has to be asked. */
export function unsettled({ known }: Core): string[] {
  const waiting = new Set(known.pending.map(({ id }) => id));
  return known.records
    .flatMap(({ outcome }) => (outcome.at === 'waiting' ? [outcome.commitId] : []))
    .filter((id) => !waiting.has(id))
    .slice(0, asksMax);
}

/** `seen`: commits as they were when they waited. */
export function settle(
  core: Core,
  fates: readonly CommitFate[],
  seen: ReadonlyMap<string, PendingCommit>,
): void {
  for (const { id, at } of fates) {
    const record = core.known.records.find(
      ({ outcome }) => outcome.at === 'waiting' && outcome.commitId === id,
    );
    if (record === undefined || at === 'waits') continue;
    keepRecord(core, { ...record, outcome: outcomeOf(at, id, seen.get(id)) });
  }
}

function outcomeOf(at: CommitFate['at'], id: string, commit: PendingCommit | undefined): RunOutcome {
  if (at !== 'finished') return { at: at === 'given-up' ? 'cancelled' : 'interrupted' };
  return { at: 'saved', snapshotId: commit?.snapshotId ?? id, errors: commit?.errors ?? 0 };
}

/** For commits of plans that nobody has a record of: the app or the machine went away in the middle. */
export function adopt(core: Core): void {
  const { known } = core;
  for (const commit of known.pending) {
    const plan = known.settings.plans.find(({ id }) => id === commit.planId);
    const isKnown = known.records.some(
      ({ outcome }) => outcome.at === 'waiting' && outcome.commitId === commit.id,
    );
    if (plan === undefined || isKnown || !waitsAlone(commit, known)) continue;
    keepRecord(core, {
      id: `commit-${commit.id}`,
      planId: plan.id,
      planName: plan.name,
      cause: 'schedule',
      startedMs: commit.startedMs,
      endedMs: commit.sealedMs,
      outcome: { at: 'waiting', commitId: commit.id },
      itemErrors: [],
    });
  }
}

/** In the place of the one with its id, or as the newest. */
export function keepRecord({ parts, known }: Core, record: RunRecord): void {
  const isKnown = known.records.some(({ id }) => id === record.id);
  known.records = isKnown
    ? known.records.map((before) => (before.id === record.id ? record : before))
    : [record, ...known.records].slice(0, recordsMax);
  try {
    parts.history.add(record);
  } catch {
    // It stays in memory: that the history cannot be written must not stop the backups.
  }
}

const recordsMax = 500;
