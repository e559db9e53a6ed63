import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  failureShare,
  goodput,
  noFacts,
  overdueMs,
  type StoreFacts,
  type StoreSample,
  withRequest,
} from '../../engine/machine/store-facts.ts';

const sample = (more: Partial<StoreSample> = {}): StoreSample => ({
  operation: 'stat',
  atMs: 0,
  tookMs: 100,
  upBytes: 0,
  downBytes: 0,
  inFlight: 1,
  ...more,
});
const taught = (samples: readonly Partial<StoreSample>[]): StoreFacts =>
  samples.reduce<StoreFacts>((facts, more) => withRequest(facts, sample(more)), noFacts);

describe('round trips', () => {
  it('are learned from small requests that take one', () => {
    expect(overdueMs(noFacts)).toBeUndefined();
    expect(
      taught([{ operation: 'save' }, { operation: 'list' }, { upBytes: 5_000 }]).roundTrip,
    ).toBeUndefined();
    const steady = taught(Array.from({ length: 40 }, () => ({ tookMs: 400 })));
    expect(steady.roundTrip?.smoothMs).toBeCloseTo(400);
    expect(steady.roundTrip?.variationMs).toBeLessThan(1);
    expect(overdueMs(steady)).toBe(1_000);
  });

  it('are overdue later where they vary', () => {
    const jumpy = taught(Array.from({ length: 40 }, (_, i) => ({ tookMs: i % 2 === 0 ? 200 : 1_800 })));
    expect(overdueMs(jumpy)).toBeGreaterThan(2_500);
  });
});

describe('goodput', () => {
  const mega = 1_000_000;

  it('is what all that share the line get together', () => {
    const facts = taught([{ operation: 'save', upBytes: mega, tookMs: 1_000, inFlight: 4 }]);
    expect(goodput(facts.upSpeeds, 0)).toBe(4 * mega);
    expect(goodput(facts.downSpeeds, 0)).toBeUndefined();
  });

  it('follows the line, and the past counts for less', () => {
    const fast = Array.from({ length: 8 }, () => ({
      operation: 'save' as const,
      upBytes: mega,
      tookMs: 100,
    }));
    const slow = Array.from({ length: 4 }, () => ({ ...fast[0]!, tookMs: 10_000, atMs: 300_000 }));
    const facts = taught([...fast, ...slow]);
    expect(goodput(facts.upSpeeds, 300_000)).toBe(mega / 10);
    expect(goodput(facts.upSpeeds, 300_000, 0.999)).toBe(mega * 10);
  });

  it('lies between the least and the most that was seen, and is not learned from failures', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ tookMs: fc.integer({ min: 1, max: 1e6 }), atMs: fc.nat(1e6) }), {
          minLength: 1,
          maxLength: 80,
        }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (taken, share) => {
          const facts = taught(taken.map((each) => ({ ...each, operation: 'load', downBytes: mega })));
          expect(facts.downSpeeds.length).toBeLessThanOrEqual(32);
          const speeds = taken.map(({ tookMs }) => (mega / tookMs) * 1000);
          const found = goodput(facts.downSpeeds, 1e6, share)!;
          expect(found).toBeGreaterThanOrEqual(Math.min(...speeds));
          expect(found).toBeLessThanOrEqual(Math.max(...speeds));
        },
      ),
    );
    expect(taught([{ downBytes: mega, failure: 'store-unreachable' }]).downSpeeds).toEqual([]);
  });
});

describe('failures', () => {
  it('are counted by kind; what was cancelled is none, and neither is a file that is not there', () => {
    const facts = taught([
      { failure: 'store-busy' },
      { failure: 'store-busy' },
      { failure: 'not-found' },
      { failure: 'cancelled' },
      {},
    ]);
    expect(facts.failures).toEqual({ 'store-busy': 2 });
    expect(facts.requests).toBe(4);
    expect(failureShare(facts)).toBe(0.5);
    expect(failureShare(noFacts)).toBe(0);
  });

  it('are none of the way where the store itself says no: it is full, or does not have the file, or not any more', () => {
    const facts = taught([
      { failure: 'no-space' },
      { failure: 'not-found' },
      { failure: 'not-kept' },
      { failure: 'permission-denied' },
    ]);
    expect(failureShare(facts)).toBe(0);
    expect(facts.failures).toEqual({ 'no-space': 1, 'not-kept': 1, 'permission-denied': 1 });
  });

  it('are forgotten after enough that went well', () => {
    expect(failureShare(taught([{ failure: 'io' }, ...Array.from({ length: 20 }, () => ({}))]))).toBe(0);
  });
});
