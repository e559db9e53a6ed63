/**
 * How good the network to a vault's own host is, learned from probes and from real traffic. Invariants: one sample
 * never changes the level; nothing is good before three samples in a row were; a network that flaps must be calm
 * for longer each time before it counts as good again; whoever answers in the store's place is no network.
 */
import { limits } from '../base/limits.ts';
import { goodputOf, type Speed, withSpeed } from './goodput.ts';
import { type RoundTrip, retransmitMs, withRoundTrip } from './round-trip.ts';
import type { StoreFacts } from './store-facts.ts';

export type NetworkLevel = 'unknown' | 'good' | 'weak' | 'offline';

/** Why the level is what it is, for the sentence that a person reads. */
export type NetworkReason =
  | 'too-few-samples'
  | 'calm'
  | 'not-calm-yet'
  | 'failures'
  | 'slow-answers'
  | 'slow-transfer'
  | 'no-route'
  | 'no-answer'
  | 'portal';

export type SampleOutcome =
  | 'ok'
  /** Reset, stalled, timed out, refused, not resolved: the way to the host failed. */
  | 'failed'
  /** Something answered that is not the store. */
  | 'foreign';

export type NetworkEvent =
  | {
      readonly type: 'sample';
      readonly outcome: SampleOutcome;
      /** Until the first byte of the answer to a small request; none for one that was tried again. */
      readonly roundTripMs?: number;
      /** Of a transfer large enough to tell a speed. */
      readonly bytesPerSecond?: number;
    }
  /** The system says whether there is any way out. */
  | { readonly type: 'route'; readonly hasRoute: boolean }
  /** Another network, a VPN up or down, or awake after sleep: what was learned counts no more. */
  | { readonly type: 'moved' }
  | { readonly type: 'tick' };

export interface NetworkQuality {
  readonly level: NetworkLevel;
  readonly why: NetworkReason;
  readonly sinceMs: number;
  readonly hasRoute: boolean;
  readonly roundTrip: RoundTrip | undefined;
  readonly speeds: readonly Speed[];
  /** Of the last minutes, oldest first. */
  readonly outcomes: readonly { readonly atMs: number; readonly outcome: SampleOutcome }[];
  readonly okInRow: number;
  readonly failedInRow: number;
  readonly foreignInRow: number;
  /** Since when nothing failed. */
  readonly calmSinceMs: number;
  /** When the network ceased to be good, as far as it matters for flapping. */
  readonly closedMs: readonly number[];
}

export function startNetworkQuality(nowMs: number): NetworkQuality {
  return {
    level: 'unknown',
    why: 'too-few-samples',
    sinceMs: nowMs,
    hasRoute: true,
    roundTrip: undefined,
    speeds: [],
    outcomes: [],
    okInRow: 0,
    failedInRow: 0,
    foreignInRow: 0,
    calmSinceMs: nowMs,
    closedMs: [],
  };
}

export function stepNetworkQuality(
  quality: NetworkQuality,
  event: NetworkEvent,
  nowMs: number,
): NetworkQuality {
  return judged(learned(quality, event, nowMs), nowMs);
}

/** Up to where somebody has learned from the requests to a store. */
export interface TrafficSeen {
  readonly requests: number;
  /** When the last transfer ended that tells a speed. */
  readonly speedMs: number;
}

export const noTraffic: TrafficSeen = { requests: 0, speedMs: Number.NEGATIVE_INFINITY };

export function seenOf({ requests, upSpeeds }: StoreFacts): TrafficSeen {
  return { requests, speedMs: upSpeeds.at(-1)?.atMs ?? noTraffic.speedMs };
}

/**
 * What requests have taught since: the newest that are remembered, oldest first. A speed is learned once: a small request
 * that comes after a slow transfer says nothing about speed.
 */
