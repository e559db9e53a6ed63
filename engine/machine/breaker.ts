/**
 * Whether requests of one kind are worth making now. Invariants: it opens for the transport's failures in a row only,
 * or when the store names a time; a request that was cancelled, or a file that is bad, never counts against the store;
 * while it is open nothing is asked, then one request tries, and the others go when that one has come back well.
 */
import { assertNever } from '../base/assert.ts';
import type { FailureCode } from '../base/failure.ts';
import { limits } from '../base/limits.ts';

/** `opened`: how often, since the last request that went well. */
export type Breaker =
  | { readonly at: 'closed'; readonly failures: number }
  | { readonly at: 'open'; readonly opened: number; readonly untilMs: number; readonly code: FailureCode }
  | { readonly at: 'trying'; readonly opened: number; readonly code: FailureCode };

export type BreakerEvent =
  /** A request wants to go: see `mayGo` for whether it may. */
  | { readonly type: 'asked' }
  | { readonly type: 'answered' }
  | { readonly type: 'failed'; readonly code: FailureCode; readonly retryAfterMs?: number | undefined }
  | { readonly type: 'cancelled' }
  /** Somebody has reason to believe that it goes again. */
  | { readonly type: 'try-now' };

export const closedBreaker: Breaker = { at: 'closed', failures: 0 };

/** Nothing is said about the file; somebody else may be at the other end, or nobody. */
const ofTransport: ReadonlySet<FailureCode> = new Set([
  'store-unreachable',
  'store-busy',
  'not-the-store',
  'login-refused',
]);

/** What a failure means here: one that is about the file is an answer of a store that works. */
export function breakerEvent(code: FailureCode, retryAfterMs: number | undefined): BreakerEvent {
  if (code === 'cancelled') return { type: 'cancelled' };
  return ofTransport.has(code) ? { type: 'failed', code, retryAfterMs } : { type: 'answered' };
}

/** Milliseconds until it is worth asking again: none where a request may go now. */
export function waitMs(breaker: Breaker, nowMs: number): number {
  switch (breaker.at) {
    case 'closed':
      return 0;
    case 'open':
      return Math.max(0, breaker.untilMs - nowMs);
    case 'trying':
      return limits.breakerTryingMs;
    default:
      return assertNever(breaker);
  }
}

export function stepBreaker(breaker: Breaker, event: BreakerEvent, nowMs: number): Breaker {
  switch (event.type) {
    case 'asked':
      return breaker.at === 'open' && waitMs(breaker, nowMs) === 0
        ? { at: 'trying', opened: breaker.opened, code: breaker.code }
        : breaker;
    case 'answered':
      return closedBreaker;
    case 'failed':
      return afterFailure(breaker, event, nowMs);
    case 'cancelled':
      // The one that tried has learned nothing: the next one tries.
      return breaker.at === 'trying' ? { ...breaker, at: 'open', untilMs: nowMs } : breaker;
    case 'try-now':
      return breaker.at === 'open' ? { ...breaker, untilMs: nowMs } : breaker;
    default:
      return assertNever(event);
  }
}

function afterFailure(
  breaker: Breaker,
  { code, retryAfterMs }: Extract<BreakerEvent, { type: 'failed' }>,
  nowMs: number,
): Breaker {
  if (breaker.at === 'open') {
    // One that was under way when it opened; what the store asks for counts still.
    const untilMs = Math.max(breaker.untilMs, nowMs + (retryAfterMs ?? 0));
    return { ...breaker, untilMs, code };
  }
  const opened = breaker.at === 'trying' ? breaker.opened : 0;
  const failures = breaker.at === 'closed' ? breaker.failures + 1 : limits.breakerFailuresMax;
  if (retryAfterMs === undefined && failures < limits.breakerFailuresMax) return { at: 'closed', failures };
  const ownMs = Math.min(limits.breakerMsMin * 2 ** Math.min(opened, 20), limits.breakerMsMax);
  return { at: 'open', opened: opened + 1, untilMs: nowMs + (retryAfterMs ?? ownMs), code };
}
