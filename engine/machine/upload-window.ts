/**
 * How many uploads are under way at once. Invariants: between one and the most; one more only after uploads that went
 * well, and kept only while it made the line give more; half as many after trouble. So a long fat line is filled, and
 * a bad one is not made worse.
 */
import { limits } from '../base/limits.ts';

export interface UploadWindow {
  readonly size: number;
  /** Uploads that went well at this size while it was full. */
  readonly clean: number;
  /** What the line gave at this size, smoothed; undefined before the first. */
  readonly bytesPerSecond?: number;
  /** What it gave before the last growth: it must give more now. */
  readonly before?: number;
  /** Uploads for which growth is not tried, since it brought nothing. */
  readonly rest: number;
}

export type UploadEvent =
  | {
      readonly type: 'sent';
      /** Of all uploads together. */
      readonly bytesPerSecond: number;
      /** As many were under way as may be. */
      readonly wasFull: boolean;
    }
  | { readonly type: 'trouble' };

export const startWindow: UploadWindow = { size: limits.uploadsAtStart, clean: 0, rest: 0 };

/** On a long way a connection takes many round trips to get fast: then more of them begin at once. */
export function windowFor(roundTripMs: number | undefined): UploadWindow {
  const wanted = Math.round((roundTripMs ?? 0) / limits.roundTripMsPerUpload);
  const size = Math.min(Math.max(wanted, limits.uploadsAtStart), limits.uploadsInFlightMax);
  return { ...startWindow, size };
}

export function stepWindow(was: UploadWindow, event: UploadEvent): UploadWindow {
  if (event.type === 'trouble') {
    const size = Math.max(1, Math.floor(was.size / 2));
    return { size, clean: 0, rest: 0 };
  }
  if (!event.wasFull) return was;
  const now = was.bytesPerSecond;
  const bytesPerSecond = now === undefined ? event.bytesPerSecond : now / 2 + event.bytesPerSecond / 2;
  const next = { ...was, bytesPerSecond, clean: was.clean + 1, rest: Math.max(0, was.rest - 1) };
  if (next.clean < limits.uploadsPerGrowth) return next;
  const { before } = was;
  if (before !== undefined && bytesPerSecond < before * limits.uploadGainMin)
    return { size: was.size - 1, clean: 0, bytesPerSecond: before, rest: limits.uploadsOfRest };
  if (next.rest > 0 || was.size >= limits.uploadsInFlightMax) {
    const { before: _proved, ...kept } = next;
    return kept;
  }
  return { size: was.size + 1, clean: 0, before: bytesPerSecond, rest: 0 };
}
