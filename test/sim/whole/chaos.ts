/**
 * What may go wrong in one history, and how often: each class of faults is in some histories and not in others, so that
 * rare ones are not always hidden by common ones. All of it follows from the seed.
 */
import type { Dice } from '../locks/virtual-time.ts';

/** What may become of one request to the store. */
export const requestFaults = [
  'reset',
  'lost-answer',
  'silence',
  'late',
  'busy',
  'portal',
  'refused',
  'full',
  'false-answer',
  'cut-off',
] as const;
export type RequestFault = (typeof requestFaults)[number];

export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly isSilent: boolean;
  /** The system says that there is no network. */
  readonly isTold: boolean;
}

export interface Chaos {
  /** How long it lasts, virtual milliseconds; then everything is well. */
  readonly chaosMs: number;
  /** The store is a folder of this machine. */
  readonly isNear: boolean;
  readonly rates: Readonly<Record<RequestFault, number>>;
  readonly outages: readonly Outage[];
  readonly lagMs: number;
  readonly latencyMs: number;
  /** How long a pack is on its way at most, where the line is slow. */
  readonly packMs: number;
  readonly rivals: number;
  readonly mayUnlockAll: boolean;
  readonly crashes: number;
  readonly sleeps: number;
  /** Of packs in the spool, when the power fails. */
  readonly tearRate: number;
  readonly spoolQuotaBytes: number;
  readonly changesSources: boolean;
  readonly isRushed: boolean;
  /** Some of those who wait at the gate go away. */
  readonly mayGiveUp: boolean;
}

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export function chaosOf(dice: Dice): Chaos {
  const chaosMs = dice.pick([20 * minuteMs, hourMs, 3 * hourMs, 8 * hourMs]);
  const isNear = dice.isLucky(0.1);
  const isCalm = dice.isLucky(0.1);
  const rates = Object.fromEntries(
    requestFaults.map((fault) => {
      const isOn = !isCalm && dice.isLucky(0.4);
      const rate = 10 ** dice.between(-2.5, -0.8);
      return [fault, isOn ? rate : 0];
    }),
  ) as Record<RequestFault, number>;
  return {
    chaosMs,
    isNear,
    rates,
    outages: isNear || isCalm ? [] : outagesOf(dice, chaosMs),
    lagMs: isNear || dice.isLucky(0.6) ? 0 : dice.pick([500, 3_000, 15_000]),
    latencyMs: isNear ? 1 : dice.pick([5, 40, 300]),
    packMs: dice.isLucky(0.7) ? 0 : dice.pick([5_000, 60_000, 200_000]),
    rivals: dice.isLucky(0.4) ? 0 : dice.isLucky(0.7) ? 1 : 2,
    mayUnlockAll: dice.isLucky(0.5),
    crashes: dice.isLucky(0.3) ? 0 : 1 + Math.floor(dice.between(0, 4)),
    sleeps: dice.isLucky(0.6) ? 0 : 1 + Math.floor(dice.between(0, 2)),
    tearRate: dice.isLucky(0.7) ? 0 : dice.between(0.05, 0.5),
    spoolQuotaBytes: dice.isLucky(0.7) ? 1e9 : dice.between(100, 40_000),
    changesSources: dice.isLucky(0.7),
    isRushed: dice.isLucky(0.3),
    mayGiveUp: true,
  };
}

function outagesOf(dice: Dice, chaosMs: number): Outage[] {
  if (dice.isLucky(0.4)) return [];
  return Array.from({ length: 1 + Math.floor(dice.between(0, 3)) }, () => {
    const fromMs = dice.between(0, chaosMs);
    const lengthMs = dice.pick([3_000, 30_000, 5 * minuteMs, hourMs, 3 * hourMs]);
    const untilMs = Math.min(chaosMs, fromMs + lengthMs);
    return { fromMs, untilMs, isSilent: dice.isLucky(0.4), isTold: dice.isLucky(0.5) };
  });
}
