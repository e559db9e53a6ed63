/**
 * When silence on a request means that its connection is dead. Invariants: a request on which bytes move is never
 * called silent; on a link that was measured as good, silence is noticed within seconds, and within
 * `silenceMsMax` anyway where nothing says that the store is slow; each time that this was wrong, the next wait is
 * twice as long, so that a slow store is served in the end.
 */
import { limits } from '../base/limits.ts';
import { goodput, overdueMs, type StoreFacts, type StoreOperation } from './store-facts.ts';

/** A request as the watchdog sees it. */
export interface Watched {
  readonly operation: StoreOperation;
  readonly movedMs: number;
  readonly upBytes: number;
  /** Bytes have come: what was sent has arrived. */
  readonly isAnswering: boolean;
}

export function startWatch(operation: StoreOperation, nowMs: number): Watched {
  return { operation, movedMs: nowMs, upBytes: 0, isAnswering: false };
}

export function withProgress(
  watched: Watched,
  nowMs: number,
  bytes: number,
  direction: 'up' | 'down',
): Watched {
  return direction === 'up'
    ? { ...watched, movedMs: nowMs, upBytes: watched.upBytes + bytes }
    : { ...watched, movedMs: nowMs, isAnswering: true };
}

/** Milliseconds from now until silence is too long; none left: end the request. */
export function patienceLeftMs(watched: Watched, nowMs: number, facts: StoreFacts, silences: number): number {
  return watched.movedMs + silenceMs(watched, nowMs, facts, silences) - nowMs;
}

/** `silences`: how many requests of the kind were ended as silent since the last one that went well. */
export function silenceMs(watched: Watched, nowMs: number, facts: StoreFacts, silences: number): number {
  const overdue = overdueMs(facts);
  const measured =
    overdue === undefined
      ? limits.silenceMsMax
      : Math.min(limits.silenceMsMax, Math.max(limits.silenceMsMin, 4 * overdue));
  // A store that took long before, and then answered, may take as long again.
  const known = (facts.slowestMs[watched.operation] ?? 0) * 1.5;
  const grown = Math.max(measured, known) * 2 ** Math.min(silences, 10);
  return Math.min(grown, limits.silenceMsEver) + buffersMs(watched, nowMs, facts);
}

/** The system takes bytes before the link does: what may still be in its buffers needs its time. */
function buffersMs(watched: Watched, nowMs: number, facts: StoreFacts): number {
  const perSecond = goodput(facts.upSpeeds, nowMs, 0.1);
  if (watched.isAnswering || perSecond === undefined || perSecond <= 0) return 0;
  const hidden = Math.min(watched.upBytes, limits.socketBufferBytes);
  return Math.min(((2 * hidden) / perSecond) * 1000, limits.silenceMsEver);
}
