/**
 * How long a store may list what is gone, or not list what is there: learned from our own writes and deletes, never
 * below what stores of the kind are known for. Everything that must not miss another's lock waits for twice of it.
 */
import { limits } from '../base/limits.ts';

export interface ListLag {
  /** What stores of this kind are known for, milliseconds. */
  readonly floorMs: number;
  /** The largest lags that were seen, newest last. */
  readonly seen: readonly { readonly atMs: number; readonly lagMs: number }[];
}

export function startListLag(floorMs: number): ListLag {
  return { floorMs, seen: [] };
}

/** `atMs`: wall time, milliseconds since 1970. A look that came too late to tell the lag exactly is its upper bound. */
export function withLagSeen(lag: ListLag, atMs: number, lagMs: number): ListLag {
  const measuredMs = Math.max(0, lagMs);
  // Only what is larger than all that came after it can ever be the largest again.
  const larger = lag.seen.filter((each) => each.lagMs > measuredMs && isRecent(each.atMs, atMs));
  return { ...lag, seen: [...larger, { atMs, lagMs: measuredMs }].slice(-limits.lagSamplesMax) };
}

/** The largest of the last weeks; undefined where nothing was seen. */
export function largestLagMs(lag: ListLag, nowMs: number): number | undefined {
  const recent = lag.seen.filter(({ atMs }) => isRecent(atMs, nowMs)).map(({ lagMs }) => lagMs);
  return recent.length === 0 ? undefined : Math.max(...recent);
}

/** What is taken for the most that this store lags: twice the worst that was seen, within limits. */
export function lagBoundMs(lag: ListLag, nowMs: number): number {
  const learnedMs = 2 * (largestLagMs(lag, nowMs) ?? 0);
  return Math.min(limits.lagMsMax, Math.max(lag.floorMs, learnedMs));
}

/**
 * How long after our lock was written no other's can still be hidden: whoever wrote within the lag before or after us
 * is listed by then.
 */
export function settleMs(lag: ListLag, nowMs: number): number {
  return 2 * lagBoundMs(lag, nowMs) + limits.lockSettleMs;
}

/** A store that lags so long is not for several writers. */
export function isForOneClient(lag: ListLag, nowMs: number): boolean {
  return (largestLagMs(lag, nowMs) ?? 0) > limits.lagOneClientMs;
}

function isRecent(atMs: number, nowMs: number): boolean {
  return nowMs - atMs < limits.lagMemoryMs;
}
