import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regionHint } from '../../engine/machine/region-hint.ts';

const around = (ms: number, count = 12): number[] =>
  Array.from({ length: count }, (_, i) => ms + (i % 5) - 2);
const ours = { regionId: 'us-west-004', roundTripMs: around(178) };

describe('a hint at a better region', () => {
  it('names the best, and what it is based on', () => {
    const others = [
      { regionId: 'us-east-005', roundTripMs: around(90) },
      { regionId: 'eu-central-003', roundTripMs: around(41) },
    ];
    const hint = regionHint(ours, others);
    expect(hint).toMatchObject({ betterId: 'eu-central-003', samples: 12 });
    expect(hint?.betterMs).toBeCloseTo(40.5, 5);
    expect(hint?.oursMs).toBeCloseTo(177.5, 5);
  });

  it.each([
    ['too few samples of the other', ours, { regionId: 'x', roundTripMs: around(41, 4) }],
    [
      'too few samples of ours',
      { ...ours, roundTripMs: around(178, 4) },
      { regionId: 'x', roundTripMs: around(41) },
    ],
    ['a small gain', ours, { regionId: 'x', roundTripMs: around(120) }],
    [
      'a gain that nobody feels',
      { regionId: 'y', roundTripMs: around(40) },
      { regionId: 'x', roundTripMs: around(14) },
    ],
    [
      'one that is fast only now and then',
      ours,
      { regionId: 'x', roundTripMs: [40, 40, 40, 40, 40, 300, 300, 300] },
    ],
    ['itself', ours, { regionId: 'us-west-004', roundTripMs: around(10) }],
  ])('says nothing for %s', (_, own, other) => {
    expect(regionHint(own, [other])).toBeUndefined();
  });

  it('never names a region that is slower', () => {
    const times = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(times, fc.array(times, { maxLength: 5 }), (own, each) => {
        const others = each.map((roundTripMs, i) => ({ regionId: `r${i}`, roundTripMs }));
        const hint = regionHint({ regionId: 'ours', roundTripMs: own }, others);
        if (hint !== undefined) expect(hint.betterMs).toBeLessThan(hint.oursMs);
      }),
    );
  });
});
