/**
 * Round-trip times, smoothed as TCP does (RFC 6298), after the median of the last three: one late answer is an
 * accident, two are news. Quick answers are believed sooner than late ones, and that they came sooner is no variation: a few
 * late ones would otherwise count for minutes where somebody asks only every ten seconds.
 */

export interface RoundTrip {
  readonly smoothedMs: number;
  readonly variationMs: number;
  /** Between one answer and the next, smoothed (RFC 3550). */
  readonly jitterMs: number;
  readonly lastMs: readonly number[];
}

const smoothing = { later: 1 / 8, sooner: 1 / 2 };
const variationSmoothing = 1 / 4;
const jitterSmoothing = 1 / 16;

export function withRoundTrip(known: RoundTrip | undefined, sampleMs: number): RoundTrip {
  const measuredMs = Math.max(0, sampleMs);
  if (known === undefined)
    return { smoothedMs: measuredMs, variationMs: measuredMs / 2, jitterMs: 0, lastMs: [measuredMs] };
  const lastMs = [...known.lastMs, measuredMs].slice(-3);
  const typicalMs = [...lastMs].sort((a, b) => a - b)[Math.floor((lastMs.length - 1) / 2)]!;
  const laterMs = typicalMs - known.smoothedMs;
  const awayMs = Math.max(0, laterMs);
  return {
    smoothedMs: known.smoothedMs + smoothing[laterMs > 0 ? 'later' : 'sooner'] * laterMs,
    variationMs: known.variationMs + variationSmoothing * (awayMs - known.variationMs),
    jitterMs:
      known.jitterMs + jitterSmoothing * (Math.abs(measuredMs - known.lastMs.at(-1)!) - known.jitterMs),
    lastMs,
  };
}

/** How long an answer may be expected to take; 0 where nothing is known. */
export function retransmitMs(roundTrip: RoundTrip | undefined): number {
  return roundTrip === undefined ? 0 : roundTrip.smoothedMs + 4 * roundTrip.variationMs;
}
