/**
 * How the way to a vault's store is, as it is shown: what waits and why, what is not even tried, how quick and how sure
 * answers are. It comes from another process, so it is checked. Times are milliseconds since 1970 UTC.
 */
import * as v from 'valibot';

const time = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.finite(), v.minValue(0));
const code = v.pipe(v.string(), v.regex(/^[a-z-]{1,40}$/));

/** Open: nothing is asked before that time. Trying: one request looks whether it goes again. */
const breakerSchema = v.variant('at', [
  v.strictObject({ at: v.literal('closed') }),
  v.strictObject({ at: v.literal('open'), untilMs: time, code }),
  v.strictObject({ at: v.literal('trying'), code }),
]);
export type BreakerView = v.InferOutput<typeof breakerSchema>;

export const lineViewSchema = v.strictObject({
  /** Only where it is more than a hiccup: what the store answered, and when it is asked again. */
  waiting: v.exactOptional(v.strictObject({ code, failures: count, untilMs: time })),
  reads: breakerSchema,
  writes: breakerSchema,
  roundTripMs: v.exactOptional(count),
  /** Bytes a second, as half of the newer transfers had it. */
  up: v.exactOptional(count),
  down: v.exactOptional(count),
  requests: count,
  failures: count,
  /** Of the last requests, the share that failed. */
  failureShare: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  uploadsAtOnce: count,
});
export type LineView = v.InferOutput<typeof lineViewSchema>;

/** `location`: as the app named it. */
export const lineNewsSchema = v.strictObject({
  type: v.literal('line'),
  location: v.pipe(v.string(), v.maxLength(4_096)),
  line: lineViewSchema,
});
export type LineNews = v.InferOutput<typeof lineNewsSchema>;
