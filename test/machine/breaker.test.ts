import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureCode } from '../../engine/base/failure.ts';
import {
  type Breaker,
  type BreakerEvent,
  breakerEvent,
  closedBreaker,
  stepBreaker,
  waitMs,
} from '../../engine/machine/breaker.ts';

const failed: BreakerEvent = { type: 'failed', code: 'store-unreachable' };
const open: Breaker = { at: 'open', opened: 1, untilMs: 3_000, code: 'store-busy' };
const trying: Breaker = { at: 'trying', opened: 1, code: 'store-busy' };
const play = (breaker: Breaker, events: readonly BreakerEvent[], nowMs = 1_000): Breaker =>
  events.reduce((state, event) => stepBreaker(state, event, nowMs), breaker);

describe('every state with every event', () => {
  const four: Breaker = { at: 'closed', failures: 4 };
  it.each<[Breaker, BreakerEvent, Breaker]>([
    [closedBreaker, { type: 'asked' }, closedBreaker],
    [closedBreaker, { type: 'answered' }, closedBreaker],
    [closedBreaker, failed, { at: 'closed', failures: 1 }],
    [four, failed, { at: 'open', opened: 1, untilMs: 3_000, code: 'store-unreachable' }],
    [four, { type: 'answered' }, closedBreaker],
    [four, { type: 'cancelled' }, four],
    [four, { type: 'try-now' }, four],
    [
      closedBreaker,
      { type: 'failed', code: 'store-busy', retryAfterMs: 20_000 },
      { at: 'open', opened: 1, untilMs: 21_000, code: 'store-busy' },
    ],
    [open, { type: 'asked' }, open],
    [open, { type: 'answered' }, closedBreaker],
    [open, failed, { ...open, code: 'store-unreachable' }],
    [open, { ...failed, retryAfterMs: 9_000 }, { ...open, untilMs: 10_000, code: 'store-unreachable' }],
    [open, { type: 'cancelled' }, open],
    [open, { type: 'try-now' }, { ...open, untilMs: 1_000 }],
    [{ ...open, untilMs: 1_000 }, { type: 'asked' }, trying],
    [trying, { type: 'asked' }, trying],
    [trying, { type: 'answered' }, closedBreaker],
    [trying, failed, { at: 'open', opened: 2, untilMs: 5_000, code: 'store-unreachable' }],
    [trying, { type: 'cancelled' }, { ...open, untilMs: 1_000 }],
    [trying, { type: 'try-now' }, trying],
  ])('%j %j', (breaker, event, next) => {
    expect(play(breaker, [event])).toEqual(next);
  });
});

describe('what counts', () => {
  it.each<[FailureCode, BreakerEvent['type']]>([
    ['store-unreachable', 'failed'],
    ['store-busy', 'failed'],
    ['not-the-store', 'failed'],
    ['login-refused', 'failed'],
    ['damaged', 'answered'],
    ['not-found', 'answered'],
    ['no-space', 'answered'],
    ['permission-denied', 'answered'],
    ['cancelled', 'cancelled'],
  ])('%s: %s', (code, type) => {
    expect(breakerEvent(code, undefined).type).toBe(type);
  });

  it('never is what was cancelled, or a file that is bad', () => {
    const events: BreakerEvent[] = [{ type: 'cancelled' }, breakerEvent('damaged', undefined)];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (taken) => {
        expect(play(closedBreaker, taken)).toEqual(closedBreaker);
      }),
    );
  });
});

describe('an open breaker', () => {
  it('lets one request try when its time has come, and the others when that one went well', () => {
    const opened = play(
      closedBreaker,
      Array.from({ length: 5 }, () => failed),
    );
    expect(waitMs(opened, 1_000)).toBe(2_000);
    expect(waitMs(opened, 3_000)).toBe(0);
    const one = stepBreaker(opened, { type: 'asked' }, 3_000);
    expect(waitMs(one, 3_000)).toBeGreaterThan(0);
    expect(waitMs(stepBreaker(one, { type: 'answered' }, 3_100), 3_100)).toBe(0);
  });

  it('stays open twice as long each time, and a minute at most', () => {
    let breaker: Breaker = closedBreaker;
    const waits: number[] = [];
    for (let nowMs = 0, rounds = 0; rounds < 10; rounds++) {
      while (breaker.at !== 'open') breaker = stepBreaker(breaker, failed, nowMs);
      waits.push(waitMs(breaker, nowMs));
      nowMs += waitMs(breaker, nowMs);
      breaker = stepBreaker(breaker, { type: 'asked' }, nowMs);
    }
    expect(waits.slice(0, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('always opens again for a request some time, whatever happened', () => {
    const event = fc.oneof(
      fc.constantFrom<BreakerEvent>({ type: 'asked' }, { type: 'answered' }, { type: 'cancelled' }, failed),
      fc.record({
        type: fc.constant('failed' as const),
        code: fc.constant('store-busy' as const),
        retryAfterMs: fc.nat(3_600_000),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 50 }), (events) => {
        const breaker = play(closedBreaker, events, 0);
        // One that tries ends some day, as every request does.
        const settled = breaker.at === 'trying' ? stepBreaker(breaker, failed, 0) : breaker;
        expect(waitMs(settled, 3_600_000)).toBe(0);
      }),
    );
  });
});
