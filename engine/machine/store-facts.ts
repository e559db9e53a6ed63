/**
 * What requests to a store have taught about the way to it: round trips, goodput, how long answers take, how often
 * they fail. Read by the watchdog, the upload window and whoever shows a vault. Invariants: a failed request teaches
 * nothing about speed; every figure lies between the least and the most of its samples; memory is bounded.
 */
import type { FailureCode } from '../base/failure.ts';
import { limits } from '../base/limits.ts';

export type StoreOperation = 'create' | 'save' | 'load' | 'stat' | 'remove' | 'list';

/** A request that has ended. */
export interface StoreSample {
  readonly operation: StoreOperation;
  readonly atMs: number;
  readonly tookMs: number;
  /** The longest time in which nothing moved; all of it, where nobody looked. */
  readonly silentMs?: number;
  readonly upBytes: number;
  readonly downBytes: number;
  /** Requests that were under way with it, itself included. */
  readonly inFlight: number;
  /** Undefined where it went well. A file that is not there is an answer like any other. */
  readonly failure?: FailureCode;
}

interface Speed {
  readonly atMs: number;
  readonly bytesPerSecond: number;
}

export interface StoreFacts {
  /** Smoothed, and how much it varies (RFC 6298). */
  readonly roundTrip?: { readonly smoothMs: number; readonly variationMs: number };
  /** The newest last. */
  readonly upSpeeds: readonly Speed[];
  readonly downSpeeds: readonly Speed[];
  /** The longest that a request of a kind was silent and then succeeded, slowly forgotten. */
  readonly slowestMs: Readonly<Partial<Record<StoreOperation, number>>>;
  readonly requests: number;
  /** By code; `cancelled` is nobody's fault and not among them. */
  readonly failures: Readonly<Partial<Record<FailureCode, number>>>;
  /** Of the last requests, the newest last: whether they were answered well, or at least by the store. */
  readonly lastOutcomes: readonly boolean[];
}

export const noFacts: StoreFacts = {
  upSpeeds: [],
  downSpeeds: [],
  slowestMs: {},
  requests: 0,
  failures: {},
  lastOutcomes: [],
};

const outcomesKept = 20;
const speedsKept = 32;
/** A slowest answer counts for less with each quicker one. */
const slowestKept = 0.9;

/** What a store says that can be reached: nothing speaks against the way to it. */
const answers: ReadonlySet<FailureCode> = new Set([
  'not-found',
  'not-kept',
  'no-space',
  'permission-denied',
  'read-only',
]);

export function withRequest(facts: StoreFacts, sample: StoreSample): StoreFacts {
  const { failure } = sample;
  if (failure === 'cancelled') return facts;
  const isWell = failure === undefined || failure === 'not-found';
  const counted = {
    ...facts,
    requests: facts.requests + 1,
    lastOutcomes: [...facts.lastOutcomes, isWell || answers.has(failure)].slice(-outcomesKept),
  };
  if (!isWell)
    return { ...counted, failures: { ...facts.failures, [failure]: (facts.failures[failure] ?? 0) + 1 } };
  return {
    ...counted,
    ...roundTripAfter(facts, sample),
    upSpeeds: withSpeed(facts.upSpeeds, sample, sample.upBytes),
    downSpeeds: withSpeed(facts.downSpeeds, sample, sample.downBytes),
    slowestMs: {
      ...facts.slowestMs,
      [sample.operation]: Math.max(
        sample.silentMs ?? sample.tookMs,
        (facts.slowestMs[sample.operation] ?? 0) * slowestKept,
      ),
    },
  };
}

/** What a request and its answer take when hardly a byte is in them. */
function roundTripAfter(facts: StoreFacts, sample: StoreSample): Pick<StoreFacts, 'roundTrip'> {
  const isSmall = sample.upBytes + sample.downBytes <= limits.roundTripBytesMax;
  const isOneTrip =
    sample.operation === 'stat' || sample.operation === 'remove' || sample.operation === 'load';
  if (!isSmall || !isOneTrip) return {};
  const { tookMs } = sample;
  if (facts.roundTrip === undefined) return { roundTrip: { smoothMs: tookMs, variationMs: tookMs / 2 } };
  const { smoothMs, variationMs } = facts.roundTrip;
  return {
    roundTrip: {
      smoothMs: smoothMs * (7 / 8) + tookMs / 8,
      variationMs: variationMs * (3 / 4) + Math.abs(smoothMs - tookMs) / 4,
    },
  };
}

function withSpeed(speeds: readonly Speed[], sample: StoreSample, bytes: number): readonly Speed[] {
  if (bytes < limits.goodputBytesMin || !(sample.tookMs > 0)) return speeds;
  // Others shared the line meanwhile: what it gives is what all of them got.
  const bytesPerSecond = (bytes / sample.tookMs) * 1000 * Math.max(1, sample.inFlight);
  return [...speeds, { atMs: sample.atMs, bytesPerSecond }].slice(-speedsKept);
}

/** The time after which an answer to a small request is overdue; undefined until one was seen. */
export function overdueMs({ roundTrip }: StoreFacts): number | undefined {
  return roundTrip && Math.max(limits.overdueMsMin, roundTrip.smoothMs + 4 * roundTrip.variationMs);
}

/** The goodput that `share` of the newer samples do not reach; those of a minute ago count half. */
export function goodput(speeds: readonly Speed[], nowMs: number, share = 0.5): number | undefined {
  const weighed = speeds
    .map(({ atMs, bytesPerSecond }) => ({
      bytesPerSecond,
      weight: 0.5 ** (Math.max(0, nowMs - atMs) / limits.goodputHalfLifeMs),
    }))
    .sort((a, b) => a.bytesPerSecond - b.bytesPerSecond);
  let left = weighed.reduce((sum, { weight }) => sum + weight, 0) * share;
  for (const { bytesPerSecond, weight } of weighed) {
    left -= weight;
    if (left <= 0) return bytesPerSecond;
  }
  return weighed.at(-1)?.bytesPerSecond;
}

/** Share of the last requests that failed, 0 before there was any. */
export function failureShare({ lastOutcomes }: StoreFacts): number {
  if (lastOutcomes.length === 0) return 0;
  return lastOutcomes.filter((isWell) => !isWell).length / lastOutcomes.length;
}
