/** The pause of backups: until a time, or until it is ended. Sleep may pass its end: it is looked at on waking too. */
import type { Core } from './core.ts';
import type { Runs } from './runs.ts';

/** The longest that a timer of Node waits. */
const timerMsMax = 2 ** 31 - 1;

export interface Pause {
  begin(durationMs: number | undefined): void;
  end(): void;
  /** Ends it if its time has passed. */
  look(): void;
  stop(): void;
}

export function createPause({ parts, known, changed }: Core, runs: Runs): Pause {
  let cancel = () => {};

  function look(): void {
    cancel();
    const untilMs = known.paused?.untilMs;
    if (untilMs === undefined) return;
    const leftMs = untilMs - parts.clock.nowMs();
    if (leftMs <= 0) end();
    else cancel = parts.clock.after(Math.min(leftMs, timerMsMax), look);
  }

  function end(): void {
    cancel();
    if (known.paused === undefined) return;
    known.paused = undefined;
    runs.advance();
    changed();
  }

  return {
    look,
    end,
    begin(durationMs) {
      known.paused = durationMs === undefined ? {} : { untilMs: parts.clock.nowMs() + durationMs };
      runs.hold();
      look();
      changed();
    },
    stop: () => cancel(),
  };
}
