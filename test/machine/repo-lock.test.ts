import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { startListLag } from '../../engine/machine/list-lag.ts';
import { startLooks } from '../../engine/machine/lock-looks.ts';
import type { LockEffect, LockEvent, Now, RepoLock, Wish } from '../../engine/machine/lock-states.ts';
import { startLock, stepLock } from '../../engine/machine/repo-lock.ts';

const now: Now = { elapsedMs: 1_000_000, wallMs: 1_700_000_000_000 };
const later = (ms: number): Now => ({ elapsedMs: now.elapsedMs + ms, wallMs: now.wallMs + ms });
const lag = startListLag(1_000);
/** 2 x 1 s + 0.2 s. */
const settledMs = 2_200;

const wish: Wish = {
  exclusive: false,
  giveUpMs: now.elapsedMs,
  lag,
  looks: startLooks(),
  waits: 0,
  removed: new Map(),
};
const holding = { wish, ids: ['a', 'b'], fresh: now, ticked: now, tryMs: 0 };

const states: Record<string, RepoLock> = {
  cleaning: { at: 'cleaning', wish, ids: ['a'], tries: 0 },
  looking: { at: 'looking', wish },
  waiting: { at: 'waiting', wish, untilMs: now.elapsedMs },
  writing: { at: 'writing', wish },
  settling: {
    at: 'settling',
    wish,
    id: 'a',
    asked: now,
    putMs: now.elapsedMs,
    fromMs: now.elapsedMs,
    looked: now,
    isListed: true,
    lookMs: 0,
  },
  withdrawing: { at: 'withdrawing', wish, ids: ['a'], tries: 0, refusal: { because: 'conflict', id: 'x' } },
  leaving: { at: 'leaving', ids: ['a'], tries: 0, isWriting: true, ending: { because: 'left' } },
  held: { at: 'held', ...holding },
  'refreshing: write': { at: 'refreshing', ...holding, step: 'write', putMs: 0, lookMs: 0 },
  'refreshing: look': { at: 'refreshing', ...holding, step: 'look', putMs: now.elapsedMs, lookMs: 0 },
  'refreshing: rest': { at: 'refreshing', ...holding, step: 'rest', putMs: 0, lookMs: 0 },
  'refreshing: remove': { at: 'refreshing', ...holding, step: 'remove', putMs: 0, lookMs: 0 },
  'doubtful: check': { at: 'doubtful', ...holding, step: 'check', proofId: 'b', retryMs: 0 },
  'doubtful: rest': { at: 'doubtful', ...holding, step: 'rest', proofId: 'b', retryMs: 0 },
  'doubtful: write': { at: 'doubtful', ...holding, step: 'write', proofId: 'b', retryMs: 0 },
  'doubtful: settle': { at: 'doubtful', ...holding, step: 'settle', proofId: 'b', retryMs: 0 },
  ended: { at: 'ended' },
};

const ms = now.elapsedMs;
const seen = [
  { id: 'a', is: 'known' },
  { id: 'b', is: 'known' },
] as const;
const events: Record<string, LockEvent> = {
  tick: { type: 'tick' },
  'saw nobody': { type: 'looked', askedMs: ms, seen },
  'saw an exclusive lock': { type: 'looked', askedMs: ms, seen: [...seen, { id: 'x', is: 'exclusive' }] },
  'look failed': { type: 'look-failed' },
  written: { type: 'written', id: 'c', asked: now, putMs: ms },
  'write failed': { type: 'write-failed', id: 'c' },
  'is there': { type: 'checked', id: 'b', is: 'there' },
  'is gone': { type: 'checked', id: 'b', is: 'gone' },
  'nobody knows': { type: 'checked', id: 'b', is: 'unknown' },
  removed: { type: 'removed', id: 'a' },
  'not removed': { type: 'remove-failed', id: 'a' },
  leave: { type: 'leave' },
};

/** A lock that is not seen when it is asked for is in doubt. */
const missed = { 'is gone': 'doubtful', 'nobody knows': 'doubtful' };

