import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesPerSecond, type Rate, startRate, timeLeft, withSample } from '../../engine/machine/rate.ts';

const steps = fc.array(
  fc.record({ ms: fc.integer({ min: 1, max: 20_000 }), bytes: fc.integer({ min: 0, max: 1e9 }) }),
  { minLength: 1, maxLength: 60 },
);

function play(taken: readonly { ms: number; bytes: number }[]): Rate {
  let rate = startRate(1_000);
  for (const { ms, bytes } of taken) rate = withSample(rate, rate.elapsedMs + ms, rate.bytes + bytes);
  return rate;
}

test('a steady rate is found, and the time left surrounds the truth', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 1e9 }),
      fc.integer({ min: 1, max: 1e12 }),
      (perSecond, left) => {
        const rate = play(Array.from({ length: 20 }, () => ({ ms: 500, bytes: perSecond / 2 })));
        expect(bytesPerSecond(rate)).toBeCloseTo(perSecond, -1);
        const range = timeLeft(rate, left)!;
        const truthMs = (left / perSecond) * 1000;
        expect(range.leastMs).toBeLessThan(truthMs);
        expect(range.mostMs).toBeGreaterThan(truthMs);
      },
    ),
  );
});

test('whatever the samples are, an estimate is a number and its least is not above its most', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 1e13 }), (taken, left) => {
      const rate = play(taken);
      const pace = bytesPerSecond(rate);
      if (pace !== undefined) expect(pace).toBeGreaterThanOrEqual(0);
      const range = timeLeft(rate, left);
      if (range === undefined) return;
      expect(range.leastMs).toBeGreaterThanOrEqual(0);
      expect(Number.isNaN(range.mostMs)).toBe(false);
      expect(range.leastMs).toBeLessThanOrEqual(range.mostMs);
    }),
  );
});

test('an estimate lies between the slowest and the fastest sample', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const pace = bytesPerSecond(play(taken));
      if (pace === undefined) return;
      const rates = taken.map(({ ms, bytes }) => (bytes / ms) * 1000);
      expect(pace).toBeGreaterThanOrEqual(Math.min(...rates) * 0.999);
      expect(pace).toBeLessThanOrEqual(Math.max(...rates) * 1.001);
    }),
  );
});

test('nothing is claimed before there are enough samples over enough time', () => {
  const many = play(Array.from({ length: 50 }, () => ({ ms: 10, bytes: 1_000 })));
  expect(bytesPerSecond(many)).toBeUndefined();
  const few = play([{ ms: 60_000, bytes: 1e6 }]);
  expect(timeLeft(few, 1e6)).toBeUndefined();
  expect(bytesPerSecond(play(Array.from({ length: 4 }, () => ({ ms: 750, bytes: 1_000 }))))).toBeDefined();
});

test('where nothing has moved yet, the time left is unknown', () => {
  const rate = play(Array.from({ length: 30 }, () => ({ ms: 1_000, bytes: 0 })));
  expect(bytesPerSecond(rate)).toBe(0);
  expect(timeLeft(rate, 1)).toBeUndefined();
});

test('a rate that changes widens the range, and the fast estimate follows', () => {
  const steady = play(Array.from({ length: 60 }, () => ({ ms: 1_000, bytes: 1_000_000 })));
  const slowed = play([
    ...Array.from({ length: 60 }, () => ({ ms: 1_000, bytes: 1_000_000 })),
    ...Array.from({ length: 10 }, () => ({ ms: 1_000, bytes: 100_000 })),
  ]);
  const width = (rate: Rate): number => {
    const { leastMs, mostMs } = timeLeft(rate, 1e9)!;
    return mostMs / leastMs;
  };
  expect(width(slowed)).toBeGreaterThan(width(steady) * 1.5);
  expect(bytesPerSecond(slowed)).toBeLessThan(400_000);
});

test('time and bytes that go backwards teach nothing', () => {
  const rate = play(Array.from({ length: 10 }, () => ({ ms: 1_000, bytes: 1_000 })));
  expect(withSample(rate, rate.elapsedMs, rate.bytes + 5)).toBe(rate);
  expect(withSample(rate, rate.elapsedMs - 500, rate.bytes + 5)).toBe(rate);
  const back = withSample(rate, rate.elapsedMs + 1_000, 0);
  expect(back.bytes).toBe(rate.bytes);
  expect(bytesPerSecond(back)).toBeLessThan(1_000);
});

test('nothing left takes no time', () => {
  const rate = play(Array.from({ length: 10 }, () => ({ ms: 1_000, bytes: 1_000 })));
  expect(timeLeft(rate, 0)).toEqual({ leastMs: 0, mostMs: 0 });
  expect(timeLeft(rate, -5)).toEqual({ leastMs: 0, mostMs: 0 });
});
