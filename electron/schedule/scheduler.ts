/**
 * Tells which plans are due. node-cron's tick looks every minute, and so does waking from sleep; `due.ts` decides. A plan
 * is told once for each time that it was due, however long the machine slept.
 */
import { isDeepStrictEqual } from 'node:util';
import { createTask } from 'node-cron';
import type { RunCause } from '../../engine/protocol/app-state.ts';
import type { Plan } from '../../engine/protocol/settings.ts';
import { isCron } from './cron.ts';
import { type Due, nextDue } from './due.ts';

export interface SchedulerParts {
  readonly clock: { nowMs(): number };
  /** Runs it every minute; the answer ends that. */
  everyMinute(run: () => void): () => void;
}

/** The real tick. */
export function everyMinute(run: () => void): () => void {
  // We look at what is due ourselves after sleep: that it missed minutes is not worth a word.
  const task = createTask('* * * * *', run, { suppressMissedWarning: true });
  void task.start();
  return () => void task.destroy();
}

interface Entry {
  readonly plan: Plan;
  /** When its schedule was set. */
  readonly setMs: number;
}

/** What it answers is what the core wants of a schedule: `app/parts.ts` says it, the composition roots hold both together. */
export function createScheduler({ clock, everyMinute: tick }: SchedulerParts) {
  const startedMs = clock.nowMs();
  const listeners: ((planId: string, cause: RunCause) => void)[] = [];
  const lastRunMs = new Map<string, number>();
  /** Plans whose login was answered. */
  const answered = new Set<string>();
  let entries: ReadonlyMap<string, Entry> | undefined;
  let loginMs: number | undefined;
  const stop = tick(look);

  function due({ plan, setMs }: Entry): Due | undefined {
    return nextDue(plan.schedule, {
      nowMs: clock.nowMs(),
      lastRunMs: lastRunMs.get(plan.id),
      setMs,
      loginMs: answered.has(plan.id) ? undefined : loginMs,
      startedMs,
    });
  }

  function look(): void {
    const nowMs = clock.nowMs();
    for (const entry of entries?.values() ?? []) {
      // A clock that was set back must not put the next run off for long.
      if ((lastRunMs.get(entry.plan.id) ?? nowMs) > nowMs) lastRunMs.set(entry.plan.id, nowMs);
      const found = due(entry);
      if (found === undefined || found.ms > nowMs) continue;
      ran(entry.plan.id, nowMs);
      for (const listener of listeners) listener(entry.plan.id, found.cause);
    }
  }

  function ran(planId: string, ms: number): void {
    lastRunMs.set(planId, ms);
    if (loginMs !== undefined) answered.add(planId);
  }

  return {
    ran,
    stop,
    set(plans: readonly Plan[]): void {
      const before = entries;
      // Of plans that were there when the app was started nobody knows since when: they have waited long enough.
      const setMs = before === undefined ? Number.NEGATIVE_INFINITY : clock.nowMs();
      entries = new Map(
        plans.map((plan) => {
          const known = before?.get(plan.id);
          const isSame = known !== undefined && isDeepStrictEqual(known.plan.schedule, plan.schedule);
          return [plan.id, { plan, setMs: isSame ? known.setMs : setMs }];
        }),
      );
    },
    onDue(listener: (planId: string, cause: RunCause) => void): void {
      listeners.push(listener);
    },
    nextMs(planId: string): number | undefined {
      const entry = entries?.get(planId);
      return entry && due(entry)?.ms;
    },
    tell(fact: 'session-started' | 'resume'): void {
      if (fact === 'session-started') {
        loginMs = clock.nowMs();
        answered.clear();
      } else look();
    },
    reads: isCron,
  };
}
