/**
 * Whether somebody's lock still means something: live, stale, or not to be told yet. Invariants: a lock that was
 * refreshed while we looked is live; none is stale before we have looked for longer than its owner may leave it
 * unrefreshed, except one of our own that the journal knows; a lock that cannot be read is never stale.
 */
import { limits } from '../base/limits.ts';
import type { LockVerdict } from '../protocol/lock-view.ts';

/** What was seen of one holder over several looks: a refresh writes a new file and leaves the holder the same. */
export interface LockSeen {
  /** Undefined where the file cannot be read. */
  readonly holder: LockHolder | undefined;
  /** The time in the newest lock file of this holder, milliseconds since 1970 by its own clock. */
  readonly refreshedMs: number;
  /** By our clock: the first look at this holder, the first at its newest file, and the last look of all. */
  readonly firstSeenMs: number;
  readonly newestSeenMs: number;
  readonly lastSeenMs: number;
}

export interface LockHolder {
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  readonly exclusive: boolean;
}

/** What this machine knows of a lock of its own host name. */
export interface ProcessFacts {
  /** The journal says that a run of ours, which has ended, wrote it. */
  readonly isOwnLeftover: boolean;
  /** The host name is ours. */
  readonly isThisHost: boolean;
  readonly process: 'unknown' | 'gone' | 'running';
  /** Since when the process with this id runs; undefined where the system does not say. */
  readonly processSinceMs?: number;
}

/** `nowMs`: the time of the store where it tells it, else ours; milliseconds since 1970. */
export function lockVerdict(seen: LockSeen, facts: ProcessFacts, nowMs: number): LockVerdict {
  if (facts.isOwnLeftover) return { is: 'stale', because: 'own-leftover' };
  if (seen.holder === undefined) return { is: 'unsure', because: 'unreadable' };
  const watchedMs = seen.lastSeenMs - seen.newestSeenMs;
  if (seen.newestSeenMs > seen.firstSeenMs && watchedMs < limits.lockRefreshGraceMs)
    return { is: 'live', because: 'refreshed' };
  if (facts.isThisHost) {
    const verdict = byProcess(seen, facts, watchedMs);
    if (verdict !== undefined) return verdict;
  }
  // A clock that is wrong makes a lock look old or not yet born: only our own looking proves that nobody refreshes.
  if (watchedMs >= limits.lockWatchMs && Math.abs(nowMs - seen.refreshedMs) >= limits.lockStaleMs)
    return { is: 'stale', because: 'not-refreshed' };
  if (watchedMs >= limits.lockStaleMs) return { is: 'stale', because: 'not-refreshed' };
  const isYoung = Math.abs(nowMs - seen.refreshedMs) < limits.lockStaleMs;
  return isYoung ? { is: 'live', because: 'young' } : { is: 'unsure', because: 'looked-too-short' };
}

/** A container can have our host name and processes that we do not see: one that refreshes is live all the same. */
function byProcess(seen: LockSeen, facts: ProcessFacts, watchedMs: number): LockVerdict | undefined {
  const isWatched = watchedMs >= limits.lockRefreshGraceMs;
  if (facts.process === 'gone')
    return isWatched
      ? { is: 'stale', because: 'process-gone' }
      : { is: 'unsure', because: 'looked-too-short' };
  if (facts.process !== 'running') return undefined;
  const { processSinceMs } = facts;
  if (processSinceMs === undefined || processSinceMs <= seen.refreshedMs + limits.clockDoubtMs)
    return { is: 'live', because: 'process-runs' };
  return isWatched
    ? { is: 'stale', because: 'process-is-younger' }
    : { is: 'unsure', because: 'looked-too-short' };
}
