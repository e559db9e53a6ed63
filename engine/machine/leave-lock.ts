/** The part of `repo-lock.ts` that ends: every file of ours is removed, also one that is still on its way. */
import { assertNever } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import type { Ending, LockEvent, LockStep, RepoLock, Taking } from './lock-states.ts';

type Leaving = Extract<Taking, { at: 'leaving' }>;

/** Whoever holds it gives it back; whoever still wants it gives up. */
export function leave(state: RepoLock): LockStep {
  switch (state.at) {
    case 'cleaning':
    case 'looking':
    case 'waiting':
      return [{ at: 'ended' }, { do: 'end', ending: { because: 'cancelled' } }];
    case 'writing':
      return leaveWith([], true, { because: 'cancelled' });
    case 'settling':
      return leaveWith([state.id], false, { because: 'cancelled' });
    case 'withdrawing':
      return leaveWith(state.ids, false, { because: 'cancelled' });
    case 'held':
      return leaveWith(state.ids, false, { because: 'left' });
    case 'refreshing':
    case 'doubtful':
      return leaveWith(state.ids, state.step === 'write', { because: 'left' });
    case 'leaving':
    case 'ended':
      return [state];
    default:
      return assertNever(state);
  }
}

export function leaveWith(ids: readonly string[], isWriting: boolean, ending: Ending): LockStep {
  return removeNext({ at: 'leaving', ids, tries: 0, isWriting, ending });
}

export function leaving(state: Leaving, event: LockEvent): LockStep {
  if (event.type === 'written' || event.type === 'write-failed') {
    const arrived = { ...state, ids: [...state.ids, event.id], isWriting: false };
    return state.ids.length > 0 ? [arrived] : removeNext(arrived);
  }
  const [id, ...ids] = state.ids;
  if (id === undefined || !('id' in event) || event.id !== id) return [state];
  if (event.type === 'removed') return removeNext({ ...state, ids, tries: 0 });
  if (event.type !== 'remove-failed') return [state];
  const tries = state.tries + 1;
  if (tries < limits.lockRemoveTriesMax) return removeNext({ ...state, tries });
  const [next, ...effects] = removeNext({ ...state, ids, tries: 0 });
  return [next, { do: 'tell', what: 'left-behind', id }, ...effects];
}

function removeNext(state: Leaving): LockStep {
  const [id] = state.ids;
  if (id !== undefined) return [state, { do: 'remove', id }];
  return state.isWriting ? [state] : [{ at: 'ended' }, { do: 'end', ending: state.ending }];
}
