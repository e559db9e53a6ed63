/**
 * How fast useful bytes went of late: percentiles over samples that count half as much for every minute of age, and
 * nothing when they are stale: whoever waits for a faster network sends nothing that could tell of it.
 */
import { limits } from '../base/limits.ts';

export interface Speed {
  readonly atMs: number;
  readonly bytesPerSecond: number;
}

export interface Goodput {
  /** Nine of ten transfers were at least as fast. */
  readonly low: number;
  readonly middle: number;
}

const halfLifeMs = 60_000;
const samplesMin = 3;

export function withSpeed(speeds: readonly Speed[], speed: Speed): readonly Speed[] {
  return [...speeds, speed].slice(-limits.networkSamplesMax);
}

/** Bytes a second; undefined until three transfers were seen of late. */
export function goodputOf(speeds: readonly Speed[], nowMs: number): Goodput | undefined {
  const recent = speeds.filter(({ atMs }) => nowMs - atMs < limits.networkStaleMs);
  if (recent.length < samplesMin) return undefined;
  const weighed = recent
    .map(({ atMs, bytesPerSecond }) => ({ bytesPerSecond, weight: 0.5 ** ((nowMs - atMs) / halfLifeMs) }))
    .sort((a, b) => a.bytesPerSecond - b.bytesPerSecond);
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const at = (share: number): number => {
    let seen = 0;
    for (const { bytesPerSecond, weight } of weighed) {
      seen += weight;
      if (seen >= share * total) return bytesPerSecond;
    }
    return weighed.at(-1)!.bytesPerSecond;
  };
  return { low: at(0.1), middle: at(0.5) };
}
