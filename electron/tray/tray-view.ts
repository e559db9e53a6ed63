/**
 * What the tray shows, as a pure function of the one picture: which icon, the tooltip, and a menu of at most ten rows (lines between
 * them not counted).
 * Every sentence about how things are is the verdict's; this file adds no opinion of its own.
 */
import type { AppState, PlanView, VaultView, VerdictKind } from '../../engine/protocol/app-state.ts';

/** The menu's words in the person's language. */
export interface TrayTexts {
  readonly appName: string;
  readonly backUpNow: string;
  /** All plans, where there are several. */
  readonly everything: string;
  /** The one run that goes on. */
  readonly stop: string;
  /** One of several, which are named under it. */
  readonly stopOne: string;
  readonly pause: string;
  readonly pauseHalfHour: string;
  readonly pauseTwoHours: string;
  readonly pauseUntilTomorrow: string;
  readonly resume: string;
  /** What waits for a calm network. */
  readonly finishNow: string;
  readonly restoreFiles: string;
  /** One line about all vaults; there is at least one. */
  vaults(vaults: readonly VaultView[]): string;
  readonly open: string;
  readonly settings: string;
  readonly quit: string;
}

export type TrayPage = 'overview' | 'restore' | 'vaults' | 'settings';

/** What a click on a row asks for. */
export type TrayWish =
  | { readonly do: 'open'; readonly page: TrayPage }
  | { readonly do: 'back-up'; readonly planId?: string }
  | { readonly do: 'stop'; readonly planId: string }
  | { readonly do: 'finish-now' }
  | { readonly do: 'pause'; readonly durationMs: number }
  | { readonly do: 'pause-until-tomorrow' }
  | { readonly do: 'resume' }
  | { readonly do: 'quit' };

export type TrayRow =
  | { readonly type: 'line' }
  | { readonly type: 'item'; readonly label: string; readonly isEnabled: boolean; readonly wish: TrayWish }
  | {
      readonly type: 'submenu';
      readonly label: string;
      readonly isEnabled: boolean;
      readonly rows: readonly TrayRow[];
    };

export interface TrayView {
  readonly icon: VerdictKind;
  readonly tooltip: string;
  readonly rows: readonly TrayRow[];
}

/** Windows shows no more. */
const tooltipCharsMax = 127;
const labelCharsMax = 80;
/** So many plans are named; the rest is in the window. */
const namedPlansMax = 20;
const minuteMs = 60_000;
/** Tomorrow begins when people get up, not at midnight. */
const morningHour = 6;

const line: TrayRow = { type: 'line' };

export function trayView(state: AppState, texts: TrayTexts): TrayView {
  const hasVault = state.vaults.length > 0;
  const vaultLine = hasVault ? [item(texts.vaults(state.vaults), { do: 'open', page: 'vaults' })] : [];
  return {
    icon: state.verdict.kind,
    tooltip: shorten(`${texts.appName}: ${plain(state.verdict.sentence)}`, tooltipCharsMax),
    rows: [
      item(state.verdict.sentence, { do: 'open', page: 'overview' }),
      line,
      backUpRow(state.plans, texts),
      ...stopRows(state.plans, texts),
      ...(hasWaiting(state) ? [item(texts.finishNow, { do: 'finish-now' })] : []),
      pauseRow(state, texts),
      item(texts.restoreFiles, { do: 'open', page: 'restore' }, hasVault),
      ...vaultLine,
      line,
      item(texts.open, { do: 'open', page: 'overview' }),
      item(texts.settings, { do: 'open', page: 'settings' }),
      item(texts.quit, { do: 'quit' }),
    ],
  };
}

function backUpRow(plans: readonly PlanView[], texts: TrayTexts): TrayRow {
  const canStart = plans.some(isIdle);
  if (plans.length < 2) return item(texts.backUpNow, { do: 'back-up' }, canStart);
  const named = plans.slice(0, namedPlansMax);
  return {
    type: 'submenu',
    label: texts.backUpNow,
    isEnabled: canStart,
    rows: [
      item(texts.everything, { do: 'back-up' }, canStart),
      line,
      ...named.map((view) => item(view.plan.name, { do: 'back-up', planId: view.plan.id }, isIdle(view))),
    ],
  };
}

/** None where nothing runs: a row that can do nothing is in the way. */
function stopRows(plans: readonly PlanView[], texts: TrayTexts): readonly TrayRow[] {
  const running = plans.filter(({ activity }) => activity.at === 'running').slice(0, namedPlansMax);
  const [first, ...others] = running;
  if (first === undefined) return [];
  if (others.length === 0) return [item(texts.stop, { do: 'stop', planId: first.plan.id })];
  const rows = running.map(({ plan }) => item(plan.name, { do: 'stop', planId: plan.id }));
  return [{ type: 'submenu', label: texts.stopOne, isEnabled: true, rows }];
}

/** What is over but for its commit does not keep a new run from beginning. */
function isIdle({ activity: { at } }: PlanView): boolean {
  return at === 'idle' || at === 'waiting' || at === 'finishing';
}

/** A commit that may be finished without waiting any longer. */
function hasWaiting({ plans, pending }: AppState): boolean {
  const runs = plans.some(
    ({ activity }) => activity.at === 'running' && activity.progress.phase === 'waiting',
  );
  return runs || pending.some(({ at, vaultId }) => at === 'waiting' && vaultId !== undefined);
}

function pauseRow(state: AppState, texts: TrayTexts): TrayRow {
  if (state.paused !== undefined) return item(texts.resume, { do: 'resume' });
  return {
    type: 'submenu',
    label: texts.pause,
    isEnabled: state.plans.length > 0,
    rows: [
      item(texts.pauseHalfHour, { do: 'pause', durationMs: 30 * minuteMs }),
      item(texts.pauseTwoHours, { do: 'pause', durationMs: 120 * minuteMs }),
      item(texts.pauseUntilTomorrow, { do: 'pause-until-tomorrow' }),
    ],
  };
}

/** From now to the next day's morning, in this machine's time zone: at least six hours. */
export function untilTomorrowMs(nowMs: number): number {
  const morning = new Date(nowMs);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(morningHour, 0, 0, 0);
  return morning.getTime() - nowMs;
}

function item(label: string, wish: TrayWish, isEnabled = true): TrayRow {
  return { type: 'item', label: menuLabel(label), isEnabled, wish };
}

/** A single ampersand would underline the next letter. */
function menuLabel(text: string): string {
  return shorten(plain(text), labelCharsMax).replaceAll('&', '&&');
}

/** Names are other people's text: on one line, without control characters or marks that turn its direction. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

function shorten(text: string, charsMax: number): string {
  const chars = [...text];
  return chars.length <= charsMax ? text : `${chars.slice(0, charsMax - 1).join('')}…`;
}
