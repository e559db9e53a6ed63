/**
 * The runs of plans. At most one run of a plan waits or goes on, at most one works with a vault, and every run that was
 * begun ends as a record. A run whose engine died is recorded as interrupted and tried again when the engine is back.
 */

import * as v from 'valibot';
import type { RunCause, RunOutcome, RunProgress, RunRecord } from '../../engine/protocol/app-state.ts';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';
import { type GateView, gateViewSchema } from '../../engine/protocol/gate-view.ts';
import { gone } from '../../engine/protocol/link.ts';
import type { BackupSummary } from '../../engine/protocol/run-news.ts';
import type { Plan } from '../../engine/protocol/settings.ts';
import { type Core, effortOf, planOf } from './core.ts';
import type { Pending } from './pending.ts';
import { refusal, toPlainFailure } from './plain-failure.ts';
import { choose, type Waiting } from './queue.ts';
import type { Vaults } from './vaults.ts';
import { keepRecord } from './waiting-records.ts';

const triesMax = 2;
const restAfterInterruptionMs = 1_000;
const itemErrorsMax = 100;
const itemErrorCharsMax = 1_000;

interface Running {
  readonly waiting: Waiting;
  readonly plan: Plan;
  readonly runId: string;
  readonly startedMs: number;
  readonly itemErrors: { readonly item: string; readonly message: string }[];
  progress: RunProgress;
  /** What its commit waits for. */
  gate: GateView | undefined;
  /** Cancelled by a pause: it goes on when that ends. */
  isHeld: boolean;
  isCancelled: boolean;
}

const fresh: RunProgress = { phase: 'opening', filesDone: 0, bytesRead: 0, bytesStored: 0, errors: 0 };

export class Runs {
  readonly #core: Core;
  readonly #vaults: Vaults;
  readonly #pending: Pick<Pending, 'ask' | 'look'>;
  readonly #running = new Map<string, Running>();
  readonly #going = new Set<Promise<void>>();
  /**
   * Plans that rest after an interruption, each with what cancels its timer. A plan rests until that timer runs, whatever
   * the wall clock says by then: a timer may come a moment early by it, and nobody would look again.
   */
  readonly #rests = new Map<string, () => void>();
  #waiting: readonly Waiting[] = [];
  #isClosed = false;

  constructor(core: Core, vaults: Vaults, pending: Pick<Pending, 'ask' | 'look'>) {
    this.#core = core;
    this.#vaults = vaults;
    this.#pending = pending;
  }

