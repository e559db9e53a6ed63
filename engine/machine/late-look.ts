/**
 * The late second look at a snapshot that was committed: a prune that was planned before it was visible, and went on
 * without its lock after our last look, has removed what the snapshot needs without anybody being told. Invariants:
 * never before a day has passed, for such a prune may still go on; nothing is called whole that was not seen; what
 * lacks something is looked at again until it is whole or somebody has forgotten it.
 */
import { limits } from '../base/limits.ts';

/** Wall times in milliseconds since 1970. */
export interface LookedAt {
  readonly committedMs: number;
  /** Undefined before the first look. */
  readonly lookedMs: number | undefined;
}

/** `lastMs`: the last look at any snapshot of the repository; 0 where there was none. Looks are made together. */
export function dueLooks<Run extends LookedAt>(runs: readonly Run[], lastMs: number, nowMs: number): Run[] {
  if (!isPast(lastMs, limits.lateLooksApartMs, nowMs)) return [];
  return runs.filter(({ lookedMs, committedMs }) =>
    isPast(lookedMs ?? committedMs, limits.lateLookMs, nowMs),
  );
}

/**
 * Those that lacked something at their look and may be whole again, now that the newest run was committed: it is the first
 * one since. They are looked at once for that; what no backup brings back waits for its day.
 */
export function perhapsHealed<Run extends LookedAt & { readonly missingBlobs: number }>(
  runs: readonly Run[],
): Run[] {
  const earlier = runs.slice(0, -1);
  const isFirstSince = (lookedMs: number): boolean =>
    earlier.every(({ committedMs }) => committedMs <= lookedMs);
  return runs.filter(({ missingBlobs, lookedMs }) => missingBlobs > 0 && isFirstSince(lookedMs ?? 0));
}

/** A clock that was set back makes a look come early rather than never. */
function isPast(sinceMs: number, ms: number, nowMs: number): boolean {
  return Math.abs(nowMs - sinceMs) >= ms;
}

export interface SeenOfSnapshot {
  readonly isThere: boolean;
  /** It lacked something before it was there: its run was begun anew. */
  readonly isBegunAnew: boolean;
  /**
   * Index files that the run relied on or wrote, and packs that it or another run of this machine wrote, which the store
   * does not have any more.
   */
  readonly indexesGone: number;
  readonly packsGone: number;
  /** Blobs that the snapshot needs and no pack holds which an index names: undefined before all of it was walked. */
  readonly missingBlobs?: number;
}

export type LateVerdict =
  /** Somebody removed it: that is no concern of ours. */
  | 'forgotten'
  /** All that the run relied on is there: a blob that an index named disappears only after its index. */
  | 'untouched'
  /** Something was removed, before it or since: only a walk can tell whether that was needed. */
  | 'in-doubt'
  /** What was removed is elsewhere, or was stored again. */
  | 'covered'
  | 'missing';

export function lateVerdict({
  isThere,
  isBegunAnew,
  indexesGone,
  packsGone,
  missingBlobs,
}: SeenOfSnapshot): LateVerdict {
  if (!isThere) return 'forgotten';
  if (missingBlobs !== undefined) return missingBlobs > 0 ? 'missing' : 'covered';
  return isBegunAnew || indexesGone + packsGone > 0 ? 'in-doubt' : 'untouched';
}
