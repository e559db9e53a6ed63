/** What the core knows, in one place. Its files change it and say `changed`; `picture.ts` makes the state of it. */
import type {
  EngineState,
  NetworkHistory,
  PlainFailure,
  PlanActivity,
  RestoreView,
  RunRecord,
  VaultStatus,
} from '../../engine/protocol/app-state.ts';
import type { LateLooksView, PendingCommit } from '../../engine/protocol/engine-calls.ts';
import type { GateView } from '../../engine/protocol/gate-view.ts';
import type { LineView } from '../../engine/protocol/line-view.ts';
import type { Plan, Settings, Vault } from '../../engine/protocol/settings.ts';
import type { AppParts } from './parts.ts';
import { refusal } from './plain-failure.ts';

/** What is being done about the commits that wait for a vault. */
export interface Finishing {
  /** Undefined while nobody is at it. */
  readonly runId?: string;
  readonly gate?: GateView;
  /** What the last attempt failed with. */
  readonly failure?: PlainFailure;
}

export interface Known {
  settings: Settings;
  engine: EngineState;
  paused: { readonly untilMs?: number } | undefined;
  /** By plan; idle where there is none. */
  readonly activities: Map<string, PlanActivity>;
  /** The newest first. */
  records: readonly RunRecord[];
  readonly statuses: Map<string, VaultStatus>;
  /** The ways to stores, by location. */
  readonly lines: Map<string, LineView>;
  /** The networks to stores, by location. */
  readonly networks: Map<string, NetworkHistory>;
  /** Commits that wait on this computer, of all vaults, the oldest first. */
  pending: readonly PendingCommit[];
  /** What is known of snapshots that are looked at once more. */
  lateLooks: readonly LateLooksView[];
  /** By vault. */
  readonly finishing: Map<string, Finishing>;
  /** Paths of recovery sheets by vault. */
  readonly sheets: Map<string, string>;
  readonly nextRunMs: (planId: string) => number | undefined;
  restore: RestoreView | undefined;
  languages: readonly string[];
  onBattery: boolean;
}

export interface Core {
  readonly parts: AppParts;
  readonly known: Known;
  changed(): void;
}

export function createKnown(parts: AppParts): Known {
  const settings = parts.settings.read();
  return {
    settings,
    engine: { at: 'starting' },
    paused: settings.paused,
    activities: new Map(),
    records: parts.history.newest(0, 1_000).rows,
    statuses: new Map(),
    lines: new Map(),
    networks: new Map(),
    pending: [],
    lateLooks: [],
    finishing: new Map(),
    sheets: new Map(),
    nextRunMs: (planId) => parts.schedule.nextMs(planId),
    restore: undefined,
    languages: parts.systemLanguages,
    onBattery: false,
  };
}

/** How hard the engine may work now. */
export function effortOf({ known }: Core): { threadsMax?: number; onBattery: boolean } {
  const { threadsMax } = known.settings.general;
  return { ...(threadsMax === undefined ? {} : { threadsMax }), onBattery: known.onBattery };
}

export function planOf({ known }: Core, planId: string): Plan {
  const plan = known.settings.plans.find(({ id }) => id === planId);
  if (plan === undefined) throw refusal('not-found', { what: 'plan', id: planId });
  return plan;
}

export function vaultOf({ known }: Core, vaultId: string): Vault {
  const vault = known.settings.vaults.find(({ id }) => id === vaultId);
  if (vault === undefined) throw refusal('not-found', { what: 'vault', id: vaultId });
  return vault;
}

export function changeSettings(core: Core, change: Partial<Settings>): void {
  keepSettings(core, { ...core.known.settings, ...change });
}

/** Written first: where that fails, nothing has changed. */
export function keepSettings({ parts, known, changed }: Core, settings: Settings): void {
  parts.settings.write(settings);
  known.settings = settings;
  changed();
}
