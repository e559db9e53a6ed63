/**
 * The pause of backups: until a time, or until it is ended. It is kept with the settings, so it outlives the app; sleep
 * and an app that is not running may pass its end, so it is looked at on waking and at the start too.
 */
import { type Core, changeSettings, keepSettings } from './core.ts';

/** The longest that a timer of Node waits. */
const timerMsMax = 2 ** 31 - 1;

/** What a pause holds, and its end lets go on. */
export interface PausedWork {
  hold(): void;
  advance(): void;
}

export interface Pause {
  /** Fails where it cannot be kept, and nothing is paused then. */
  begin(durationMs: number | undefined): void;
  /** It has ended even where this fails, because that cannot be kept. */
  end(): void;
  /** Ends it if its time has passed. */
  look(): void;
  stop(): void;
}

export function createPause(core: Core, work: PausedWork): Pause {
  const { parts, known, changed } = core;
  let cancel = () => {};

  function look(): void {
    cancel();
    const untilMs = known.paused?.untilMs;
    if (untilMs === undefined) return;
    const leftMs = untilMs - parts.clock.nowMs();
    if (leftMs > 0) cancel = parts.clock.after(Math.min(leftMs, timerMsMax), look);
    else expire();
  }

  function expire(): void {
    try {
      end();
    } catch {
      // What is kept names its end, so the next start ends it again.
    }
  }

  function end(): void {
    cancel();
    if (known.paused === undefined) return;
    known.paused = undefined;
    work.advance();
    changed();
    const { paused: _, ...settings } = known.settings;
    keepSettings(core, settings);
  }

  return {
    look,
    end,
    begin(durationMs) {
      const paused = durationMs === undefined ? {} : { untilMs: parts.clock.nowMs() + durationMs };
      changeSettings(core, { paused });
      known.paused = paused;
      work.hold();
      look();
      changed();
    },
    stop: () => cancel(),
  };
}
