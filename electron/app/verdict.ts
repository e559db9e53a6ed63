/**
 * How things are, as one kind and one code with its values: pure. Waiting is not failing; failed only means that data
 * is at risk: damage was found, or a plan has had no restore point for longer than the person allows.
 */
import type {
  EngineState,
  PlainFailure,
  PlanView,
  RunRecord,
  VaultStatus,
  VaultView,
  VerdictKind,
} from '../../engine/protocol/app-state.ts';
import type { GateView } from '../../engine/protocol/gate-view.ts';
import type { RunPhase } from '../../engine/protocol/run-news.ts';

const dayMs = 86_400_000;

export interface Judged {
  readonly nowMs: number;
  readonly engine: EngineState;
  readonly paused?: { readonly untilMs?: number };
  readonly plans: readonly PlanView[];
  readonly vaults: readonly VaultView[];
  readonly freshDays: number;
  /** When the oldest run that is known of a plan was begun. */
  readonly firstRunMs: ReadonlyMap<string, number>;
}

/** `text/` has a sentence for each code. */
export type VerdictCode =
  | { readonly code: 'damage'; readonly vault: string }
  | {
      readonly code: 'stale';
      readonly plan: string;
      readonly lastGoodMs: number | undefined;
      readonly days: number;
    }
  | {
      readonly code: 'working';
      readonly plan: string;
      readonly share: number | undefined;
      readonly others: number;
    }
  | { readonly code: 'finishing' | 'waitingEngine' | 'neverRun'; readonly plan: string }
  | {
      readonly code: 'waitingCommit';
      readonly plan: string;
      /** What it waits for, as far as that is known. */
      readonly gate: GateView | undefined;
      /** What the last attempt failed with, where nothing newer is known. */
      readonly failure: PlainFailure | undefined;
    }
  | { readonly code: 'retry'; readonly plan: string; readonly untilMs: number | undefined }
  | { readonly code: 'behind'; readonly plan: string; readonly behind: string }
  | {
      /** `who`: the sources of the one that works; the computer that works alone. */
      readonly code: 'waitingTurn' | 'waitingLock';
      readonly plan: string;
      readonly who: string;
      readonly sinceMs: number;
      /** How many wait before us. */
      readonly ahead: number;
    }
  | {
      readonly code: 'waitingStore';
      readonly plan: string;
      readonly failure: PlainFailure;
      readonly leftMs: number;
    }
  | { readonly code: 'engineAgain'; readonly untilMs: number }
  | { readonly code: 'paused'; readonly untilMs: number | undefined }
  | { readonly code: 'engineGone' | 'empty' }
  | {
      readonly code: 'lastFailed';
      readonly plan: string;
      readonly failure: PlainFailure;
      readonly lastGoodMs: number | undefined;
    }
  | { readonly code: 'interrupted'; readonly plan: string; readonly lastGoodMs: number | undefined }
  | { readonly code: 'incomplete'; readonly plan: string; readonly errors: number }
  | {
      /** Of the newest of them. */
      readonly code: 'pointIncomplete';
      readonly vault: string;
      readonly savedMs: number;
      readonly count: number;
    }
  | { readonly code: 'vaultTrouble'; readonly vault: string; readonly failure: PlainFailure }
  | { readonly code: 'protected'; readonly sinceMs: number; readonly plans: number };

export type Judgement = { readonly kind: VerdictKind } & VerdictCode;

/** The first that applies, in the order of weight. */
export function judge(judged: Judged): Judgement {
  return (
    damage(judged) ??
    stale(judged) ??
    working(judged) ??
    paused(judged) ??
    engineGone(judged) ??
    pending(judged) ??
    waiting(judged) ??
    attention(judged) ??
    protectedNow(judged)
  );
}

export function isDamage({ code }: PlainFailure): boolean {
  return code === 'damaged' || code === 'verification-failed';
}

function damage({ plans, vaults }: Judged): Judgement | undefined {
  const damagedPlan = plans.find(
    ({ lastRun }) => lastRun?.outcome.at === 'failed' && isDamage(lastRun.outcome.failure),
  );
  const hit = vaults.find(
    ({ vault, status }) =>
      vault.id === damagedPlan?.plan.vaultId || (status.at === 'trouble' && isDamage(status.failure)),
  );
  return hit && { kind: 'failed', code: 'damage', vault: hit.vault.name };
}

function stale({ nowMs, plans, freshDays: days, firstRunMs }: Judged): Judgement | undefined {
  for (const { plan, activity, lastGoodMs } of plans) {
    const sinceMs = lastGoodMs ?? firstRunMs.get(plan.id);
    if (activity.at === 'running' || sinceMs === undefined || nowMs - sinceMs <= days * dayMs) continue;
    return { kind: 'failed', code: 'stale', plan: plan.name, lastGoodMs, days };
  }
  return undefined;
}

const finishingPhases: ReadonlySet<RunPhase> = new Set([
  'sealing',
  'writing-index',
  'committing',
  'verified',
]);

