import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Lifecycle,
  type LifecycleEvent,
  lifecycleLimits,
  step,
} from '../../electron/engine-host/lifecycle.ts';

const nowMs = 1_000_000;
const old = nowMs - lifecycleLimits.crashCountsMs;
const events = [
  'start',
  'answered',
  'start-timed-out',
  'exited',
  'waited',
  'drain',
  'drained',
  'drain-timed-out',
] as const satisfies readonly LifecycleEvent['type'][];
type EventName = (typeof events)[number];

const states: Readonly<Record<Lifecycle['at'], Lifecycle>> = {
  idle: { at: 'idle' },
  starting: { at: 'starting', crashesMs: [999_000] },
  ready: { at: 'ready', crashesMs: [999_000] },
  waiting: { at: 'waiting', crashesMs: [999_000], untilMs: nowMs },
  'gave-up': { at: 'gave-up', crashesMs: [999_000] },
  draining: { at: 'draining' },
  ended: { at: 'ended' },
};

/** What changes: the new state, then the effects. Every other pair leaves the state and does nothing. */
const table: Partial<Record<Lifecycle['at'], Partial<Record<EventName, string>>>> = {
  idle: { start: 'starting spawn', drain: 'ended finish' },
  starting: {
    answered: 'ready',
    'start-timed-out': 'starting kill',
    exited: 'waiting wait',
    drain: 'ended kill finish',
  },
  ready: { exited: 'waiting wait', drain: 'draining ask-drain' },
  waiting: { waited: 'starting spawn', start: 'starting spawn', drain: 'ended finish' },
  'gave-up': { start: 'starting spawn', drain: 'ended finish' },
  draining: { drained: 'draining kill', exited: 'ended finish', 'drain-timed-out': 'ended kill finish' },
};

const pairs = Object.values(states).flatMap((state) => events.map((type) => ({ state, type })));

describe('the lifecycle of the engine', () => {
  it.each(pairs)('$state.at, $type', ({ state, type }) => {
    const [next, ...effects] = step(state, { type }, nowMs);
    const expected = table[state.at]?.[type];
    expect([next.at, ...effects.map((effect) => effect.do)].join(' ')).toBe(expected ?? state.at);
    if (expected === undefined) expect(next).toBe(state);
  });

  it('waits longer after each crash, gives up at the fifth, and forgets those of long ago', () => {
    const waits: number[] = [];
    let state: Lifecycle = { at: 'ready', crashesMs: [old, old, old, old, old, old] };
    for (let crash = 0; crash < 4; crash++) {
      const [next, effect] = step(state, { type: 'exited' }, nowMs);
      if (effect?.do !== 'wait') throw new Error('it did not wait');
      waits.push(effect.ms);
      expect(next).toMatchObject({ at: 'waiting', untilMs: nowMs + effect.ms });
      [state] = step(next, { type: 'waited' }, nowMs);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 3_000]);
    expect(step(state, { type: 'exited' }, nowMs)).toMatchObject([{ at: 'gave-up' }]);
  });

  it('keeps its invariants whatever happens', () => {
    const happening = fc.record({ type: fc.constantFrom(...events), passedMs: fc.nat(60_000) });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80 }), (all) => {
        let state: Lifecycle = { at: 'idle' };
        let isAlive = false;
        let isDrained = false;
        let finishes = 0;
        let clockMs = nowMs;
        for (const { type, passedMs } of all) {
          clockMs += passedMs;
          // Only a process that lives can exit.
          if (type === 'exited' && !isAlive) continue;
          if (type === 'exited') isAlive = false;
          if (type === 'drain') isDrained = true;
          const [next, ...effects] = step(state, { type }, clockMs);
          for (const effect of effects) {
            if (effect.do === 'spawn') {
              expect({ isAlive, isDrained }).toEqual({ isAlive: false, isDrained: false });
              isAlive = true;
            }
            if (effect.do === 'finish') finishes++;
          }
          if (next.at === 'ready') expect(['starting', 'ready']).toContain(state.at);
          state = next;
        }
        expect(finishes).toBe(state.at === 'ended' ? 1 : 0);
        if (isDrained) expect(['draining', 'ended']).toContain(state.at);
      }),
    );
  });
});
