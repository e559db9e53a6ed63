/** Comparisons of a provider's regions: one at a time, for each asks many hosts; another one ends the one before. */
import type { RegionsView } from '../../engine/protocol/region-view.ts';
import type { Core } from './core.ts';
import { engineStarted } from './engine-started.ts';
import { placeWithoutSecret } from './vaults.ts';

export class Regions {
  readonly #core: Core;
  #runId: string | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Fails with `cancelled` where it was ended. */
  async compare(location: string): Promise<RegionsView> {
    const { parts } = this.#core;
    const { location: place } = placeWithoutSecret(location);
    await engineStarted(parts);
    await this.stop();
    const runId = parts.makeId();
    this.#runId = runId;
    try {
      return await parts.engine.calls.probeRegions({ runId, location: place });
    } finally {
      if (this.#runId === runId) this.#runId = undefined;
    }
  }

  async stop(): Promise<void> {
    const runId = this.#runId;
    this.#runId = undefined;
    if (runId !== undefined) await this.#core.parts.engine.calls.cancel({ runId });
  }
}
