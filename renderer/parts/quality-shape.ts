/**
 * The picture of a network's latency, as lines in a field of 1 by 1: time to the right, latency upwards by its logarithm, so
 * that 40 ms and the threshold of seconds are both seen. Outages are gaps. Pure; for `quality-graph.tsx`.
 */
import type { NetworkSample } from '../../engine/protocol/network-view.ts';

/** Marks of the scale, from the bottom to the top. */
export const scaleMs = [10, 100, 1_000, 10_000] as const;
/** Longer without a sample, and nobody knows what was between. */
const gapMs = 10 * 60_000;
const leastMs = scaleMs[0];
const mostMs = scaleMs[scaleMs.length - 1]!;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface QualityShape {
  /** Each stretch in which every sample was answered. */
  readonly lines: readonly (readonly Point[])[];
  /** Where samples got no answer. */
  readonly lostX: readonly number[];
  readonly thresholdY: number;
  readonly startMs: number;
}

export function qualityShape(
  samples: readonly NetworkSample[],
  thresholdMs: number,
  nowMs: number,
): QualityShape {
  const startMs = samples[0]?.atMs ?? nowMs;
  const spanMs = Math.max(1, nowMs - startMs);
  const xOf = (atMs: number): number => Math.min(1, Math.max(0, (atMs - startMs) / spanMs));
  const lines: Point[][] = [];
  const lostX: number[] = [];
  let beforeMs: number | undefined;
  for (const { atMs, roundTripMs } of samples) {
    if (roundTripMs === undefined) {
      lostX.push(xOf(atMs));
      beforeMs = undefined;
      continue;
    }
    if (beforeMs === undefined || atMs - beforeMs > gapMs) lines.push([]);
    lines.at(-1)?.push({ x: xOf(atMs), y: heightOf(roundTripMs) });
    beforeMs = atMs;
  }
  return { lines, lostX, thresholdY: heightOf(thresholdMs), startMs };
}

/** From 0 at the bottom to 1. */
export function heightOf(ms: number): number {
  const within = Math.min(mostMs, Math.max(leastMs, ms));
  return Math.log(within / leastMs) / Math.log(mostMs / leastMs);
}

export interface QualityFigures {
  readonly count: number;
  readonly lost: number;
  /** Half of the answers came within the one, 19 of 20 within the other; undefined where none came. */
  readonly usualMs: number | undefined;
  readonly rareMs: number | undefined;
}

export function qualityFigures(samples: readonly NetworkSample[]): QualityFigures {
  const answered = samples
    .flatMap(({ roundTripMs }) => (roundTripMs === undefined ? [] : [roundTripMs]))
    .sort((a, b) => a - b);
  const within = (share: number): number | undefined => answered[Math.ceil(answered.length * share) - 1];
  return {
    count: samples.length,
    lost: samples.length - answered.length,
    usualMs: within(0.5),
    rareMs: within(0.95),
  };
}
