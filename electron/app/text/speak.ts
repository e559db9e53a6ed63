/** What the app says to people, in their language: verdicts, failures, notices, the tray's menu. */
import { createInstance, type i18n } from 'i18next';
import type { PlainFailure } from '../../../engine/protocol/app-state.ts';
import { areFiguresTelling, type GateView, gateReason } from '../../../engine/protocol/gate-view.ts';
import type { Judgement } from '../verdict.ts';
import { en, type Text } from './en.ts';
import type { Language } from './language.ts';
import { zh } from './zh.ts';

export type MenuKey = keyof Text['menu'];
export type NoticeKey = keyof Text['notice'];
type Values = Readonly<Record<string, string | number>>;

export interface Speech {
  readonly language: Language;
  verdict(judgement: Judgement, nowMs: number): string;
  /** What happened and one thing to do. */
  failure(failure: PlainFailure): string;
  notice(key: NoticeKey, values?: Values): string;
  menu(key: MenuKey, values?: Values): string;
  /** "today 09:12" and the like. */
  when(ms: number, nowMs: number): string;
}

const made = new Map<Language, Speech>();
const locales = { en: 'en-GB', zh: 'zh-CN' } as const;

/** `timeZone` is the system's where it is not given. */
export function speak(language: Language, timeZone?: string): Speech {
  const before = timeZone === undefined ? made.get(language) : undefined;
  if (before !== undefined) return before;
  const speech = makeSpeech(language, timeZone);
  if (timeZone === undefined) made.set(language, speech);
  return speech;
}

function makeSpeech(language: Language, timeZone: string | undefined): Speech {
  const words: i18n = createInstance();
  void words.init({
    lng: language,
    resources: { en: { translation: en }, zh: { translation: zh } },
    initAsync: false,
    interpolation: { escapeValue: false, skipOnVariables: true },
  });
  const say = (key: string, values: Values = {}): string => {
    const shown = Object.entries(values).map(([name, value]) => [name, printable(value)]);
    return String(words.t(key, Object.fromEntries(shown)));
  };
  const when = (ms: number, nowMs: number) => sayWhen(ms, nowMs, { say, language, timeZone });
  const failure = ({ code, detail }: PlainFailure): string => {
    const why = `usage.${detail.why}`;
    if (code === 'usage' && words.exists(why)) return say(why);
    const known = `failure.${code}`;
    return words.exists(known) ? say(known) : say('failure.unknown', { code: code.slice(0, 60) });
  };
  return {
    language,
    failure,
    when,
    verdict: (judgement, nowMs) =>
      sayVerdict(judgement, {
        say,
        failure,
        when: (ms) => when(ms, nowMs),
        gate: (gate) => sayGate(gate, nowMs, say, language),
      }),
    notice: (key, values) => say(`notice.${key}`, values),
    menu: (key, values) => say(`menu.${key}`, values),
  };
}

interface Tongue {
  say(key: string, values?: Values): string;
  failure(failure: PlainFailure): string;
  when(ms: number): string;
  gate(gate: GateView): string;
}