export function samplesOf(
  { requests, lastOutcomes, roundTrip, upSpeeds }: StoreFacts,
  seen: TrafficSeen,
): NetworkEvent[] {
  const fresh = Math.min(requests - seen.requests, lastOutcomes.length);
  if (fresh <= 0) return [];
  const outcomes = lastOutcomes.slice(-fresh);
  const speeds = upSpeeds.filter(({ atMs }) => atMs > seen.speedMs).slice(-fresh);
  return outcomes.map((isWell, at) => {
    const speed = speeds[at - (fresh - speeds.length)];
    return {
      type: 'sample',
      outcome: isWell ? 'ok' : 'failed',
      ...(roundTrip === undefined ? {} : { roundTripMs: roundTrip.smoothMs }),
      ...(speed === undefined ? {} : { bytesPerSecond: speed.bytesPerSecond }),
    };
  });
}

function learned(quality: NetworkQuality, event: NetworkEvent, nowMs: number): NetworkQuality {
  switch (event.type) {
    case 'tick':
      return quality;
    case 'route':
      return event.hasRoute === quality.hasRoute
        ? quality
        : { ...forgotten(quality, nowMs), hasRoute: event.hasRoute };
    case 'moved':
      return forgotten(quality, nowMs);
    case 'sample':
      return withOutcome(quality, event, nowMs);
  }
}

/** What another network taught says nothing; that this one flaps is remembered. */
function forgotten(quality: NetworkQuality, nowMs: number): NetworkQuality {
  const { sinceMs, level, why, hasRoute, closedMs } = quality;
  return { ...startNetworkQuality(nowMs), sinceMs, level, why, hasRoute, closedMs };
}

function withOutcome(
  quality: NetworkQuality,
  { outcome, roundTripMs, bytesPerSecond }: Extract<NetworkEvent, { type: 'sample' }>,
  nowMs: number,
): NetworkQuality {
  const oldest = nowMs - limits.networkMemoryMs;
  const okInRow = outcome === 'ok' ? quality.okInRow + 1 : 0;
  const outcomes = [...quality.outcomes, { atMs: nowMs, outcome }]
    .filter(({ atMs }) => atMs >= oldest)
    .slice(-limits.networkSamplesMax);
  return {
    ...quality,
    outcomes,
    okInRow,
    // What the system says may be missed, as in a sleep: where the store answers, there is a way.
    hasRoute: quality.hasRoute || okInRow >= 2,
    failedInRow: outcome === 'failed' ? quality.failedInRow + 1 : 0,
    foreignInRow: outcome === 'foreign' ? quality.foreignInRow + 1 : 0,
    calmSinceMs: outcome === 'ok' ? quality.calmSinceMs : nowMs,
    roundTrip:
      roundTripMs === undefined || outcome !== 'ok'
        ? quality.roundTrip
        : withRoundTrip(quality.roundTrip, roundTripMs),
    speeds:
      bytesPerSecond === undefined || outcome !== 'ok'
        ? quality.speeds
        : withSpeed(quality.speeds, { atMs: nowMs, bytesPerSecond }),
  };
}

function judged(quality: NetworkQuality, nowMs: number): NetworkQuality {
  const [level, why] = levelOf(quality, nowMs);
  if (level === quality.level) return why === quality.why ? quality : { ...quality, why };
  const remembered = quality.closedMs.filter((atMs) => nowMs - atMs < limits.networkFlapMemoryMs);
  const closedMs = quality.level === 'good' && level !== 'unknown' ? [...remembered, nowMs] : remembered;
  // An outage that is over says nothing about the network that came back; that it flaps is remembered.
  const outcomes = quality.level === 'offline' ? quality.outcomes.slice(-quality.okInRow) : quality.outcomes;
  return { ...quality, level, why, outcomes, sinceMs: nowMs, closedMs };
}

