import { describe, expect, it } from 'vitest';
import { heightOf, qualityFigures, qualityShape } from '../../renderer/parts/quality-shape.ts';

const minuteMs = 60_000;

describe('the picture of a network', () => {
  it('has time to the right and latency upwards by its logarithm', () => {
    expect([1, 10, 100, 1_000, 10_000, 99_999].map((ms) => heightOf(ms))).toEqual([
      0,
      0,
      expect.closeTo(1 / 3),
      expect.closeTo(2 / 3),
      1,
      1,
    ]);
    const samples = [
      { atMs: 0, roundTripMs: 10 },
      { atMs: minuteMs, roundTripMs: 10_000 },
    ];
    const { lines, thresholdY, startMs } = qualityShape(samples, 1_000, 2 * minuteMs);
    expect({ lines, startMs }).toEqual({
      lines: [
        [
          { x: 0, y: 0 },
          { x: 0.5, y: 1 },
        ],
      ],
      startMs: 0,
    });
    expect(thresholdY).toBeCloseTo(2 / 3);
  });

  it('leaves a gap where nothing was answered, and where nobody looked', () => {
    const at = (minutes: number, roundTripMs = 100) => ({ atMs: minutes * minuteMs, roundTripMs });
    const samples = [at(0), at(1), { atMs: 2 * minuteMs }, at(3), at(4), at(20)];
    const { lines, lostX } = qualityShape(samples, 4_000, 20 * minuteMs);
    expect(lines.map((points) => points.map(({ x }) => Math.round(x * 20)))).toEqual([[0, 1], [3, 4], [20]]);
    expect(lostX).toEqual([0.1]);
  });

  it('is in its field whatever the clock does', () => {
    const samples = [{ atMs: 9 * minuteMs, roundTripMs: 40 }];
    expect(qualityShape(samples, 4_000, 0).lines).toEqual([[{ x: 0, y: expect.any(Number) }]]);
    expect(qualityShape([], 4_000, 0)).toMatchObject({ lines: [], lostX: [] });
  });

  it('says how long answers took, and how many there were', () => {
    const samples = Array.from({ length: 20 }, (_, i) => ({ atMs: i, roundTripMs: 20 - i }));
    expect(qualityFigures([...samples, { atMs: 20 }])).toEqual({
      count: 21,
      lost: 1,
      usualMs: 10,
      rareMs: 19,
    });
    expect(qualityFigures([{ atMs: 0 }])).toEqual({
      count: 1,
      lost: 1,
      usualMs: undefined,
      rareMs: undefined,
    });
  });
});
