import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureCode, FailureNext } from '../../engine/base/failure.ts';
import { decideRetry, type FailedTry, type Patience } from '../../engine/machine/retry.ts';

const run: Patience = { kind: 'run' };
const ask: Patience = { kind: 'ask', elapsedMsMax: 30_000 };
const failed = (more: Partial<FailedTry>): FailedTry => ({
  code: 'store-unreachable',
  next: 'now',
  failures: 1,
  elapsedMs: 0,
  isProven: true,
  isOneFile: false,
  ...more,
});

describe('what is tried again', () => {
  const table: [FailureCode, FailureNext, unproven: boolean, proven: boolean][] = [
    ['store-unreachable', 'now', true, true],
    ['store-unreachable', 'later', true, true],
    ['store-busy', 'later', true, true],
    ['not-the-store', 'later', true, true],
    ['no-space', 'later', true, true],
    ['login-refused', 'never', false, true],
    ['io', 'now', true, true],
    ['not-found', 'never', false, false],
    ['damaged', 'never', false, false],
    ['permission-denied', 'never', false, false],
    ['cancelled', 'now', false, false],
  ];

  it.each(table)(
    '%s, %s: before the store has proved itself %s, after it %s',
    (code, next, before, after) => {
      const again = (isProven: boolean): boolean =>
        decideRetry(failed({ code, next, isProven }), run, 0.5).do === 'wait';
      expect([again(false), again(true)]).toEqual([before, after]);
    },
  );
});

describe('how long it waits', () => {
  const waits = (more: Partial<FailedTry>, chance: number): number[] =>
    Array.from({ length: 12 }, (_, i) => {
      const decided = decideRetry(failed({ ...more, failures: i + 1 }), run, chance);
      return decided.do === 'wait' ? decided.ms : Number.NaN;
    });

  it('doubles up to a limit, soon for what may go at once and slowly for what needs time', () => {
    expect(waits({}, 0)).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000, 15_000, 15_000,
    ]);
    expect(waits({ next: 'later' }, 0).slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(Math.max(...waits({ next: 'later' }, 1))).toBe(300_000);
  });

  it('is as long as the store says, and at most a tenth longer', () => {
    for (const failures of [1, 7]) {
      for (const chance of [0, 0.5, 0.999]) {
        const decided = decideRetry(
          failed({ code: 'store-busy', next: 'later', retryAfterMs: 20_000, failures }),
          run,
          chance,
        );
        expect(decided).toMatchObject({ do: 'wait' });
        const { ms } = decided as { ms: number };
        expect(ms).toBeGreaterThanOrEqual(20_000);
        expect(ms).toBeLessThanOrEqual(22_000);
      }
    }
  });
});

describe('patience', () => {
  it('never ends for a run once the store has proved itself', () => {
    const month = 30 * 24 * 3_600_000;
    for (const code of ['store-unreachable', 'not-the-store', 'no-space', 'login-refused'] as const) {
      expect(
        decideRetry(failed({ code, failures: 100_000, elapsedMs: month, next: 'later' }), run, 0.5).do,
      ).toBe('wait');
    }
  });

  it('ends within a minute where nothing has shown yet that there is a store', () => {
    expect(decideRetry(failed({ isProven: false, elapsedMs: 1_000 }), run, 0.5).do).toBe('wait');
    expect(decideRetry(failed({ isProven: false, elapsedMs: 60_000 }), run, 0.5).do).toBe('give-up');
  });

  it('of a question ends at once where the wait would be longer than it lasts', () => {
    expect(decideRetry(failed({ elapsedMs: 29_000 }), ask, 0).do).toBe('wait');
    expect(decideRetry(failed({ elapsedMs: 29_999 }), ask, 0).do).toBe('give-up');
    const told = failed({ code: 'store-busy', next: 'later', retryAfterMs: 31_000 });
    expect(decideRetry(told, ask, 0).do).toBe('give-up');
  });

  it('asks for another file before it waits again for one that does not come', () => {
    const decisions = [1, 2, 3, 4, 5, 6].map(
      (failures) => decideRetry(failed({ failures, isOneFile: true }), run, 0).do,
    );
    expect(decisions).toEqual(['wait', 'wait', 'probe', 'wait', 'wait', 'probe']);
  });

  it('is never exceeded, and a wait is never negative or no number', () => {
    fc.assert(
      fc.property(
        fc.record({
          failures: fc.integer({ min: 1, max: 1e9 }),
          elapsedMs: fc.nat(1e12),
          next: fc.constantFrom('now' as const, 'later' as const),
          isProven: fc.boolean(),
        }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        fc.nat(1e7),
        (more, chance, elapsedMsMax) => {
          const decided = decideRetry(failed(more), { kind: 'ask', elapsedMsMax }, chance);
          if (decided.do === 'give-up') return;
          expect(decided.ms).toBeGreaterThanOrEqual(250);
          expect(more.elapsedMs + decided.ms).toBeLessThanOrEqual(elapsedMsMax);
        },
      ),
    );
  });
});
