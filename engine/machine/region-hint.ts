/**
 * Whether another region of the same provider would serve this network clearly better. Says nothing without enough
 * samples of both, nor for a difference that a person would not feel: moving a repository is work.
 */
import { limits } from '../base/limits.ts';

/** How long a region took to connect, shake hands and send its first byte, milliseconds, one number per probe. */
export interface RegionSamples {
  readonly regionId: string;
  readonly roundTripMs: readonly number[];
}

export interface RegionHint {
  readonly betterId: string;
  /** Medians, and how many samples they are of. */
  readonly betterMs: number;
  readonly oursMs: number;
  readonly samples: number;
}

export function regionHint(ours: RegionSamples, others: readonly RegionSamples[]): RegionHint | undefined {
  const enough = ({ roundTripMs }: RegionSamples): boolean => roundTripMs.length >= limits.regionSamplesMin;
  if (!enough(ours)) return undefined;
  const oursMs = medianOf(ours.roundTripMs);
  let best: RegionHint | undefined;
  for (const other of others) {
    if (other.regionId === ours.regionId || !enough(other)) continue;
    const betterMs = medianOf(other.roundTripMs);
    if (betterMs >= (best?.betterMs ?? Number.POSITIVE_INFINITY)) continue;
    const isClear = betterMs <= oursMs * limits.regionGainMax && oursMs - betterMs >= limits.regionGainMsMin;
    // Most of its answers must beat most of ours: a region that is fast now and then is no better.
    const isSure = quantileOf(other.roundTripMs, 0.75) < quantileOf(ours.roundTripMs, 0.25);
    if (isClear && isSure) {
      const samples = Math.min(ours.roundTripMs.length, other.roundTripMs.length);
      best = { betterId: other.regionId, betterMs, oursMs, samples };
    }
  }
  return best;
}

export function medianOf(numbers: readonly number[]): number {
  return quantileOf(numbers, 0.5);
}

function quantileOf(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
