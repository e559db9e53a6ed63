/** The one picture of what the core knows: pure. It names what goes in, so nothing else can, a secret least of all. */
import type {
  AppState,
  PendingView,
  PlanView,
  RunRecord,
  VaultView,
} from '../../engine/protocol/app-state.ts';
import type { Plan, Vault } from '../../engine/protocol/settings.ts';
import type { Known } from './core.ts';
import type { AppParts } from './parts.ts';
import { lateLooksOf, pendingActivity, viewPending } from './pending-views.ts';
import { type Language, pickLanguage } from './text/language.ts';
import { type Speech, speak } from './text/speak.ts';
import { firstRuns, judge } from './verdict.ts';

const runsShown = 100;

type Place = Pick<AppParts, 'host' | 'version' | 'hostname' | 'platform' | 'homeFolder'> & {
  readonly secrets: Pick<AppParts['secrets'], 'hasKeychain'>;
};

export function picture(known: Known, place: Place, nowMs: number): AppState {
  const { settings, engine, records } = known;
  const { host, version, hostname, platform, homeFolder } = place;
  const pending = viewPending(known);
  const plans = settings.plans.map((plan) => viewPlan(plan, known, pending));
  const vaults = settings.vaults.map((vault) => viewVault(vault, known));
  const paused = known.paused === undefined ? {} : { paused: known.paused };
  const language = pickLanguage('system', known.languages);
  const { freshDays } = settings.general;
  const firstRunMs = firstRuns(records);
  const judgement = judge({ nowMs, engine, ...paused, plans, vaults, freshDays, firstRunMs });
  return {
    nowMs,
    verdict: { kind: judgement.kind, sentence: speechOf(known).verdict(judgement, nowMs) },
    engine,
    ...paused,
    plans,
    vaults,
    pending,
    runs: records.slice(0, runsShown),
    ...(known.restore === undefined ? {} : { restore: known.restore }),
    general: settings.general,
    language,
    platform,
    hostname,
    version,
    hasKeychain: place.secrets.hasKeychain,
    homeFolder,
    host,
  };
}

function speechOf({ settings, languages }: Known): Speech {
  const language: Language = pickLanguage(settings.general.language, languages);
  return speak(language);
}

function viewPlan(
  plan: Plan,
  { activities, records, nextRunMs }: Known,
  pending: readonly PendingView[],
): PlanView {
  const runs = records.filter(({ planId }) => planId === plan.id);
  const lastRun = runs[0];
  const lastGood = runs.find(isGood);
  const nextMs = nextRunMs(plan.id);
  return {
    plan,
    activity: activities.get(plan.id) ?? pendingActivity(plan.id, pending) ?? { at: 'idle' },
    ...(lastGood === undefined ? {} : { lastGoodMs: lastGood.startedMs }),
    ...(lastRun === undefined ? {} : { lastRun }),
    ...(nextMs === undefined ? {} : { nextRunMs: nextMs }),
  };
}

function isGood({ outcome }: RunRecord): boolean {
  return outcome.at === 'saved';
}

function viewVault(vault: Vault, known: Known): VaultView {
  const { statuses, sheets, lines, networks } = known;
  const recoverySheet = sheets.get(vault.id);
  const status = statuses.get(vault.id) ?? { at: 'unknown' };
  const line = lines.get(vault.location);
  const network = networks.get(vault.location);
  const { incomplete = [] } = lateLooksOf(vault.id, known) ?? {};
  return {
    vault,
    status,
    ...(recoverySheet === undefined ? {} : { recoverySheet }),
    ...(line === undefined ? {} : { line }),
    ...(network === undefined ? {} : { network }),
    ...(incomplete.length === 0 ? {} : { incomplete }),
  };
}
