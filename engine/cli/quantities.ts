/** Reads the quantities that people type: sizes, durations, counts and times. Each fails by returning undefined. */
import { parseTime } from '../format/go-time.ts';

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/** `512`, `10k`, `1.5G`, `4 MiB`: bytes, the units being binary as in restic. */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:i?b)?$/i.exec(text.trim());
  if (parts === null) return undefined;
  const bytes = Math.floor(Number(parts[1]) * unitBytes[parts[2]!.toLowerCase()]!);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `5m`, `1h30m`: milliseconds. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    ms += Number(number) * unitMs[unit!]!;
  }
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}

export function parseCount(text: string): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

/** Go's notion of a truth in the environment; undefined for what is none. */
export function parseTruth(text: string): boolean | undefined {
  if (['1', 't', 'true'].includes(text.toLowerCase())) return true;
  return ['0', 'f', 'false'].includes(text.toLowerCase()) ? false : undefined;
}

const yearFirst = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d)(?::(\d\d))?)?(?: ([+-]\d{4}))?$/;
const dayFirst = /^(\d\d)\.(\d\d)\.(\d{4})(?: (\d\d):(\d\d)(?::(\d\d))?)?(?: ([+-]\d{4}))?$/;

/**
 * A moment in restic's forms (`2012-11-01 22:08:41` in local time, shorter ones, `01.11.2012`, with a zone such as
 * `+0100`), in RFC 3339, or `now`: nanoseconds since 1970 UTC.
 */
export function parseMoment(text: string, nowNs: bigint): bigint | undefined {
  if (text === 'now') return nowNs;
  const byYear = yearFirst.exec(text);
  if (byYear !== null) {
    const [, year, month, day, ...rest] = byYear;
    return momentNs([year, month, day], rest);
  }
  const byDay = dayFirst.exec(text);
  if (byDay !== null) {
    const [, day, month, year, ...rest] = byDay;
    return momentNs([year, month, day], rest);
  }
  try {
    return parseTime(text);
  } catch {
    return undefined;
  }
}

function momentNs(
  date: readonly (string | undefined)[],
  rest: readonly (string | undefined)[],
): bigint | undefined {
  const [year = 0, month = 0, day = 0] = date.map(Number);
  const [hour = 0, minute = 0, second = 0] = rest.slice(0, 3).map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const zone = rest[3];
  if (zone === undefined) {
    const local = new Date(2000, 0, 1, hour, minute, second);
    local.setFullYear(year, month - 1, day);
    return BigInt(local.getTime()) * 1_000_000n;
  }
  const minutes = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3))) * (zone.startsWith('-') ? -1 : 1);
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  moment.setUTCHours(hour, minute - minutes, second);
  return BigInt(moment.getTime()) * 1_000_000n;
}

function daysIn(year: number, month: number): number {
  const last = new Date(0);
  last.setUTCFullYear(year, month, 0);
  return last.getUTCDate();
}
