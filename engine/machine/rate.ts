/**
 * How fast bytes go, and between what limits the time left lies. Invariants: an estimate is never negative nor NaN;
 * its least is never above its most; nothing is claimed before there are enough samples over enough time; time
 * that runs backwards, or bytes that do, teach nothing.
 */

/** Bytes and time, the past counting for less the longer ago it was. */
interface Faded {
  readonly bytes: number;
  readonly ms: number;
}

export interface Rate {
  readonly samples: number;
  readonly startedMs: number;
  readonly elapsedMs: number;
  readonly bytes: number;
  /** Follows what happens now. */
  readonly fast: Faded;
  /** Remembers the last minute or so. */
  readonly slow: Faded;
}

export interface TimeLeft {
  readonly leastMs: number;
  /** Infinity where nothing moves any more. */
  readonly mostMs: number;
}

const fastHalfLifeMs = 5_000;
const slowHalfLifeMs = 45_000;
const samplesMin = 4;
const observedMsMin = 3_000;
/** Rates of the past say only so much about the future. */
const doubt = 0.15;

/** The start: `elapsedMs` and `bytes` are where counting begins. */
export function startRate(elapsedMs: number, bytes = 0): Rate {
  const none = { bytes: 0, ms: 0 };
  return { samples: 0, startedMs: elapsedMs, elapsedMs, bytes, fast: none, slow: none };
}

/** Learns that by `elapsedMs` of the clock, `bytes` in total had gone. */
export function withSample(rate: Rate, elapsedMs: number, bytes: number): Rate {
  const ms = elapsedMs - rate.elapsedMs;
  if (!(ms > 0)) return rate;
  const added = Math.max(0, bytes - rate.bytes);
  const fade = (faded: Faded, halfLifeMs: number): Faded => {
    const weight = 0.5 ** (ms / halfLifeMs);
    return { bytes: faded.bytes * weight + added, ms: faded.ms * weight + ms };
  };
  return {
    samples: rate.samples + 1,
    startedMs: rate.startedMs,
    elapsedMs,
    bytes: Math.max(rate.bytes, bytes),
    fast: fade(rate.fast, fastHalfLifeMs),
    slow: fade(rate.slow, slowHalfLifeMs),
  };
}

function isKnown(rate: Rate): boolean {
  return rate.samples >= samplesMin && rate.elapsedMs - rate.startedMs >= observedMsMin;
}

function perSecond({ bytes, ms }: Faded): number {
  return ms > 0 ? (bytes / ms) * 1000 : 0;
}

/** Bytes a second, smoothed; undefined until enough was seen. */
export function bytesPerSecond(rate: Rate): number | undefined {
  return isKnown(rate) ? perSecond(rate.fast) : undefined;
}

/** The time that `bytesLeft` will take; undefined until enough was seen, or where nothing has moved yet. */
export function timeLeft(rate: Rate, bytesLeft: number): TimeLeft | undefined {
  if (!isKnown(rate)) return undefined;
  const rates = [perSecond(rate.fast), perSecond(rate.slow)];
  const fastest = Math.max(...rates);
  const slowest = Math.min(...rates);
  if (fastest <= 0) return undefined;
  const left = Math.max(0, bytesLeft) * 1000;
  if (left === 0) return { leastMs: 0, mostMs: 0 };
  const most = slowest > 0 ? (left / slowest) * (1 + doubt) : Number.POSITIVE_INFINITY;
  return { leastMs: (left / fastest) * (1 - doubt), mostMs: most };
}
