/**
 * What the gate to a vault looks like while a commit waits behind it. It comes from another process, so it is checked.
 * Times are milliseconds since 1970 UTC.
 */
import * as v from 'valibot';

const count = v.pipe(v.number(), v.finite(), v.minValue(0));
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/** Why it is shut; `text/` has words for each. */
export const gateReasons = [
  'too-few-samples',
  'not-calm-yet',
  'failures',
  'slow-answers',
  'slow-transfer',
  'no-route',
  'no-answer',
  'portal',
  'just-failed',
] as const;
export type GateReason = (typeof gateReasons)[number];

export const gateViewSchema = v.strictObject({
  at: v.picklist(['open', 'closed']),
  because: v.pipe(v.string(), v.regex(/^[a-z-]{1,40}$/)),
  network: v.picklist(['unknown', 'good', 'weak', 'offline']),
  roundTripMs: v.exactOptional(count),
  lossPercent: percent,
  nextLookMs: v.exactOptional(v.pipe(v.number(), v.finite())),
});
export type GateView = v.InferOutput<typeof gateViewSchema>;

/** Undefined where it is open, or shut for a reason that this version has no words for. */
export function gateReason({ at, because }: Pick<GateView, 'at' | 'because'>): GateReason | undefined {
  return at === 'open' ? undefined : gateReasons.find((reason) => reason === because);
}

/** Whether what was measured says more of the reason; elsewhere it is old, or beside the point. */
export function areFiguresTelling(reason: GateReason | undefined): boolean {
  return reason === 'failures' || reason === 'slow-answers' || reason === 'slow-transfer';
}
