/**
 * Keeps bytes to a pace that may change at any time. Invariants: over any stretch no more goes than the pace allows,
 * and one piece; time in which nothing went is not saved up.
 */

/** When the bytes that went so far are paid for. */
export interface Pace {
  readonly paidMs: number;
}

export const startPace: Pace = { paidMs: 0 };

/** Counts bytes that went, and says how long to wait before the next; no limit where `bytesPerSecond` is undefined. */
export function paced(
  pace: Pace,
  bytes: number,
  nowMs: number,
  bytesPerSecond: number | undefined,
): { readonly pace: Pace; readonly waitMs: number } {
  if (bytesPerSecond === undefined) return { pace: { paidMs: nowMs }, waitMs: 0 };
  const paidMs = Math.max(pace.paidMs, nowMs) + (bytes / Math.max(1, bytesPerSecond)) * 1000;
  return { pace: { paidMs }, waitMs: paidMs - nowMs };
}
