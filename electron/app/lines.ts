/**
 * The ways to the vaults' stores, as the engine tells them: checked, for they come from another process. While something
 * waits, the picture is made anew every second, so that a countdown counts.
 */
import * as v from 'valibot';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';
import { type LineView, lineNewsSchema } from '../../engine/protocol/line-view.ts';
import type { Core } from './core.ts';

const countdownMs = 1_000;

export interface Lines {
  hear(news: EngineNews): void;
  /** The engine is another one: what it waits for, it tells by itself. */
  forget(): void;
  stop(): void;
}

export function createLines({ parts, known, changed }: Core): Lines {
  let cancel: (() => void) | undefined;

  function count(): void {
    cancel = undefined;
    if (![...known.lines.values()].some(isWaiting)) return;
    cancel = parts.clock.after(countdownMs, () => {
      changed();
      count();
    });
  }

  return {
    hear(news) {
      if (news.type !== 'line') return;
      const checked = v.safeParse(lineNewsSchema, news);
      const { location, line } = checked.success ? checked.output : news;
      if (!checked.success || !known.settings.vaults.some((vault) => vault.location === location)) return;
      known.lines.set(location, line);
      changed();
      if (cancel === undefined) count();
    },
    forget() {
      known.lines.clear();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

export function isWaiting({ waiting, reads, writes }: LineView): boolean {
  return waiting !== undefined || reads.at !== 'closed' || writes.at !== 'closed';
}
