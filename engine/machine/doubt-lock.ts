/**
 * The part of `repo-lock.ts` where a lock is frozen, because we slept, or could not refresh it in time, or its file is
 * not listed any more: until the store says that it is there, or that it is not. Where the store says nothing, it stays
 * frozen.
 */
import { limits } from '../base/limits.ts';
import { leaveWith } from './leave-lock.ts';
import { settleOf } from './lock-lag.ts';
import type { Doubtful, Holding, Keeping, LockEffect, LockEvent, LockStep, Now } from './lock-states.ts';

const wake: LockEffect = { do: 'wake', inMs: limits.lockPollMs };

/** Whether too much time has gone by unseen, or since the lock was written. */
export function isInDoubt({ fresh, ticked }: Pick<Holding, 'fresh' | 'ticked'>, now: Now): boolean {
  return passedMs(ticked, now) >= limits.lockSleptMs || passedMs(fresh, now) >= limits.lockRefreshGiveUpMs;
}

/** A wall clock that was set counts like one that went on. */
export function passedMs(then: Now, now: Now): number {
  return Math.max(Math.abs(now.wallMs - then.wallMs), now.elapsedMs - then.elapsedMs);
}

/** `proofId`: the file that has to be there. */
export function doubt(holding: Holding, proofId: string, now: Now): [Doubtful, ...LockEffect[]] {
  const { wish, ids, fresh, tryMs } = holding;
  return [
    { at: 'doubtful', wish, ids, fresh, tryMs, ticked: now, step: 'check', proofId, retryMs: 0 },
    { do: 'freeze' },
    { do: 'check', id: proofId },
    wake,
  ];
}

export function prove(state: Doubtful, event: LockEvent, now: Now): LockStep {
  switch (event.type) {
    case 'tick': {
      const settledMs = (state.written?.putMs ?? 0) + settleOf(state.wish, now);
      const isSettled = state.step === 'settle' && now.elapsedMs >= settledMs;
      const isRested = state.step === 'rest' && now.elapsedMs >= state.retryMs;
      if (!isSettled && !isRested) return [state, wake];
      const step = state.written === undefined ? 'check' : 'recheck';
      return [{ ...state, step }, { do: 'check', id: state.proofId }, wake];
    }
    case 'checked':
      return event.id === state.proofId ? proven(state, event.is, now) : [state];
    case 'written': {
      if (state.step !== 'write') return [late(state, event)];
      const { id, asked, putMs } = event;
      return [{ ...state, step: 'settle', ids: [...state.ids, id], written: { asked, putMs } }];
    }
    case 'write-failed':
      return state.step === 'write'
        ? [rest(late(state, event), now, limits.lockRefreshRetryMs)]
        : [late(state, event)];
    default:
      return [late(state, event)];
  }
}

function proven(state: Doubtful, is: 'there' | 'gone' | 'unknown', now: Now): LockStep {
  if (is === 'gone') {
    const [next, ...effects] = leaveWith(state.ids, state.step === 'write', { because: 'lost' });
    return [next, { do: 'lose' }, ...effects];
  }
  if (is === 'unknown') return [rest(state, now, limits.lockDoubtRetryMs)];
  if (state.written !== undefined) {
    const { asked } = state.written;
    const tryMs = asked.elapsedMs + limits.lockRefreshMs;
    return [held(state, { fresh: asked, tryMs }), { do: 'thaw' }];
  }
  // Young enough that nobody took it for stale: it was there all the time.
  if (passedMs(state.fresh, now) < limits.lockRefreshGiveUpMs)
    return [held(state, { tryMs: now.elapsedMs }), { do: 'thaw' }];
  return [{ ...state, step: 'write' }, { do: 'write' }];
}

function rest(state: Doubtful, now: Now, restMs: number): Doubtful {
  return { ...state, step: 'rest', retryMs: now.elapsedMs + restMs };
}

export function held(state: Keeping, changed: Partial<Keeping>): Extract<Keeping, { at: 'held' }> {
  const { wish, ids, fresh, ticked, tryMs } = { ...state, ...changed };
  return { at: 'held', wish, ids, fresh, ticked, tryMs };
}

/** What comes late: a file is removed with the old ones, one that is gone is forgotten. */
export function late<State extends Holding>(state: State, event: LockEvent): State {
  if (event.type === 'removed') return { ...state, ids: state.ids.filter((id) => id !== event.id) };
  if (event.type !== 'written' && event.type !== 'write-failed') return state;
  return { ...state, ids: [event.id, ...state.ids] };
}