/** What each pair leads to; a state that stays is left away. */
const table: Record<string, Record<string, string>> = {
  cleaning: { removed: 'looking', leave: 'ended', 'not removed': 'cleaning remove' },
  looking: {
    'saw nobody': 'writing',
    'saw an exclusive lock': 'ended',
    'look failed': 'ended',
    leave: 'ended',
  },
  waiting: { tick: 'looking', leave: 'ended' },
  writing: { written: 'settling', 'write failed': 'withdrawing', leave: 'leaving' },
  settling: { 'saw an exclusive lock': 'withdrawing', 'look failed': 'withdrawing', leave: 'leaving' },
  withdrawing: { removed: 'ended', leave: 'leaving', 'not removed': 'withdrawing remove' },
  held: { leave: 'leaving', ...missed },
  'refreshing: write': { written: 'refreshing', 'write failed': 'held', leave: 'leaving', ...missed },
  'refreshing: look': {
    'saw nobody': 'held',
    'saw an exclusive lock': 'held',
    'look failed': 'refreshing',
    leave: 'leaving',
    ...missed,
  },
  'refreshing: rest': { leave: 'leaving', ...missed },
  'refreshing: remove': { removed: 'held', 'not removed': 'held', leave: 'leaving', ...missed },
  'doubtful: check': { 'is there': 'held', 'is gone': 'leaving', leave: 'leaving' },
  'doubtful: rest': { 'is there': 'held', 'is gone': 'leaving', leave: 'leaving' },
  'doubtful: write': { 'is there': 'held', 'is gone': 'leaving', leave: 'leaving' },
  'doubtful: settle': { 'is there': 'held', 'is gone': 'leaving', leave: 'leaving' },
};

function removals(effects: readonly LockEffect[]): string[] {
  return effects.flatMap((effect) => (effect.do === 'remove' ? [effect.id] : []));
}

describe('every state and every event', () => {
  for (const [stateName, state] of Object.entries(states))
    for (const [eventName, event] of Object.entries(events))
      it(`${stateName}, ${eventName}`, () => {
        const [next, ...effects] = stepLock(state, event, now, 0);
        const [at] = (table[stateName]?.[eventName] ?? state.at).split(' ');
        expect(next.at).toBe(at);
        // Nothing is removed that we did not write.
        for (const id of removals(effects)) expect(['a', 'b', 'c']).toContain(id);
        expect(effects.some(({ do: what }) => what === 'hold')).toBe(false);
      });
});

/** Runs a lock through events; what it did last. */
function run(state: RepoLock, ...steps: readonly (readonly [LockEvent, Now])[]): [RepoLock, LockEffect[]] {
  let [next, effects]: [RepoLock, LockEffect[]] = [state, []];
  for (const [event, at] of steps) [next, ...effects] = stepLock(next, event, at, 0);
  return [next, effects];
}
const looked = (
  askedMs: number,
  ...others: readonly (readonly [string, 'exclusive' | 'shared' | 'gone' | 'unreadable' | 'known'])[]
): LockEvent => ({
  type: 'looked',
  askedMs: ms + askedMs,
  seen: others.map(([id, is]) => ({ id, is })),
});
const written: LockEvent = { type: 'written', id: 'c', asked: now, putMs: ms };
const tick: LockEvent = { type: 'tick' };

describe('taking a lock', () => {
  const settling = run({ at: 'writing', wish }, [written, now])[0];

  it('is held by a look that began after the settle time, sees us and nobody in the way', () => {
    const [early, effects] = run(settling, [looked(0, ['c', 'known']), now]);
    expect([early.at, effects]).toEqual(['settling', [{ do: 'wake', inMs: settledMs }]]);
    const asked = run(early, [tick, later(settledMs)]);
    expect(asked[1]).toEqual([{ do: 'look', known: ['c'] }]);
    const [done, last] = run(asked[0], [looked(settledMs, ['c', 'known']), later(settledMs + 50)]);
    expect([done.at, last[0]]).toEqual(['held', { do: 'hold' }]);
  });

  it('is not held by a look that began too early or does not see us', () => {
    expect(run(settling, [looked(settledMs - 1, ['c', 'known']), later(settledMs)])[0].at).toBe('settling');
    expect(run(settling, [looked(settledMs), later(settledMs)])[0].at).toBe('settling');
  });

  it('learns the lag from how late it is listed, and settles for longer', () => {
    const [, effects] = run(settling, [looked(0), now], [looked(5_000, ['c', 'known']), later(5_000)]);
    expect(effects[0]).toEqual({ do: 'learn', lagMs: 5_000 });
    expect(effects[1]).toEqual({ do: 'wake', inMs: 2 * 2 * 5_000 + 200 - 5_000 });
  });

  it('gives up on what is never listed', () => {
    const [next, effects] = run(settling, [looked(2 * limits.lagMsMax), later(2 * limits.lagMsMax)]);
    expect([next.at, removals(effects)]).toEqual(['withdrawing', ['c']]);
  });

  it('comes back at another time where it may wait', () => {
    const patient = { ...wish, giveUpMs: ms + 600_000 };
    const steps = [
      [written, now],
      [looked(0, ['c', 'known'], ['x', 'exclusive']), now],
    ] as const;
    const [withdrawing] = run({ at: 'writing', wish: patient }, ...steps);
    const [next] = stepLock(withdrawing, { type: 'removed', id: 'c' }, now, 0.5);
    expect(next).toMatchObject({ at: 'waiting', untilMs: ms + 7_500 });
  });

  it('settles anew after a sleep, and has to prove that it still stands', () => {
    const [early] = run(settling, [looked(0, ['c', 'known']), now]);
    const awake = { elapsedMs: ms + settledMs, wallMs: now.wallMs + 3_600_000 };
    const [anew, effects] = run(early, [looked(settledMs, ['c', 'known']), awake]);
    expect([anew.at, effects]).toEqual(['settling', [{ do: 'wake', inMs: settledMs }]]);
    const done = { elapsedMs: awake.elapsedMs + settledMs, wallMs: awake.wallMs + settledMs };
    const [next, last] = run(anew, [looked(2 * settledMs, ['c', 'known']), done]);
    expect([next.at, last.map((each) => each.do)]).toEqual(['doubtful', ['hold', 'freeze', 'check', 'wake']]);
  });
});

