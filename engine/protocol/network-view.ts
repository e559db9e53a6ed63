/**
 * How good the network to a vault's own host is, as it is shown: what its samples add up to, and each of them as it comes.
 * It comes from another process, so it is checked. Times are milliseconds since 1970 UTC.
 */
import * as v from 'valibot';

const time = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.finite(), v.minValue(0));
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

export const networkViewSchema = v.strictObject({
  level: v.picklist(['unknown', 'good', 'weak', 'offline']),
  why: v.picklist([
    'too-few-samples',
    'calm',
    'not-calm-yet',
    'failures',
    'slow-answers',
    'slow-transfer',
    'no-route',
    'no-answer',
    'portal',
  ]),
  roundTripMs: v.exactOptional(count),
  jitterMs: v.exactOptional(count),
  /** What an answer may be expected to take; with more than `answerMsMax` a commit waits. */
  answerMs: v.exactOptional(count),
  answerMsMax: count,
  lossPercent: percent,
  lossPercentMax: percent,
  /** Bytes a second, as half of the newer transfers had it. */
  goodput: v.exactOptional(count),
});
export type NetworkView = v.InferOutput<typeof networkViewSchema>;

const sampleSchema = v.strictObject({
  atMs: time,
  /** Without it, no answer came. */
  roundTripMs: v.exactOptional(count),
});
export type NetworkSample = v.InferOutput<typeof sampleSchema>;

/** `location`: as the app named it. */
export const networkNewsSchema = v.strictObject({
  type: v.literal('network'),
  location: v.pipe(v.string(), v.maxLength(4_096)),
  network: networkViewSchema,
  sample: sampleSchema,
});
export type NetworkNews = v.InferOutput<typeof networkNewsSchema>;
