import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isForOneClient,
  lagBoundMs,
  largestLagMs,
  settleMs,
  startListLag,
  withLagSeen,
} from '../../engine/machine/list-lag.ts';

const dayMs = 24 * 3_600_000;

describe('the lag of a store', () => {
  it('is what stores of its kind are known for, until more was seen', () => {
    const fresh = startListLag(1_000);
    expect(lagBoundMs(fresh, 0)).toBe(1_000);
    expect(settleMs(fresh, 0)).toBe(2_200);
    expect(lagBoundMs(withLagSeen(fresh, 0, 300), 1)).toBe(1_000);
    expect(lagBoundMs(withLagSeen(fresh, 0, 5_000), 1)).toBe(10_000);
  });

  it('is never believed to be above two minutes, and such a store is for one client', () => {
    const slow = withLagSeen(startListLag(200), 0, 90_000);
    expect(lagBoundMs(slow, 1)).toBe(120_000);
    expect(isForOneClient(slow, 1)).toBe(true);
    expect(isForOneClient(withLagSeen(startListLag(200), 0, 60_000), 1)).toBe(false);
  });

  it('is forgotten after a month', () => {
    const lag = withLagSeen(startListLag(200), 0, 20_000);
    expect(lagBoundMs(lag, 29 * dayMs)).toBe(40_000);
    expect(lagBoundMs(lag, 31 * dayMs)).toBe(200);
  });

  it('remembers the largest of a month, however much came since', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(dayMs), fc.nat(60_000)), { minLength: 1, maxLength: 200 }),
        (steps) => {
          let lag = startListLag(0);
          const all: { atMs: number; lagMs: number }[] = [];
          let atMs = 0;
          for (const [ms, lagMs] of steps) {
            atMs += ms;
            all.push({ atMs, lagMs });
            lag = withLagSeen(lag, atMs, lagMs);
          }
          const recent = all.filter((each) => atMs - each.atMs < 30 * dayMs).map((each) => each.lagMs);
          // More than 32 ever smaller lags in a row: the oldest may be lost, so only compare where they fit.
          fc.pre(lag.seen.length < 32);
          expect(largestLagMs(lag, atMs)).toBe(Math.max(...recent));
        },
      ),
    );
  });
});