  /** A plan that runs or waits already is not asked twice; what a person asks for again becomes manual. */
  ask(planId: string, cause: RunCause): void {
    const { vaultId } = planOf(this.#core, planId);
    const isWaiting = this.#waiting.some((one) => one.planId === planId);
    const run = this.#running.get(planId);
    if (this.#isClosed || (run !== undefined && !run.isHeld) || (isWaiting && cause !== 'manual')) return;
    const isDespitePause = cause === 'manual' && this.#core.known.paused !== undefined;
    this.#drop(planId);
    this.#waiting = [
      ...this.#waiting,
      { planId, vaultId, cause, askedMs: this.#nowMs(), tries: 0, isDespitePause },
    ];
    this.advance();
  }

  cancel(planId: string): void {
    this.#drop(planId);
    const run = this.#running.get(planId);
    if (run !== undefined) {
      run.isCancelled = true;
      this.#stop(run);
    }
    this.#show();
  }

  /** Cancels what goes on, in order, to go on later. */
  hold(): void {
    this.#waiting = this.#waiting.map((one) => ({ ...one, isDespitePause: false }));
    for (const run of this.#running.values()) {
      run.isHeld = true;
      this.#stop(run);
    }
  }

  /** Starts what may start. */
  advance(): void {
    if (this.#isClosed) return;
    const { parts, known } = this.#core;
    const plans = new Map(known.settings.plans.map((plan) => [plan.id, plan]));
    this.#waiting = this.#waiting.flatMap((one) => {
      const plan = plans.get(one.planId);
      return plan === undefined ? [] : [{ ...one, vaultId: plan.vaultId }];
    });
    const chosen = choose(this.#waiting, {
      isEngineReady: parts.engine.state().at === 'ready',
      isPaused: known.paused !== undefined,
      busyVaults: new Set([...this.#running.values()].map(({ plan }) => plan.vaultId)),
      restingPlans: new Set(this.#rests.keys()),
    });
    this.#waiting = this.#waiting.filter((one) => !chosen.includes(one));
    for (const one of chosen) this.#begin(one);
    this.#show();
  }

  hear(news: EngineNews): void {
    if (news.type !== 'backup-progress' && news.type !== 'item-error' && news.type !== 'gate') return;
    const run = [...this.#running.values()].find(({ runId }) => runId === news.runId);
    if (run === undefined) return;
    if (news.type === 'backup-progress') run.progress = news.progress;
    else if (news.type === 'gate') {
      const checked = v.safeParse(gateViewSchema, news.gate);
      if (checked.success) run.gate = checked.output;
    } else if (run.itemErrors.length < itemErrorsMax) {
      const short = (text: string) => text.slice(0, itemErrorCharsMax);
      run.itemErrors.push({ item: short(news.item), message: short(news.message) });
    }
    this.#show();
  }

  /** Nothing more is begun. */
  close(): void {
    this.#isClosed = true;
    for (const { planId } of this.#waiting) this.#drop(planId);
    this.#show();
  }

  /** When nothing goes on any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#going);
  }

  #begin(waiting: Waiting): void {
    const { parts } = this.#core;
    const run: Running = {
      waiting,
      plan: planOf(this.#core, waiting.planId),
      runId: parts.makeId(),
      startedMs: this.#nowMs(),
      itemErrors: [],
      progress: fresh,
      gate: undefined,
      isHeld: false,
      isCancelled: false,
    };
    this.#running.set(waiting.planId, run);
    parts.schedule.ran(waiting.planId, run.startedMs);
    const done = this.#go(run).finally(() => this.#going.delete(done));
    this.#going.add(done);
  }

  async #go(run: Running): Promise<void> {
    const { outcome, summary } = await this.#backUp(run);
    // Known as waiting before it is known as over: between the two nothing would be said of it.
    if (outcome.at === 'waiting') await this.#pending.ask().catch(() => undefined);
    this.#running.delete(run.waiting.planId);
    this.#show();
    keepRecord(this.#core, recordOf(run, outcome, summary, this.#nowMs()));
    this.#askAgain(run, outcome);
    this.advance();
    this.#show();
    if (!this.#isClosed && outcome.at !== 'interrupted') void this.#vaults.look(run.plan.vaultId);
    void this.#pending.look();
  }

  async #backUp(run: Running): Promise<{ outcome: RunOutcome; summary?: BackupSummary }> {
    const { plan, runId } = run;
    const planId = plan.id;
    try {
      const access = await this.#vaults.access(plan.vaultId);
      if (run.isCancelled || run.isHeld || this.#isClosed) return { outcome: { at: 'cancelled' } };
      const { sources, excludes } = plan;
      const { calls } = this.#core.parts.engine;
      const effort = effortOf(this.#core);
      const summary = await calls.backup({ runId, access, planId, sources, excludes, tags: [], effort });
      const { snapshotId, errors } = summary;
      if (snapshotId === undefined) throw refusal('verification-failed');
      return { outcome: { at: 'saved', snapshotId, errors }, summary };
    } catch (error) {
      const failure = toPlainFailure(error);
      if (failure.code === gone.code) return { outcome: { at: 'interrupted' } };
      if (failure.code === 'cancelled') return { outcome: { at: 'cancelled' } };
      if (failure.code === 'commit-waiting')
        return { outcome: { at: 'waiting', commitId: String(failure.detail.runId) } };
      return { outcome: { at: 'failed', failure } };
    }
  }

  /** What a pause held goes on after it; what was interrupted is tried again. */
  #askAgain({ waiting: one, isHeld, isCancelled }: Running, outcome: RunOutcome): void {
    const isWaiting = this.#waiting.some(({ planId }) => planId === one.planId);
    if (this.#isClosed || isCancelled || isWaiting) return;
    const isAgain = outcome.at === 'interrupted' && one.tries < triesMax;
    if (!isAgain && !(outcome.at === 'cancelled' && isHeld)) return;
    const tries = one.tries + (isAgain ? 1 : 0);
    const isDespitePause = one.isDespitePause && !isHeld;
    this.#waiting = [...this.#waiting, { ...one, tries, isDespitePause }];
    if (isAgain) this.#rest(one.planId);
  }

  #rest(planId: string): void {
    const endRest = () => {
      this.#rests.delete(planId);
      this.advance();
    };
    this.#rests.set(planId, this.#core.parts.clock.after(restAfterInterruptionMs, endRest));
  }

  #stop({ runId }: Running): void {
    this.#core.parts.engine.calls.cancel({ runId }).catch(() => {
      // The engine is gone, and the run with it: its own call says so.
    });
  }

  #drop(planId: string): void {
    this.#rests.get(planId)?.();
    this.#rests.delete(planId);
    this.#waiting = this.#waiting.filter((one) => one.planId !== planId);
  }

  #show(): void {
    const { activities } = this.#core.known;
    const running = [...this.#running.values()];
    activities.clear();
    for (const { planId, vaultId, askedMs: sinceMs } of this.#waiting) {
      const blocker = running.find(({ plan }) => plan.vaultId === vaultId);
      const behind = blocker === undefined ? {} : { behind: blocker.plan.name };
      activities.set(planId, { at: 'queued', sinceMs, ...behind });
    }
    for (const { plan, runId, startedMs: sinceMs, progress, gate } of running) {
      const waits = gate === undefined || progress.phase !== 'waiting' ? {} : { gate };
      activities.set(plan.id, { at: 'running', runId, sinceMs, progress, ...waits });
    }
    this.#core.changed();
  }

  #nowMs(): number {
    return this.#core.parts.clock.nowMs();
  }
}

function recordOf(
  { waiting, plan, runId, startedMs, itemErrors }: Running,
  outcome: RunOutcome,
  summary: BackupSummary | undefined,
  endedMs: number,
): RunRecord {
  return {
    id: runId,
    planId: plan.id,
    planName: plan.name,
    cause: waiting.cause,
    startedMs,
    endedMs,
    outcome,
    ...(summary === undefined ? {} : { summary }),
    itemErrors,
  };
}
