/** What looks at our own files say about the store's listing: shared by taking and keeping a lock. */
import { limits } from '../base/limits.ts';
import { settleMs, withLagSeen } from './list-lag.ts';
import { withLook } from './lock-looks.ts';
import type { LockEffect, LockEvent, Now, Wish } from './lock-states.ts';

type Looked = Extract<LockEvent, { type: 'looked' }>;

export function settleOf({ lag }: Wish, now: Now): number {
  return settleMs(lag, now.wallMs);
}

/** Takes in a look; what we removed and is still listed shows the lag. */
export function afterLook(wish: Wish, { askedMs, seen }: Looked, now: Now): [Wish, ...LockEffect[]] {
  const listed = new Set(seen.map(({ id }) => id));
  const removed = new Map([...wish.removed].filter(([id]) => listed.has(id)));
  const lags = [...removed.values()].map((removedMs) => askedMs - removedMs);
  const [learned, ...effects] = withLag({ ...wish, removed }, Math.max(0, ...lags), now);
  const looks = withLook(learned.looks, seen, askedMs, settleOf(learned, now));
  return [{ ...learned, looks }, ...effects];
}

/** A lag within what a request takes is none. */
export function withLag(wish: Wish, lagMs: number, now: Now): [Wish, ...LockEffect[]] {
  if (lagMs < limits.lockLookMsMin) return [wish];
  return [
    { ...wish, lag: withLagSeen(wish.lag, now.wallMs, lagMs) },
    { do: 'learn', lagMs },
  ];
}

export function lookOf(wish: Wish, ours: readonly string[]): LockEffect {
  return { do: 'look', known: [...ours, ...wish.looks.ghosts, ...wish.removed.keys()] };
}

export function withRemoved(wish: Wish, id: string, now: Now): Wish {
  return { ...wish, removed: new Map(wish.removed).set(id, now.elapsedMs) };
}

/** When to look again for a file that was stored at `putMs` and is not listed yet: soon, then ever later. */
export function nextLookMs(putMs: number, now: Now): number {
  const passedMs = now.elapsedMs - putMs;
  const inMs = Math.min(limits.lockLookMsMax, Math.max(limits.lockLookMsMin, passedMs / 4));
  return now.elapsedMs + inMs;
}