function sayVerdict(judgement: Judgement, { say, failure, when, gate }: Tongue): string {
  const key = `verdict.${judgement.code}`;
  const timed = (ms: number | undefined, values: Values) =>
    ms === undefined ? say(`${key}Never`, values) : say(key, { ...values, when: when(ms) });
  switch (judgement.code) {
    case 'stale':
      return timed(judgement.lastGoodMs, { plan: judgement.plan, days: judgement.days });
    case 'interrupted':
      return timed(judgement.lastGoodMs, { plan: judgement.plan });
    case 'lastFailed':
      return timed(judgement.lastGoodMs, { plan: judgement.plan, failure: failure(judgement.failure) });
    case 'working': {
      const { plan, share, others } = judgement;
      if (others > 0) return say(`${key}More`, { plan, count: others });
      return share === undefined ? say(key, { plan }) : say(`${key}Share`, { plan, percent: percent(share) });
    }
    case 'waitingCommit': {
      const { plan } = judgement;
      const why = judgement.gate?.at === 'closed' ? gate(judgement.gate) : '';
      if (why !== '') return say(`${key}Gate`, { plan, gate: why });
      if (judgement.failure === undefined) return say(key, { plan });
      return say(`${key}Failed`, { plan, failure: failure(judgement.failure) });
    }
    case 'waitingStore': {
      const { plan, leftMs } = judgement;
      return say(key, { plan, failure: failure(judgement.failure), seconds: Math.ceil(leftMs / 1_000) });
    }
    case 'waitingTurn':
    case 'waitingLock': {
      const { plan, who, sinceMs, ahead } = judgement;
      const values = { plan, who, when: when(sinceMs) };
      return ahead === 0 ? say(key, values) : say(`${key}More`, { ...values, count: ahead });
    }
    case 'behind':
      return say(key, { plan: judgement.plan, behind: judgement.behind });
    case 'engineAgain':
      return say(key, { when: when(judgement.untilMs) });
    case 'paused': {
      const { untilMs } = judgement;
      return untilMs === undefined ? say(key) : say(`${key}Until`, { when: when(untilMs) });
    }
    case 'incomplete':
      return say(key, { plan: judgement.plan, count: judgement.errors });
    case 'pointIncomplete': {
      const { vault, savedMs, count } = judgement;
      return say(key, { vault, when: when(savedMs), count });
    }
    case 'vaultTrouble':
      return say(key, { vault: judgement.vault, failure: failure(judgement.failure) });
    case 'damage':
      return say(key, { vault: judgement.vault });
    case 'protected': {
      const { plans: count, sinceMs } = judgement;
      return count === 1
        ? say(key, { when: when(sinceMs) })
        : say(`${key}All`, { count, when: when(sinceMs) });
    }
    case 'engineGone':
    case 'empty':
      return say(key);
    default:
      return say(key, { plan: judgement.plan });
  }
}

/** "latency 480 ms, 6 % of probes lost, next look in 20 s"; the reason goes first, unless the figures say it. */
function sayGate(gate: GateView, nowMs: number, say: Tongue['say'], language: Language): string {
  const { roundTripMs, lossPercent, nextLookMs } = gate;
  const reason = gateReason(gate);
  const leftMs = (nextLookMs ?? nowMs) - nowMs;
  const latency = roundTripMs === undefined ? [] : [say('gate.latency', { ms: Math.round(roundTripMs) })];
  const lost = Math.round(lossPercent);
  const loss = lost > 0 ? [say('gate.loss', { percent: lost })] : [];
  const isSaid = (reason === 'slow-answers' ? latency : reason === 'failures' ? loss : []).length > 0;
  const parts = [
    ...(reason === undefined || isSaid ? [] : [say(`gate.${reason}`)]),
    ...(areFiguresTelling(reason) ? [...latency, ...loss] : []),
    ...(leftMs <= 0 ? [] : [say('gate.next', { seconds: Math.ceil(leftMs / 1_000) })]),
  ];
  return parts.join(language === 'zh' ? '，' : ', ');
}

const percent = (share: number): string => `${Math.floor(share * 100)} %`;

/** Names are hostile text: no control characters, and nothing that turns the direction of writing. */
function printable(value: string | number): string | number {
  if (typeof value === 'number') return value;
  return value.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '�');
}

interface Place {
  say(key: string, values?: Values): string;
  readonly language: Language;
  readonly timeZone: string | undefined;
}

function sayWhen(ms: number, nowMs: number, { say, language, timeZone }: Place): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const format = (at: number, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locales[language], { ...zone, ...options }).format(at);
  const day = (at: number) => format(at, { year: 'numeric', month: '2-digit', day: '2-digit' });
  const time = format(ms, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const dayMs = 86_400_000;
  if (day(ms) === day(nowMs)) return say('when.today', { time });
  if (day(ms) === day(nowMs - dayMs)) return say('when.yesterday', { time });
  if (day(ms) === day(nowMs + dayMs)) return say('when.tomorrow', { time });
  return format(ms, { year: 'numeric', month: 'long', day: 'numeric' });
}
