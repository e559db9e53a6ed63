/** Tells the engine how long commits may wait for a calm network: when it is ready, and when the person says otherwise. */
import type { Core } from './core.ts';

export function limitCommitWait({ parts, known }: Core): void {
  const { commitWaitHours: hours } = known.settings.general;
  parts.engine.calls.limitCommitWait(hours === undefined ? {} : { hours }).catch(() => {
    // It is not ready, and is told when it is.
  });
}