describe('names that cannot be told', () => {
  const look = (exclusive: boolean, is: 'gone' | 'unreadable', ...atMs: number[]): string => {
    let state: RepoLock = { at: 'looking', wish: { ...wish, exclusive } };
    for (const each of atMs) {
      const [next] = stepLock(
        { ...state, at: 'looking' } as RepoLock,
        looked(each, ['x', is]),
        later(each),
        0,
      );
      state = next;
    }
    return state.at;
  };

  it.each([
    ['gone', false, [0], 'waiting'],
    ['gone', false, [0, settledMs], 'writing'],
    ['gone', true, [0, settledMs - 1], 'waiting'],
    ['gone', true, [0, settledMs], 'writing'],
    ['unreadable', false, [0], 'waiting'],
    ['unreadable', false, [0, settledMs], 'writing'],
    ['unreadable', true, [0, settledMs], 'waiting'],
    ['unreadable', true, [0, 35_000], 'ended'],
  ] as const)('%s, exclusive %s, looks at %s: %s', (is, exclusive, atMs, at) => {
    expect(look(exclusive, is, ...atMs)).toBe(at);
  });
});

describe('keeping a lock', () => {
  const held: RepoLock = { at: 'held', ...holding };

  it('is frozen after a gap in the clock, and stands when its file is there', () => {
    const awake = { elapsedMs: ms + 1_000, wallMs: now.wallMs + 600_000 };
    const [doubtful, effects] = run(held, [tick, awake]);
    expect(effects.slice(0, 2)).toEqual([{ do: 'freeze' }, { do: 'check', id: 'b' }]);
    expect(run(doubtful, [{ type: 'checked', id: 'b', is: 'there' }, awake])[1]).toEqual([{ do: 'thaw' }]);
  });

  it('proves after half an hour that the old file outlived the new one', () => {
    const awake = { elapsedMs: ms + 1_000, wallMs: now.wallMs + 1_800_000 };
    const there: LockEvent = { type: 'checked', id: 'b', is: 'there' };
    const [writing, effects] = run(held, [tick, awake], [there, awake]);
    expect(effects).toEqual([{ do: 'write' }]);
    const stored: LockEvent = { type: 'written', id: 'c', asked: awake, putMs: awake.elapsedMs };
    const settled = { elapsedMs: awake.elapsedMs + settledMs, wallMs: awake.wallMs + settledMs };
    const [rechecked, asked] = run(writing, [stored, awake], [tick, settled]);
    expect(asked[0]).toEqual({ do: 'check', id: 'b' });
    expect(run(rechecked, [there, settled])[1]).toEqual([{ do: 'thaw' }]);
    const [, lost] = run(rechecked, [{ type: 'checked', id: 'b', is: 'gone' }, settled]);
    expect(lost[0]).toEqual({ do: 'lose' });
  });

  it('has doubts when the file before the newest is not listed any more', () => {
    const refreshed: RepoLock = { at: 'refreshing', ...holding, step: 'look', putMs: ms, lookMs: 0 };
    const [next, effects] = run(refreshed, [looked(0, ['b', 'known']), now]);
    expect([next.at, effects[0], effects[1]]).toEqual([
      'doubtful',
      { do: 'freeze' },
      { do: 'check', id: 'a' },
    ]);
  });

  it('removes its leftovers before anything else', () => {
    const [state, ...effects] = startLock({ exclusive: true, retryMs: 0, lag, leftovers: ['a', 'b'] }, now);
    expect([state.at, effects]).toEqual(['cleaning', [{ do: 'remove', id: 'a' }]]);
    const [next] = run(state, [{ type: 'removed', id: 'a' }, now], [{ type: 'removed', id: 'b' }, now]);
    expect(next.at).toBe('looking');
  });
});
