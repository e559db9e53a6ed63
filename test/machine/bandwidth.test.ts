import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paced, startPace } from '../../engine/machine/bandwidth.ts';

test('bytes go at their pace, whatever pieces they come in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1_000, max: 1e7 }),
      (pieces, perSecond) => {
        let [pace, nowMs] = [startPace, 5_000];
        for (const bytes of pieces) {
          const next = paced(pace, bytes, nowMs, perSecond);
          expect(next.waitMs).toBeGreaterThan(0);
          pace = next.pace;
          nowMs += next.waitMs;
        }
        const sum = pieces.reduce((a, b) => a + b);
        expect(nowMs - 5_000).toBeCloseTo((sum / perSecond) * 1000, 3);
      },
    ),
  );
});

test('without a limit nothing waits, and neither does what comes after the limit is gone', () => {
  expect(paced(startPace, 1e9, 0, undefined).waitMs).toBe(0);
  const slow = paced(startPace, 1e6, 0, 1_000);
  expect(slow.waitMs).toBe(1_000_000);
  const free = paced(slow.pace, 1e6, 10, undefined);
  expect(free.waitMs).toBe(0);
  expect(paced(free.pace, 1_000, 20, 1_000).waitMs).toBe(1_000);
});

test('time in which nothing went is not saved up', () => {
  const first = paced(startPace, 1_000, 0, 1_000);
  expect(paced(first.pace, 1_000, 1e9, 1_000).waitMs).toBe(1_000);
});
