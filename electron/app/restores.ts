/** The restore that a window asked for: one at a time, its progress in the state. */

import type { AppCalls } from '../../engine/protocol/app-calls.ts';
import type { RestoreView } from '../../engine/protocol/app-state.ts';
import type { ArgumentOf } from '../../engine/protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../../engine/protocol/engine-calls.ts';
import { type Core, effortOf } from './core.ts';
import { refusal, toPlainFailure } from './plain-failure.ts';
import type { Vaults } from './vaults.ts';

export interface Restores {
  begin(wanted: ArgumentOf<AppCalls['restore']>): Promise<{ restoreId: string }>;
  cancel(): Promise<void>;
  hear(news: EngineNews): void;
  /** When nothing goes on any more. */
  ended(): Promise<void>;
}

export function createRestores(core: Core, vaults: Vaults): Restores {
  const { parts, known, changed } = core;
  let going: Promise<void> = Promise.resolve();

  function show(change: Partial<RestoreView>): void {
    if (known.restore === undefined) return;
    known.restore = { ...known.restore, ...change };
    changed();
  }

  async function go(wanted: ArgumentOf<EngineCalls['restore']>): Promise<void> {
    try {
      const { files, bytes, errors } = await parts.engine.calls.restore(wanted);
      show({ filesDone: files, bytesDone: bytes, errors, outcome: errors > 0 ? 'incomplete' : 'done' });
    } catch (error) {
      const failure = toPlainFailure(error);
      show({ outcome: failure.code === 'cancelled' ? 'cancelled' : failure });
    }
  }

  return {
    async begin({ vaultId, ...wanted }) {
      const access = await vaults.access(vaultId);
      if (known.restore?.outcome === 'running') throw refusal('usage', { why: 'restore-running' });
      const id = parts.makeId();
      known.restore = {
        id,
        target: wanted.target ?? '',
        ...{ filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0, errors: 0 },
        outcome: 'running',
      };
      changed();
      going = go({ runId: id, access, ...wanted, effort: effortOf(core) });
      return { restoreId: id };
    },
    async cancel() {
      if (known.restore?.outcome !== 'running') return;
      await parts.engine.calls.cancel({ runId: known.restore.id });
    },
    hear(news) {
      if (news.type !== 'restore-progress' || news.runId !== known.restore?.id) return;
      const { filesDone, filesTotal, bytesDone, bytesTotal, errors } = news;
      if (known.restore.outcome === 'running') show({ filesDone, filesTotal, bytesDone, bytesTotal, errors });
    },
    ended: () => going,
  };
}
