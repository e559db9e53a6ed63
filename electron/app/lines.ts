/** The ways to the vaults' stores, as the engine tells them: checked, for they come from another process. */
import * as v from 'valibot';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';
import { type LineView, lineNewsSchema } from '../../engine/protocol/line-view.ts';
import type { Core } from './core.ts';
import { createCountdown } from './countdown.ts';

export interface Lines {
  hear(news: EngineNews): void;
  /** The engine is another one: what it waits for, it tells by itself. */
  forget(): void;
  stop(): void;
}

export function createLines(core: Core): Lines {
  const { known, changed } = core;
  const countdown = createCountdown(core, () => [...known.lines.values()].some(isWaiting));
  return {
    hear(news) {
      if (news.type !== 'line') return;
      const checked = v.safeParse(lineNewsSchema, news);
      const { location, line } = checked.success ? checked.output : news;
      if (!checked.success || !known.settings.vaults.some((vault) => vault.location === location)) return;
      known.lines.set(location, line);
      changed();
      countdown.heed();
    },
    forget() {
      known.lines.clear();
    },
    stop: countdown.stop,
  };
}

export function isWaiting({ waiting, reads, writes }: LineView): boolean {
  return waiting !== undefined || reads.at !== 'closed' || writes.at !== 'closed';
}
