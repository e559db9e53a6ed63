/**
 * The networks to the vaults' hosts, as the engine tells them: checked, for they come from another process, and the last
 * samples of each kept for a picture of them.
 */
import * as v from 'valibot';
import type { EngineNews } from '../../engine/protocol/engine-calls.ts';
import { networkNewsSchema } from '../../engine/protocol/network-view.ts';
import { type Core, vaultOf } from './core.ts';
import type { Vaults } from './vaults.ts';

export const samplesKept = 240;

export function hearNetwork({ known, changed }: Core, news: EngineNews): void {
  if (news.type !== 'network') return;
  const checked = v.safeParse(networkNewsSchema, news);
  if (!checked.success) return;
  const { location, network: view, sample } = checked.output;
  if (!known.settings.vaults.some((vault) => vault.location === location)) return;
  const before = known.networks.get(location)?.samples ?? [];
  known.networks.set(location, { view, samples: [...before, sample].slice(-samplesKept) });
  changed();
}

/** Looks at the vault's own host, whose samples are news. */
export async function probeVault(core: Core, vaults: Vaults, vaultId: string): Promise<void> {
  const { parts, known, changed } = core;
  const { location } = vaultOf(core, vaultId);
  const view = await parts.engine.calls.probeVault({
    runId: parts.makeId(),
    access: await vaults.access(vaultId),
  });
  known.networks.set(location, { view, samples: known.networks.get(location)?.samples ?? [] });
  changed();
}
