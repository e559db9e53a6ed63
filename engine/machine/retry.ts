/**
 * Whether a request to a store is made again, and when. Invariants: what cannot succeed is never asked again; a store
 * that names a time is not asked before it; who may wait for ever is never told to give up because of the network, once
 * the store has proved itself; a wait is never longer than its kind's limit, or what the store asked for.
 */
import type { FailureCode, FailureNext } from '../base/failure.ts';
import { limits } from '../base/limits.ts';

/**
 * How long somebody wants to wait: a run until it is done, one who asks something for so long only. `isKnown`: the
 * store has proved itself in an earlier session, so that its location is right.
 */
export type Patience =
  | { readonly kind: 'run'; readonly isKnown?: boolean }
  | { readonly kind: 'ask'; readonly elapsedMsMax: number };

export interface FailedTry {
  readonly code: FailureCode;
  readonly next: FailureNext;
  /** What the store asked for. */
  readonly retryAfterMs?: number;
  /** Tries of this request that have failed, this one included. */
  readonly failures: number;
  /** Since the first try began. */
  readonly elapsedMs: number;
  /** The store has shown in this session that it is the store: it took or gave a file. */
  readonly isProven: boolean;
  /** It reads one file of many. */
  readonly isOneFile: boolean;
}

export type RetryDecision =
  | { readonly do: 'give-up' }
  | { readonly do: 'wait'; readonly ms: number }
  /** Ask for another file, then for this one: where only the other comes, this one is bad and holds up nobody; else wait. */
  | { readonly do: 'probe'; readonly ms: number };

const giveUp: RetryDecision = { do: 'give-up' };

/** `chance`: from 0 up to 1, so that many who failed together do not come back together. */
export function decideRetry(tried: FailedTry, patience: Patience, chance: number): RetryDecision {
  const when = whenAgain(tried);
  if (when === 'never') return giveUp;
  const ms = waitMs(tried, when, chance);
  const leftMs = patienceMs(patience, tried.isProven) - tried.elapsedMs;
  if (ms > leftMs) return giveUp;
  const isDoubtful = tried.isOneFile && tried.failures % limits.readTriesBeforeProbe === 0;
  return { do: isDoubtful ? 'probe' : 'wait', ms };
}

/** In the middle of a session that worked, a refusal is the store's trouble and not ours: it may pass. */
function whenAgain({ code, next, isProven }: FailedTry): FailureNext {
  if (code === 'cancelled') return 'never';
  if (code === 'login-refused') return isProven ? 'later' : 'never';
  if (code === 'no-space') return 'later';
  return next;
}

function waitMs({ retryAfterMs, failures }: FailedTry, when: 'now' | 'later', chance: number): number {
  if (retryAfterMs !== undefined) return retryAfterMs * (1 + chance * 0.1);
  const { startMs, msMax } = limits.retryWaits[when];
  const ceiling = Math.min(msMax, startMs * 2 ** Math.min(failures - 1, 30));
  // Half of it at least: a wait of nothing at all would be a storm.
  return ceiling * (0.5 + chance / 2);
}

/** Before it has proved itself, a location may just be wrong: nobody waits for ever for that. */
function patienceMs(patience: Patience, isProven: boolean): number {
  if (patience.kind === 'ask') return patience.elapsedMsMax;
  return isProven || patience.isKnown === true ? Number.POSITIVE_INFINITY : limits.unprovenMsMax;
}
