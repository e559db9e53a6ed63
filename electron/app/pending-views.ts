/** Which vault and plan a commit that waits belongs to, and how it is shown. Pure. */
import type { PendingView, PlainFailure, PlanActivity } from '../../engine/protocol/app-state.ts';
import type { PendingCommit } from '../../engine/protocol/engine-calls.ts';
import type { LineView } from '../../engine/protocol/line-view.ts';
import type { Known } from './core.ts';

type Meant = Pick<Known, 'settings' | 'statuses'>;

/** By the repository where it was seen, else by its place, else as its plan says. */
export function vaultOfCommit(commit: PendingCommit, { settings, statuses }: Meant): string | undefined {
  const { vaults, plans } = settings;
  const same = vaults.find(({ id }) => {
    const status = statuses.get(id);
    return status?.at === 'reachable' && status.repositoryId === commit.repositoryId;
  });
  const there = vaults.find(({ location }) => bare(location) === bare(commit.location));
  const planned = plans.find(({ id }) => id === commit.planId)?.vaultId;
  return (same ?? there)?.id ?? planned;
}

/** Of the vault, where its repository was seen. */
export function lateLooksOf(vaultId: string, { statuses, lateLooks }: Pick<Known, 'statuses' | 'lateLooks'>) {
  const status = statuses.get(vaultId);
  const id = status?.at === 'reachable' ? status.repositoryId : undefined;
  return lateLooks.find(({ repositoryId }) => repositoryId === id);
}

/** Repositories that were seen. */
export function seenRepositories({ statuses }: Pick<Known, 'statuses'>): string[] {
  return [...statuses.values()].flatMap((status) =>
    status.at === 'reachable' && status.repositoryId !== undefined ? [status.repositoryId] : [],
  );
}

/** Whether snapshots are to be looked at once more: a run of the vault that goes on does so itself. */
export function isLookDue(vaultId: string, known: Known): boolean {
  const runs = known.settings.plans.filter((plan) => plan.vaultId === vaultId);
  const isRunning = runs.some(({ id }) => known.activities.get(id)?.at === 'running');
  return !isRunning && lateLooksOf(vaultId, known)?.isDue === true;
}

function bare(location: string): string {
  return location.replace(/\/+$/, '');
}

/** A run that goes on waits with its own, and shows it itself. */
export function waitsAlone({ planId, sealedMs }: PendingCommit, { activities }: Pick<Known, 'activities'>) {
  const activity = activities.get(planId);
  return activity?.at !== 'running' || sealedMs < activity.sinceMs;
}

export function viewPending(known: Known): PendingView[] {
  return known.pending
    .filter((commit) => waitsAlone(commit, known))
    .map((commit) => {
      const { id, location, sources, sealedMs, unsentBytes, lastFailure } = commit;
      const vaultId = vaultOfCommit(commit, known);
      const isPlan = known.settings.plans.some((plan) => plan.id === commit.planId);
      const { runId, gate, failure } = (vaultId && known.finishing.get(vaultId)) || {};
      const failed = failure ?? failureOf(lineOf(vaultId, known)?.waiting?.code ?? lastFailure);
      return {
        ...{ id, location, sources, sealedMs, unsentBytes },
        at: runId !== undefined && gate?.at === 'open' ? 'finishing' : 'waiting',
        ...(isPlan ? { planId: commit.planId } : {}),
        ...(vaultId === undefined ? {} : { vaultId }),
        ...(gate === undefined ? {} : { gate }),
        ...(failed === undefined ? {} : { failure: failed }),
      };
    });
}

/** While the vault itself cannot be opened, there is no gate yet: what keeps its store away says why. */
function lineOf(vaultId: string | undefined, { settings, lines }: Known): LineView | undefined {
  const vault = settings.vaults.find(({ id }) => id === vaultId);
  return vault && lines.get(vault.location);
}

function failureOf(code: string): PlainFailure | undefined {
  return code === '' ? undefined : { code, detail: {} };
}

/** Of a plan whose run is over: the oldest of its commits speaks for it. */
export function pendingActivity(planId: string, pending: readonly PendingView[]): PlanActivity | undefined {
  const first = pending.find((view) => view.planId === planId);
  if (first === undefined) return undefined;
  const { at, sealedMs: sinceMs, gate, failure } = first;
  return {
    at,
    sinceMs,
    ...(gate === undefined ? {} : { gate }),
    ...(failure === undefined ? {} : { failure }),
  };
}
