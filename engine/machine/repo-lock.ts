/**
 * A lock of ours on a repository, from wanting it to having left it, on stores whose listings lag. Invariants:
 * it is held only after it was read back by name, seen in a listing, and nobody else was in a look that began when
 * twice the lag had passed since it was written; while it is held, a file of it that every observer lists is there: the
 * one before stays until the one after the next is written; only names that we wrote are removed; after a sleep, or when
 * it could not be refreshed in time, it is frozen until the store says that it is still there, and lost when the
 * store says that it is not.
 */
import { assertNever } from '../base/assert.ts';
import { keep } from './keep-lock.ts';
import { leave, leaving } from './leave-lock.ts';
import type { ListLag } from './list-lag.ts';
import { startLooks } from './lock-looks.ts';
import type { LockEvent, LockStep, Now, RepoLock, Wish } from './lock-states.ts';
import { removeNext, take } from './take-lock.ts';

export interface LockStart {
  readonly exclusive: boolean;
  /** How long a conflict is waited for. */
  readonly retryMs: number;
  readonly lag: ListLag;
  /** Of ours, left by a crash. */
  readonly leftovers: readonly string[];
  /** Names of which an earlier lock found out that they are listed but gone. */
  readonly ghosts?: Iterable<string>;
}

export function startLock(start: LockStart, now: Now): LockStep {
  const wish: Wish = {
    exclusive: start.exclusive,
    giveUpMs: now.elapsedMs + start.retryMs,
    lag: start.lag,
    looks: startLooks(start.ghosts),
    waits: 0,
    removed: new Map(),
  };
  return removeNext({ at: 'cleaning', wish, ids: start.leftovers, tries: 0 }, now, 0);
}

/** `chance`: at least 0, less than 1. */
export function stepLock(state: RepoLock, event: LockEvent, now: Now, chance: number): LockStep {
  if (event.type === 'leave') return leave(state);
  switch (state.at) {
    case 'cleaning':
    case 'looking':
    case 'waiting':
    case 'writing':
    case 'settling':
    case 'withdrawing':
      return take(state, event, now, chance);
    case 'leaving':
      return leaving(state, event);
    case 'held':
    case 'refreshing':
    case 'doubtful':
      return keep(state, event, now);
    case 'ended':
      return lateWrite(state, event);
    default:
      return assertNever(state);
  }
}

/** What was still under way when all was over is removed when it arrives. */
function lateWrite(state: RepoLock, event: LockEvent): LockStep {
  const isLate = event.type === 'written' || event.type === 'write-failed';
  return isLate ? [state, { do: 'remove', id: event.id }] : [state];
}
