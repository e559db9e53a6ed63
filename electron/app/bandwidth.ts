/** Tells the engine how much of the line it may take: when it is ready, and when the person says otherwise. */
import type { Core } from './core.ts';

export function limitBandwidth({ parts, known }: Core): void {
  parts.engine.calls.limitBandwidth(known.settings.general.bandwidth ?? {}).catch(() => {
    // It is not ready, and is told when it is.
  });
}
