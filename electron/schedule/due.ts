/**
 * When a plan is due next, and why: pure. What is due is a time, not an event: a time that passed while the machine
 * slept is still due afterwards, once.
 */
import type { RunCause } from '../../engine/protocol/app-state.ts';
import type { Schedule } from '../../engine/protocol/settings.ts';
import { nextCronMs } from './cron.ts';

/** After a login or the start of the app, the desktop comes first. */
export const settleMs = 60_000;
/** A run that was begun so recently need not be repeated for a login. */
export const freshMs = 3_600_000;
/** What is found later than this was missed. */
export const punctualMs = 120_000;
const hourMs = 3_600_000;

export interface DueFacts {
  readonly nowMs: number;
  /** When the newest run was begun. */
  readonly lastRunMs: number | undefined;
  /** When the schedule was set: earlier times do not count. Minus infinity where it is not known. */
  readonly setMs: number;
  /** When the person logged in; undefined where that was answered by a run or did not happen. */
  readonly loginMs: number | undefined;
  /** When the app was started. */
  readonly startedMs: number;
}

export interface Due {
  readonly ms: number;
  readonly cause: RunCause;
}

/** The earliest of what the schedule asks for; undefined where the plan is only run by hand. */
export function nextDue({ onLogin, everyHours, cron }: Schedule, facts: DueFacts): Due | undefined {
  const { nowMs, lastRunMs, setMs, loginMs, startedMs } = facts;
  const sinceMs = Math.max(lastRunMs ?? Number.NEGATIVE_INFINITY, setMs);
  const times = [
    everyHours === undefined ? undefined : sinceMs + everyHours * hourMs,
    cron === undefined ? undefined : nextOfCron(cron, sinceMs),
  ].filter((ms) => ms !== undefined);
  const dues: Due[] = times.map((ms) => ({
    ms: Math.max(ms, ms <= nowMs ? startedMs + settleMs : ms),
    cause: nowMs - ms > punctualMs ? 'catch-up' : 'schedule',
  }));
  if (onLogin && loginMs !== undefined && !isFresh(lastRunMs, loginMs + settleMs)) {
    dues.push({ ms: loginMs + settleMs, cause: 'login' });
  }
  return dues.reduce<Due | undefined>(
    (first, due) => (first === undefined || due.ms < first.ms ? due : first),
    undefined,
  );
}

/** Never run, and nobody knows since when it should have: it was missed. */
function nextOfCron(cron: string, sinceMs: number): number | undefined {
  return Number.isFinite(sinceMs) ? nextCronMs(cron, sinceMs) : sinceMs;
}

function isFresh(lastRunMs: number | undefined, atMs: number): boolean {
  return lastRunMs !== undefined && Math.abs(atMs - lastRunMs) < freshMs;
}
