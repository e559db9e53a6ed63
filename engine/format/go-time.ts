/**
 * Times as Go writes them in RFC 3339: nanoseconds without trailing zeros, in the local zone of that instant.
 * What counts is the instant; the zone is only how restic writes it, and so a part of a tree's id.
 */

const billion = 1_000_000_000n;
const fractionDigitsMax = 12;
const daySeconds = 86_400;

/** Go's zero time: what restic writes where there is no time. */
export const zeroTime = '0001-01-01T00:00:00Z';

/** From 1 March of the year 0 to 1970. */
const daysFromYear0 = 719_468;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Years recur every 400: the same days of the week, the same rules of a zone. */
const cycleSeconds = 146_097n * 86_400n;

/** From 1973 on, every zone is ahead of UTC by whole minutes, which `getTimezoneOffset` knows. */
const plainTimesMs = { from: Date.UTC(1973, 0), to: Date.UTC(9999, 0) };

/** The instant, in nanoseconds since 1970 UTC, as text in the local zone; the year is kept within 0 to 9999. */
export function formatTime(unixNs: bigint): string {
  const ms = Number(unixNs / 1_000_000n);
  if (ms < plainTimesMs.from || ms >= plainTimesMs.to) return formatOddTime(unixNs);
  const zoneMinutes = -new Date(ms).getTimezoneOffset();
  const localSeconds = Math.floor(ms / 1000) + zoneMinutes * 60;
  const day = dayText(Math.floor(localSeconds / daySeconds));
  const time = timeText(localSeconds % daySeconds);
  return `${day}T${time}${fractionText(Number(unixNs % billion))}${zoneText(zoneMinutes * 60)}`;
}

/** As text, of days since 1970: a tree has three times for each file, and they are of few days. */
const dayTexts = new Map<number, string>();
const dayTextsMax = 8_192;

function dayText(day: number): string {
  let text = dayTexts.get(day);
  if (text === undefined) {
    if (dayTexts.size >= dayTextsMax) dayTexts.clear();
    text = new Date(day * daySeconds * 1000).toISOString().slice(0, 10);
    dayTexts.set(day, text);
  }
  return text;
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

function timeText(secondOfDay: number): string {
  const minute = Math.floor(secondOfDay / 60);
  return `${twoDigits[Math.floor(minute / 60)]}:${twoDigits[minute % 60]}:${twoDigits[secondOfDay % 60]}`;
}

/** The same for any time. */
function formatOddTime(unixNs: bigint): string {
  const nanos = ((unixNs % billion) + billion) % billion;
  const local = new Date(withinDateRange((unixNs - nanos) / billion) * 1000);
  if (local.getFullYear() > 9999) local.setFullYear(9999);
  if (local.getFullYear() < 0) local.setFullYear(0);
  const zoneSeconds = zoneSecondsAt(local);
  const date = new Date(local.getTime() + zoneSeconds * 1000).toISOString().slice(0, 19);
  return `${date}${fractionText(Number(nanos))}${zoneText(zoneSeconds)}`;
}

function fractionText(nanos: number): string {
  if (nanos === 0) return '';
  let digits = nanos;
  let count = 9;
  for (; digits % 10 === 0; count--) digits /= 10;
  return `.${String(digits).padStart(count, '0')}`;
}

/** A file system may hold times beyond what a Date does; their year is far out of bounds in either form. */
function withinDateRange(unixSeconds: bigint): number {
  const far = 30n * cycleSeconds;
  if (unixSeconds > far) return Number(far + (unixSeconds % cycleSeconds));
  if (unixSeconds < -far) return Number(-far + (unixSeconds % cycleSeconds));
  return Number(unixSeconds);
}

/** How far local time is ahead of UTC. `getTimezoneOffset` loses the seconds that zones of long ago had. */
function zoneSecondsAt(date: Date): number {
  const asUtc = new Date(0);
  asUtc.setUTCFullYear(date.getFullYear(), date.getMonth(), date.getDate());
  asUtc.setUTCHours(date.getHours(), date.getMinutes(), date.getSeconds());
  return (asUtc.getTime() - date.getTime()) / 1000;
}

function zoneText(seconds: number): string {
  if (seconds === 0) return 'Z';
  const minutes = Math.trunc(seconds / 60);
  const pad = (part: number): string => String(Math.abs(part)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(Math.trunc(minutes / 60))}:${pad(minutes % 60)}`;
}

/** Nanoseconds since 1970 UTC. Throws on text that is no RFC 3339 time. */
export function parseTime(text: string): bigint {
  return (
    BigInt(secondsOf(text)) * billion + BigInt(text.slice(20, endOfFraction(text)).slice(0, 9).padEnd(9, '0'))
  );
}

/** Throws as `parseTime` does. For the many times that nobody asks for. */
export function checkTime(text: string): void {
  secondsOf(text);
}

/** Whole seconds since 1970 UTC. (A regular expression costs more than the rest of a node.) */
function secondsOf(text: string): number {
  const days = unixDays(
    numberAt(text, 0, 4, 9999),
    numberAt(text, 5, 2, 12, '-'),
    numberAt(text, 8, 2, 31, '-'),
  );
  const hours = days * 24 + numberAt(text, 11, 2, 23, 'T');
  const minutes = hours * 60 + numberAt(text, 14, 2, 59, ':');
  const seconds = minutes * 60 + numberAt(text, 17, 2, 59, ':');
  return seconds - zoneSecondsIn(text, endOfFraction(text));
}

/** Where a time's fraction ends, which may have no digits and no point. */
function endOfFraction(text: string): number {
  if (text[19] !== '.') return 19;
  let end = 20;
  while (isDigit(text.charCodeAt(end))) end++;
  if (end === 20 || end > 20 + fractionDigitsMax) throw notRfc3339();
  return end;
}

function zoneSecondsIn(text: string, at: number): number {
  const sign = text[at];
  if (text.length !== at + (sign === 'Z' ? 1 : 6)) throw notRfc3339();
  if (sign === 'Z') return 0;
  if (sign !== '+' && sign !== '-') throw notRfc3339();
  const minutes = numberAt(text, at + 1, 2, 23) * 60 + numberAt(text, at + 4, 2, 59, ':');
  return (sign === '-' ? -60 : 60) * minutes;
}

/** So many digits, which say no more than `max`, after the character `before`. */
function numberAt(text: string, at: number, digits: number, max: number, before = ''): number {
  let number = before === '' || text[at - 1] === before ? 0 : Number.NaN;
  for (let i = at; i < at + digits; i++) {
    const code = text.charCodeAt(i);
    number = isDigit(code) ? number * 10 + code - 0x30 : Number.NaN;
  }
  if (!(number <= max)) throw notRfc3339();
  return number;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function notRfc3339(): Error {
  return new Error('a time is not in RFC 3339 form');
}

/** Days from 1970 to a day of the Gregorian calendar. (A `Date` could count them, but costs more than the rest of a node.) */
function unixDays(year: number, month: number, day: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const length = month === 2 ? (isLeap ? 29 : 28) : (monthDays[month - 1] ?? 0);
  if (day < 1 || day > length) throw new Error('a time names a day that no calendar has');
  // Years begin in March: the day that some do not have is then the last one.
  const years = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + dayOfYear - daysFromYear0;
}

/** Whether two texts name one instant. */
export function isSameInstant(a: string, b: string): boolean {
  return a === b || parseTime(a) === parseTime(b);
}
