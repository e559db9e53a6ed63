import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noFacts, type StoreFacts, withRequest } from '../../engine/machine/store-facts.ts';
import {
  afterHold,
  patienceLeftMs,
  silenceMs,
  startWatch,
  withProgress,
} from '../../engine/machine/watchdog.ts';

const learned = (operation: 'stat' | 'list' | 'save', tookMs: number, upBytes = 0): StoreFacts => {
  let facts = noFacts;
  for (let i = 0; i < 30; i++)
    facts = withRequest(facts, { operation, atMs: 0, tookMs, upBytes, downBytes: 0, inFlight: 1 });
  return facts;
};
const watch = startWatch('stat', 0);

describe('silence', () => {
  it.each([
    ['nothing measured yet', noFacts, 16_000],
    ['a good line', learned('stat', 30), 8_000],
    ['a line across an ocean', learned('stat', 300), 8_000],
    ['a satellite that is busy', learned('stat', 3_000), 16_000],
    ['a line that hardly is one', learned('stat', 9_000), 16_000],
  ])('may last, with %s, so long', (_, facts, ms) => {
    const found = silenceMs(watch, 0, facts, 0);
    expect(found / ms).toBeGreaterThan(0.66);
    expect(found / ms).toBeLessThan(1.05);
  });

  it('may last longer where such an answer took long before', () => {
    expect(silenceMs(startWatch('list', 0), 0, learned('list', 60_000), 0)).toBe(90_000);
    expect(silenceMs(startWatch('stat', 0), 0, learned('list', 60_000), 0)).toBe(16_000);
  });

  it('may last twice as long each time that a request was ended for it, up to a limit', () => {
    expect([0, 1, 2, 3].map((silences) => silenceMs(watch, 0, noFacts, silences))).toEqual([
      16_000, 32_000, 64_000, 128_000,
    ]);
    expect(silenceMs(watch, 0, noFacts, 50)).toBe(600_000);
  });

  it('of an upload may last until the buffers are empty, which is soon on a good line', () => {
    const sent = (facts: StoreFacts): number =>
      silenceMs(withProgress(startWatch('save', 0), 0, 16_000_000, 'up'), 0, facts, 0);
    const good = withRequest(learned('stat', 30), {
      operation: 'save',
      atMs: 0,
      tookMs: 4_000,
      upBytes: 16_000_000,
      downBytes: 0,
      inFlight: 1,
    });
    expect(sent(good)).toBeLessThanOrEqual(20_000);
    expect(sent(learned('save', 100_000, 16_000_000))).toBeGreaterThan(50_000);
    const answering = withProgress(withProgress(startWatch('save', 0), 0, 16e6, 'up'), 0, 1, 'down');
    expect(silenceMs(answering, 0, good, 0)).toBeLessThanOrEqual(20_000);
  });

  it('begins anew with each byte', () => {
    const moved = withProgress(watch, 15_000, 1, 'down');
    expect(patienceLeftMs(watch, 15_000, noFacts, 0)).toBe(1_000);
    expect(patienceLeftMs(moved, 15_000, noFacts, 0)).toBe(16_000);
  });

  it('on a good line is noticed in 20 seconds, whatever else was learned of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 50 }), (took) => {
        let facts = noFacts;
        for (const tookMs of took)
          facts = withRequest(facts, {
            operation: 'stat',
            atMs: 0,
            tookMs,
            upBytes: 0,
            downBytes: 0,
            inFlight: 1,
          });
        const ms = silenceMs(watch, 0, facts, 0);
        expect(ms).toBeLessThanOrEqual(20_000);
        expect(ms).toBeGreaterThanOrEqual(8_000);
      }),
    );
  });
});

describe('a trickle', () => {
  const fast = withRequest(learned('stat', 30), {
    operation: 'load',
    atMs: 0,
    tookMs: 1_000,
    upBytes: 0,
    downBytes: 1_000_000,
    inFlight: 1,
  });

  /** When a request of so many bytes a second would be ended; undefined where it never is within five minutes. */
  function endedMs(perSecond: number, facts: StoreFacts, silences = 0): number | undefined {
    let watched = startWatch('load', 0);
    for (let nowMs = 0; nowMs <= 300_000; nowMs += 1_000) {
      if (nowMs > 0) watched = withProgress(watched, nowMs, perSecond, 'down');
      if (patienceLeftMs(watched, nowMs, facts, silences) <= 0) return nowMs;
    }
    return undefined;
  }

  it.each([1, 100, 1_000])(
    'of %i bytes a second on a good line is ended, as often as it may help',
    (perSecond) => {
      expect(endedMs(perSecond, fast)).toBe(20_000);
      expect(endedMs(perSecond, fast, 1)).toBe(20_000);
      expect(endedMs(perSecond, fast, 2)).toBeUndefined();
    },
  );

  it('is none where the line gives no more, or where nobody knows', () => {
    expect(endedMs(100, noFacts)).toBeUndefined();
    expect(endedMs(25_000, fast)).toBeUndefined();
    expect(endedMs(1, learned('stat', 30))).toBeUndefined();
  });

  it('is none where we ourselves hold it up', () => {
    let watched = startWatch('load', 0);
    for (let nowMs = 15_000; nowMs < 300_000; nowMs += 15_000) {
      watched = afterHold(withProgress(watched, nowMs - 1, 10, 'down'), nowMs);
      expect(patienceLeftMs(watched, nowMs, fast, 0)).toBeGreaterThan(0);
    }
  });
});
