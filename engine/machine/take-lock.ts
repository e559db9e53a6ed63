/** The part of `repo-lock.ts` until a lock is held. */
import { assertNever } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import { doubt, isInDoubt, passedMs } from './doubt-lock.ts';
import { afterLook, lookOf, nextLookMs, settleOf, withLag, withRemoved } from './lock-lag.ts';
import { standing } from './lock-looks.ts';
import type { Holding, LockEffect, LockEvent, LockStep, Now, Refusal, Taking, Wish } from './lock-states.ts';

type At<Name extends Taking['at']> = Extract<Taking, { at: Name }>;
type Looked = Extract<LockEvent, { type: 'looked' }>;

export function take(
  state: Exclude<Taking, { at: 'leaving' }>,
  event: LockEvent,
  now: Now,
  chance: number,
): LockStep {
  switch (state.at) {
    case 'cleaning':
    case 'withdrawing':
      return clean(state, event, now, chance);
    case 'looking':
      if (event.type === 'look-failed') return end({ because: 'store' });
      return event.type === 'looked' ? looked(state, event, now, chance) : [state];
    case 'waiting':
      if (event.type !== 'tick') return [state];
      if (now.elapsedMs < state.untilMs) return [state, wakeAt(state.untilMs, now)];
      return [{ at: 'looking', wish: state.wish }, lookOf(state.wish, [])];
    case 'writing':
      return wrote(state, event, now, chance);
    case 'settling':
      return settle(state, event, now, chance);
    default:
      return assertNever(state);
  }
}

/** Removes the first of the names that are left, or goes on. */
export function removeNext(state: At<'cleaning' | 'withdrawing'>, now: Now, chance: number): LockStep {
  const [id] = state.ids;
  if (id !== undefined) return [state, { do: 'remove', id }];
  if (state.at === 'withdrawing') return backOff(state.wish, state.refusal, now, chance);
  return [{ at: 'looking', wish: state.wish }, lookOf(state.wish, [])];
}

function clean(state: At<'cleaning' | 'withdrawing'>, event: LockEvent, now: Now, chance: number): LockStep {
  const [id, ...left] = state.ids;
  if (id === undefined) return [state];
  if (event.type === 'removed' && event.id === id) {
    const wish = withRemoved(state.wish, id, now);
    return removeNext({ ...state, wish, ids: left, tries: 0 }, now, chance);
  }
  if (event.type !== 'remove-failed' || event.id !== id) return [state];
  if (state.tries + 1 < limits.lockRemoveTriesMax)
    return removeNext({ ...state, tries: state.tries + 1 }, now, chance);
  const [next, ...effects] = removeNext({ ...state, ids: left, tries: 0 }, now, chance);
  return [next, { do: 'tell', what: 'left-behind', id }, ...effects];
}

function looked(state: At<'looking'>, event: Looked, now: Now, chance: number): LockStep {
  const [wish, ...learned] = afterLook(state.wish, event, now);
  const stand = standing(wish.looks, event.seen, wish.exclusive, event.askedMs, settleOf(wish, now));
  switch (stand.is) {
    case 'free':
      return [{ at: 'writing', wish }, ...learned, ...passedOver(wish), { do: 'write' }];
    case 'unclear': {
      const untilMs = Math.min(stand.untilMs, now.elapsedMs + limits.lockLookMsMax);
      const tell: LockEffect = { do: 'tell', what: 'unclear', id: stand.id };
      return [{ at: 'waiting', wish, untilMs }, ...learned, tell, wakeAt(untilMs, now)];
    }
    case 'conflict':
    case 'unreadable': {
      const [next, ...effects] = backOff(wish, { because: stand.is, id: stand.id }, now, chance);
      return [next, ...learned, ...effects];
    }
    default:
      return assertNever(stand);
  }
}

/** Shared work goes on beside a lock that nobody can read, and says so. */
function passedOver({ looks }: Wish): LockEffect[] {
  const unreadable = [...looks.undetermined].filter(([, { is }]) => is === 'unreadable');
  return unreadable.map(([id]) => ({ do: 'tell', what: 'passed-over', id }));
}

function wrote(state: At<'writing'>, event: LockEvent, now: Now, chance: number): LockStep {
  const { wish } = state;
  if (event.type === 'written') {
    const { id, asked, putMs } = event;
    const settling = { wish, id, asked, putMs, fromMs: putMs, looked: now, isListed: false };
    return [{ at: 'settling', ...settling }, lookOf(wish, [id])];
  }
  if (event.type !== 'write-failed') return [state];
  return withdraw(wish, event.id, { because: 'store' }, now, chance);
}