function working({ nowMs, plans, vaults }: Judged): Judgement | undefined {
  const running = plans.filter(({ activity }) => activity.at === 'running');
  const first = running[0];
  if (first?.activity.at !== 'running') return undefined;
  const plan = first.plan.name;
  const { waiting: wait } = vaults.find(({ vault }) => vault.id === first.plan.vaultId)?.line ?? {};
  if (wait !== undefined) {
    const failure = { code: wait.code, detail: {} };
    return {
      kind: 'waiting',
      code: 'waitingStore',
      plan,
      failure,
      leftMs: Math.max(0, wait.untilMs - nowMs),
    };
  }
  const { phase, bytesRead, bytesTotal } = first.activity.progress;
  if (phase === 'opening') {
    const { sinceMs } = first.activity;
    const status = vaults.find(({ vault }) => vault.id === first.plan.vaultId)?.status;
    const waits = status && waitsFor(status, plan, sinceMs);
    if (waits !== undefined) return waits;
  }
  const { gate } = first.activity;
  if (phase === 'waiting') return { kind: 'waiting', code: 'waitingCommit', plan, gate, failure: undefined };
  if (finishingPhases.has(phase)) return { kind: 'finishing', code: 'finishing', plan };
  // Never whole before it is verified.
  const share = bytesTotal ? Math.min(0.99, bytesRead / bytesTotal) : undefined;
  return { kind: 'working', code: 'working', plan, share, others: running.length - 1 };
}

/** For whom a run that has not begun waits, as far as it was seen since it was started. */
function waitsFor(status: VaultStatus, plan: string, startedMs: number): Judgement | undefined {
  if (status.at !== 'reachable' || (status.locksMs ?? 0) < startedMs) return undefined;
  const { locks, queue = [] } = status;
  const kind = 'waiting';
  const ours = queue.findIndex((row) => row.ours && !row.isWorking);
  const works = queue.find((row) => row.isWorking && !row.ours);
  const ahead = queue.slice(0, Math.max(0, ours)).filter((row) => !row.isWorking).length;
  if (ours >= 0 && works !== undefined)
    return { kind, code: 'waitingTurn', plan, who: works.label, sinceMs: works.sinceMs, ahead };
  const alone = locks.find(({ exclusive, verdict }) => exclusive && verdict.is !== 'stale');
  return alone && { kind, code: 'waitingLock', plan, who: alone.hostname, sinceMs: alone.sinceMs, ahead: 0 };
}

function paused({ paused: pause }: Judged): Judgement | undefined {
  return pause && { kind: 'paused', code: 'paused', untilMs: pause.untilMs };
}

function engineGone({ engine }: Judged): Judgement | undefined {
  return engine.at === 'gave-up' ? { kind: 'attention', code: 'engineGone' } : undefined;
}

/** Runs that are over but for their commits: one that is under way speaks first. */
function pending({ plans }: Judged): Judgement | undefined {
  const finishing = plans.find(({ activity }) => activity.at === 'finishing');
  if (finishing !== undefined) return { kind: 'finishing', code: 'finishing', plan: finishing.plan.name };
  for (const { plan, activity } of plans) {
    if (activity.at !== 'waiting') continue;
    const { gate, failure } = activity;
    return { kind: 'waiting', code: 'waitingCommit', plan: plan.name, gate, failure };
  }
  return undefined;
}

function waiting({ plans, engine }: Judged): Judgement | undefined {
  const untilMs = engine.at === 'waiting' ? engine.untilMs : undefined;
  for (const { plan, activity, lastRun } of plans) {
    if (activity.at !== 'queued') continue;
    if (lastRun?.outcome.at === 'interrupted')
      return { kind: 'waiting', code: 'retry', plan: plan.name, untilMs };
    const { behind } = activity;
    if (behind !== undefined) return { kind: 'waiting', code: 'behind', plan: plan.name, behind };
    return { kind: 'waiting', code: 'waitingEngine', plan: plan.name };
  }
  return untilMs === undefined ? undefined : { kind: 'waiting', code: 'engineAgain', untilMs };
}

function attention({ plans, vaults }: Judged): Judgement | undefined {
  if (plans.length === 0) return { kind: 'attention', code: 'empty' };
  for (const { vault, incomplete = [] } of vaults) {
    const newest = incomplete.at(-1);
    if (newest === undefined) continue;
    const savedMs = newest.committedMs;
    return {
      ...{ kind: 'attention', code: 'pointIncomplete', vault: vault.name, savedMs },
      count: incomplete.length,
    };
  }
  for (const view of plans) {
    const found = trouble(view);
    if (found !== undefined) return found;
  }
  for (const { vault, status } of vaults) {
    const isUsed = plans.some(({ plan }) => plan.vaultId === vault.id);
    if (!isUsed || status.at !== 'trouble') continue;
    return { kind: 'attention', code: 'vaultTrouble', vault: vault.name, failure: status.failure };
  }
  return undefined;
}

function trouble({ plan: { name: plan }, lastRun, lastGoodMs }: PlanView): Judgement | undefined {
  const kind = 'attention';
  const outcome = lastRun?.outcome;
  if (outcome?.at === 'failed') {
    return { kind, code: 'lastFailed', plan, failure: outcome.failure, lastGoodMs };
  }
  if (outcome?.at === 'interrupted') return { kind, code: 'interrupted', plan, lastGoodMs };
  if (outcome?.at === 'saved' && outcome.errors > 0) {
    return { kind, code: 'incomplete', plan, errors: outcome.errors };
  }
  return lastGoodMs === undefined ? { kind, code: 'neverRun', plan } : undefined;
}

/** The weakest plan speaks for all. */
function protectedNow({ plans }: Judged): Judgement {
  const times = plans.map(({ lastGoodMs }) => lastGoodMs ?? 0);
  return { kind: 'protected', code: 'protected', sinceMs: Math.min(...times), plans: plans.length };
}

/** The oldest run of each plan, of records with the newest first. */
export function firstRuns(records: readonly RunRecord[]): Map<string, number> {
  return new Map(records.map(({ planId, startedMs }) => [planId, startedMs]));
}
