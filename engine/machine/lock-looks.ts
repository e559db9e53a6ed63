/**
 * What looks at the locks of others say together. Invariants: a name that is listed but not there any more is passed
 * over when it has been so for the settle time, for names are never used twice; a lock that cannot be read never lets
 * exclusive work begin, and keeps shared work waiting for the settle time only. Whether a name is of ours is the
 * caller's to know.
 */
import { limits } from '../base/limits.ts';

/** What a listed name turned out to be when it was read. */
export interface SeenLock {
  readonly id: string;
  /** `known`: of ours, or passed over before, and not read. */
  readonly is: 'shared' | 'exclusive' | 'gone' | 'unreadable' | 'known';
}

interface Undetermined {
  readonly is: 'gone' | 'unreadable';
  /** Elapsed time of the first look that could not tell. */
  readonly sinceMs: number;
}

export interface Looks {
  readonly undetermined: ReadonlyMap<string, Undetermined>;
  /** Listed, but gone for good. */
  readonly ghosts: ReadonlySet<string>;
}

export function startLooks(ghosts: Iterable<string> = []): Looks {
  return { undetermined: new Map(), ghosts: new Set(ghosts) };
}

/** `askedMs`: when the look began. */
export function withLook(looks: Looks, seen: readonly SeenLock[], askedMs: number, settleMs: number): Looks {
  const undetermined = new Map<string, Undetermined>();
  const ghosts = new Set(looks.ghosts);
  for (const { id, is } of seen) {
    if ((is !== 'gone' && is !== 'unreadable') || ghosts.has(id)) continue;
    const before = looks.undetermined.get(id);
    const sinceMs = before?.is === is ? before.sinceMs : askedMs;
    if (is === 'gone' && askedMs - sinceMs >= settleMs) ghosts.add(id);
    else undetermined.set(id, { is, sinceMs });
  }
  return { undetermined, ghosts };
}

export type Standing =
  | { readonly is: 'free' }
  | { readonly is: 'conflict'; readonly id: string }
  /** `untilMs`: when it can be told at the earliest. */
  | { readonly is: 'unclear'; readonly id: string; readonly untilMs: number }
  | { readonly is: 'unreadable'; readonly id: string };

/** Where we stand after a look that `withLook` has taken in. */
export function standing(
  looks: Looks,
  seen: readonly SeenLock[],
  exclusive: boolean,
  askedMs: number,
  settleMs: number,
): Standing {
  const conflict = seen.find(({ is }) => is === 'exclusive' || (is === 'shared' && exclusive));
  if (conflict !== undefined) return { is: 'conflict', id: conflict.id };
  for (const [id, { is, sinceMs }] of looks.undetermined) {
    const waitMs =
      exclusive && is === 'unreadable' ? Math.max(settleMs, limits.lockUnreadableWaitMs) : settleMs;
    if (askedMs - sinceMs < waitMs) return { is: 'unclear', id, untilMs: sinceMs + waitMs };
    if (exclusive) return { is: 'unreadable', id };
  }
  return { is: 'free' };
}