/** Every look is followed by another until one has begun after the settle time and saw us and nobody in the way. */
function settle(state: At<'settling'>, event: LockEvent, now: Now, chance: number): LockStep {
  const { id, putMs, lookMs } = state;
  if (event.type === 'look-failed') return withdraw(state.wish, id, { because: 'store' }, now, chance);
  if (event.type === 'tick' && lookMs !== undefined) {
    if (now.elapsedMs < lookMs) return [state, wakeAt(lookMs, now)];
    const { lookMs: _, ...looking } = state;
    return [looking, lookOf(state.wish, [id])];
  }
  if (event.type !== 'looked' || event.askedMs < putMs) return [state];
  let [wish, ...effects] = afterLook(state.wish, event, now);
  const isSeenNow = event.seen.some((each) => each.id === id);
  const isListed = state.isListed || isSeenNow;
  if (isListed && !state.isListed && state.isMissed === true) {
    const [learned, ...more] = withLag(wish, event.askedMs - putMs, now);
    wish = learned;
    effects = [...effects, ...more];
  }
  // Whoever slept may have missed a file that was listed for as long as that.
  const hasSlept = passedMs(state.looked, now) >= limits.lockSleptMs;
  const fromMs = hasSlept ? now.elapsedMs : state.fromMs;
  const settledMs = fromMs + settleOf(wish, now);
  const stand = standing(wish.looks, event.seen, wish.exclusive, event.askedMs, settleOf(wish, now));
  if (stand.is === 'conflict' || stand.is === 'unreadable') {
    const [next, ...more] = withdraw(wish, id, { because: stand.is, id: stand.id }, now, chance);
    return [next, ...effects, ...more];
  }
  if (!isSeenNow && event.askedMs - putMs >= 2 * limits.lagMsMax) {
    const [next, ...more] = withdraw(wish, id, { because: 'unlisted' }, now, chance);
    return [next, ...effects, ...more];
  }
  if (isSeenNow && stand.is === 'free' && event.askedMs >= settledMs) {
    const [next, ...more] = hold({ ...state, wish }, now);
    return [next, ...effects, ...more];
  }
  const oftenMs = Math.min(settledMs, now.elapsedMs + limits.lockSettleLookMs);
  const againMs = stand.is === 'unclear' ? Math.min(stand.untilMs, oftenMs) : oftenMs;
  const nextMs = isListed && againMs > now.elapsedMs ? againMs : nextLookMs(putMs, now);
  const isMissed = state.isMissed === true || !isSeenNow;
  return [
    { ...state, wish, fromMs, looked: now, isListed, isMissed, lookMs: nextMs },
    ...effects,
    wakeAt(nextMs, now),
  ];
}

/** Whoever slept while it settled has to prove that nobody took it for stale. */
function hold({ wish, id, asked }: At<'settling'>, now: Now): LockStep {
  const tryMs = asked.elapsedMs + limits.lockRefreshMs;
  const held: Holding = { wish, ids: [id], fresh: asked, ticked: asked, tryMs };
  if (!isInDoubt(held, now))
    return [{ ...held, at: 'held', ticked: now }, { do: 'hold' }, { do: 'wake', inMs: limits.lockPollMs }];
  const [next, ...effects] = doubt(held, id, now);
  return [next, { do: 'hold' }, ...effects];
}

function withdraw(wish: Wish, id: string, refusal: Refusal, now: Now, chance: number): LockStep {
  return removeNext({ at: 'withdrawing', wish, ids: [id], tries: 0, refusal }, now, chance);
}

/** Who met at one time comes back at another. */
function backOff(wish: Wish, refusal: Refusal, now: Now, chance: number): LockStep {
  if (refusal.because !== 'conflict' && refusal.because !== 'unreadable') return end(refusal);
  if (now.elapsedMs >= wish.giveUpMs) return end(refusal);
  const rangeMs = Math.min(limits.lockBackOffMsMax, limits.lockBackOffMsMin * 2 ** (wish.waits + 1));
  const waitMs = limits.lockBackOffMsMin + chance * (rangeMs - limits.lockBackOffMsMin);
  const untilMs = Math.min(now.elapsedMs + waitMs, wish.giveUpMs);
  const tell: LockEffect = { do: 'tell', what: 'conflict', id: refusal.id };
  return [{ at: 'waiting', wish: { ...wish, waits: wish.waits + 1 }, untilMs }, tell, wakeAt(untilMs, now)];
}

function end(ending: Refusal): LockStep {
  return [{ at: 'ended' }, { do: 'end', ending }];
}

function wakeAt(ms: number, now: Now): LockEffect {
  return { do: 'wake', inMs: Math.max(1, ms - now.elapsedMs) };
}