function levelOf(quality: NetworkQuality, nowMs: number): readonly [NetworkLevel, NetworkReason] {
  const { level, okInRow, failedInRow, foreignInRow } = quality;
  if (!quality.hasRoute) return ['offline', 'no-route'];
  if (foreignInRow >= 2) return ['offline', 'portal'];
  if (failedInRow >= 3) return ['offline', 'no-answer'];
  if (level === 'offline' && okInRow < 2) return ['offline', quality.why];
  const trouble = troubleOf(quality, nowMs);
  if (level === 'good') {
    const lastMs = quality.outcomes.at(-1)?.atMs;
    // A network that one has just moved to is not known: only the old one was good.
    if (lastMs === undefined) return ['weak', 'too-few-samples'];
    if (nowMs - lastMs > limits.networkStaleMs) return ['unknown', 'too-few-samples'];
    return trouble === undefined ? ['good', 'calm'] : ['weak', trouble];
  }
  if (level === 'unknown' && sampled(quality, nowMs) < 3) return ['unknown', 'too-few-samples'];
  if (trouble !== undefined) return ['weak', trouble];
  if (okInRow < 3) return ['weak', 'too-few-samples'];
  const isCalm = level === 'unknown' || nowMs - quality.calmSinceMs >= calmMsNeeded(quality, nowMs);
  return isCalm ? ['good', 'calm'] : ['weak', 'not-calm-yet'];
}

/** Samples that are young enough to say something. */
function sampled({ outcomes }: NetworkQuality, nowMs: number): number {
  return outcomes.filter(({ atMs }) => nowMs - atMs < limits.networkMemoryMs).length;
}

/** What speaks against it; to become good takes more than to stay it. */
function troubleOf(quality: NetworkQuality, nowMs: number): NetworkReason | undefined {
  const factor = quality.level === 'good' ? 1 : limits.networkHysteresis;
  const recent = quality.outcomes.filter(({ atMs }) => nowMs - atMs < limits.networkMemoryMs);
  const failed = recent.filter(({ outcome }) => outcome !== 'ok').length;
  const lately = recent.filter(({ atMs, outcome }) => outcome !== 'ok' && nowMs - atMs < 60_000).length;
  if (quality.level === 'good' && lately >= 2) return 'failures';
  if (leastShare(failed, recent.length) > limits.networkLossMax * factor) return 'failures';
  if (retransmitMs(quality.roundTrip) > limits.networkAnswerMsMax * factor) return 'slow-answers';
  const goodput = goodputOf(quality.speeds, nowMs);
  if (goodput !== undefined && goodput.low * factor < limits.networkBytesPerSecondMin) return 'slow-transfer';
  return undefined;
}

/** How long it must have been calm: once is bad luck, twice is a network that flaps. */
export function calmMsNeeded({ closedMs }: NetworkQuality, nowMs: number): number {
  const closings = closedMs.filter((atMs) => nowMs - atMs < limits.networkFlapMemoryMs).length;
  return limits.networkCalmMs[Math.min(Math.max(0, closings - 1), limits.networkCalmMs.length - 1)]!;
}

/** The share that failures have at least (Wilson's lower bound at 90 %): 1 of 2 is not yet half. */
function leastShare(failed: number, total: number): number {
  if (total === 0) return 0;
  const z = 1.28;
  const share = failed / total;
  const spread = z * Math.sqrt((share * (1 - share) + (z * z) / (4 * total)) / total);
  return Math.max(0, (share + (z * z) / (2 * total) - spread) / (1 + (z * z) / total));
}

/** Failures among the samples of the last minutes, in per cent. */
export function lossPercentOf({ outcomes }: NetworkQuality): number {
  if (outcomes.length === 0) return 0;
  return (100 * outcomes.filter(({ outcome }) => outcome !== 'ok').length) / outcomes.length;
}

/**
 * How long until the next probe while something waits for this network: soon where one more sample decides, later
 * where nothing answers.
 */
export function nextProbeMs({ level, okInRow, failedInRow }: NetworkQuality): number {
  if (level === 'good') return limits.probeGoodMs;
  if (level === 'unknown' || (okInRow > 0 && okInRow < 3)) return limits.probeSoonMs;
  if (level === 'weak') return limits.probeWeakMs;
  return Math.min(limits.probeOfflineMsMax, limits.probeWeakMs * 2 ** Math.max(0, failedInRow - 3));
}
