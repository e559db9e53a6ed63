/** While something that is shown has a time to go, the picture is made anew every second. */
import type { Core } from './core.ts';

const countdownMs = 1_000;

export interface Countdown {
  /** Something has changed: perhaps there is something to count now. */
  heed(): void;
  stop(): void;
}

export function createCountdown({ parts, changed }: Core, isCounting: () => boolean): Countdown {
  let cancel: (() => void) | undefined;

  function heed(): void {
    if (cancel !== undefined || !isCounting()) return;
    cancel = parts.clock.after(countdownMs, () => {
      cancel = undefined;
      changed();
      heed();
    });
  }

  return {
    heed,
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}
