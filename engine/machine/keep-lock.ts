/** The part of `repo-lock.ts` while a lock is held: fresh, being refreshed, or in doubt. */
import { assertNever } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { doubt, held, isInDoubt, late, passedMs, prove } from './doubt-lock.ts';
import { afterLook, lookOf, nextLookMs, withLag, withRemoved } from './lock-lag.ts';
import type { Keeping, LockEffect, LockEvent, LockStep, Now, Refreshing } from './lock-states.ts';

const wake: LockEffect = { do: 'wake', inMs: limits.lockPollMs };

export function keep(state: Keeping, event: LockEvent, now: Now): LockStep {
  if (state.at !== 'doubtful' && isInDoubt(state, now)) {
    const [doubtful, ...effects] = doubt(state, state.ids.at(-1)!, now);
    // What arrived with the wakening is still taken in.
    const [next, ...more] = prove(doubtful, event, now);
    return [next, ...effects, ...more];
  }
  // Somebody else may remove it at any time, and whoever works alone then removes what no snapshot names.
  if (state.at !== 'doubtful' && isMissed(state, event)) return doubt(state, event.id, now);
  const ticked = { ...state, ticked: now };
  switch (ticked.at) {
    case 'held':
      return event.type === 'tick' ? refreshIfDue(ticked, now) : [late(ticked, event)];
    case 'refreshing':
      return refresh(ticked, event, now);
    case 'doubtful':
      return prove(ticked, event, now);
    default:
      return assertNever(ticked);
  }
}

/**
 * The file that has to be there for the lock to stand. A new one proves nothing until the one before was seen beside it:
 * somebody may have removed that, and work alone since.
 */
export function proofOf(state: Exclude<Keeping, { at: 'doubtful' }>): string | undefined {
  const isNewUnproven = state.at === 'refreshing' && (state.step === 'look' || state.step === 'rest');
  return (isNewUnproven ? state.ids.at(-2) : undefined) ?? state.ids.at(-1);
}

/** Asked for before something is written that others see, it was not there. */
function isMissed(
  state: Exclude<Keeping, { at: 'doubtful' }>,
  event: LockEvent,
): event is Extract<LockEvent, { type: 'checked' }> {
  if (event.type !== 'checked' || event.is === 'there') return false;
  return event.id === state.ids.at(-1) || event.id === proofOf(state);
}

function refreshIfDue(state: Extract<Keeping, { at: 'held' }>, now: Now): LockStep {
  const isDue = passedMs(state.fresh, now) >= limits.lockRefreshMs && now.elapsedMs >= state.tryMs;
  if (!isDue) return [state, wake];
  return [
    { ...state, at: 'refreshing', step: 'write', putMs: 0, lookMs: 0, isMissed: false },
    { do: 'write' },
    wake,
  ];
}

function refresh(state: Refreshing, event: LockEvent, now: Now): LockStep {
  switch (event.type) {
    case 'tick':
      if (state.step !== 'rest' || now.elapsedMs < state.lookMs) return [state, wake];
      // It was never seen in a listing: another one is written, and all the old ones stay.
      if (passedMs(state.fresh, now) >= limits.lockRefreshMs) return refreshIfDue(held(state, {}), now);
      return [{ ...state, step: 'look' }, lookOf(state.wish, state.ids), wake];
    case 'written': {
      if (state.step !== 'write') return [late(state, event)];
      const { id, asked, putMs } = event;
      const ids = [...state.ids, id];
      return [{ ...state, step: 'look', ids, fresh: asked, putMs }, lookOf(state.wish, ids)];
    }
    case 'write-failed': {
      const tryMs = now.elapsedMs + limits.lockRefreshRetryMs;
      if (state.step !== 'write') return [late(state, event)];
      return [held(late(state, event), { tryMs }), { do: 'tell', what: 'refresh-failed', id: event.id }];
    }
    case 'looked':
      if (state.step !== 'look' || event.askedMs < state.putMs) return [state];
      return sawRefreshed(state, event, now);
    case 'look-failed':
      return state.step === 'look'
        ? [{ ...state, step: 'rest', lookMs: now.elapsedMs + limits.lockLookMsMax }]
        : [state];
    case 'removed': {
      if (state.step !== 'remove') return [late(state, event)];
      return removeOld({ ...late(state, event), wish: withRemoved(state.wish, event.id, now) });
    }
    case 'remove-failed':
      if (state.step !== 'remove') return [state];
      return [held(state, {}), { do: 'tell', what: 'left-behind', id: event.id }];
    default:
      return [state];
  }
}

function sawRefreshed(state: Refreshing, event: Extract<LockEvent, { type: 'looked' }>, now: Now): LockStep {
  const [wish, ...effects] = afterLook(state.wish, event, now);
  const isListed = (id: string | undefined): boolean => event.seen.some((each) => each.id === id);
  const before = state.ids.at(-2);
  if (before !== undefined && !isListed(before)) {
    const [doubtful, ...more] = doubt({ ...state, wish }, before, now);
    return [doubtful, ...effects, ...more];
  }
  if (!isListed(state.ids.at(-1)))
    return [
      { ...state, wish, step: 'rest', isMissed: true, lookMs: nextLookMs(state.putMs, now) },
      ...effects,
    ];
  const lagMs = state.isMissed === true ? event.askedMs - state.putMs : 0;
  const [learned, ...more] = withLag(wish, lagMs, now);
  const [next, ...removing] = removeOld({ ...state, wish: learned });
  return [next, ...effects, ...more, ...removing];
}

/** The newest and the one before stay. */
function removeOld(state: Refreshing): LockStep {
  const [id] = state.ids.slice(0, -2);
  if (id === undefined) return [held(state, {})];
  return [
    { ...state, step: 'remove' },
    { do: 'remove', id },
  ];
}
