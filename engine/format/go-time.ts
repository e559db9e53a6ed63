/**
 * Times as Go writes them in RFC 3339: nanoseconds without trailing zeros, in the local zone of that instant.
 * What counts is the instant; the zone is only how restic writes it, and so a part of a tree's id.
 */

const billion = 1_000_000_000n;
const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Go's zero time: what restic writes where there is no time. */
export const zeroTime = '0001-01-01T00:00:00Z';

/** Minutes that local time is ahead of UTC; a fraction in zones of long ago. Asked once an hour of time. */
const zoneMinutes = new Map<number, number>();
const zonesKeptMax = 10_000;

function zoneMinutesAt(unixMs: number): number {
  // Zones change at full quarters of an hour only.
  const quarter = Math.floor(unixMs / 900_000);
  let minutes = zoneMinutes.get(quarter);
  if (minutes === undefined) {
    minutes = -new Date(quarter * 900_000).getTimezoneOffset();
    if (zoneMinutes.size >= zonesKeptMax) zoneMinutes.clear();
    zoneMinutes.set(quarter, minutes);
  }
  return minutes;
}

/** The instant, in nanoseconds since 1970 UTC, as text in the local zone. */
export function formatTime(unixNs: bigint): string {
  const nanos = ((unixNs % billion) + billion) % billion;
  const unixMs = Number((unixNs - nanos) / 1_000_000n);
  const minutes = zoneMinutesAt(unixMs);
  const date = clampedDate(unixMs + Math.round(minutes * 60_000));
  const fraction = nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${date}${fraction}${zoneText(minutes)}`;
}

/** `2006-01-02T15:04:05`, the year kept within the four digits that RFC 3339 has. */
function clampedDate(localMs: number): string {
  const iso = new Date(localMs).toISOString();
  if (iso.startsWith('-')) return `0000${iso.slice(7, 22)}`;
  return iso.startsWith('+') ? `9999${iso.slice(7, 22)}` : iso.slice(0, 19);
}

function zoneText(minutes: number): string {
  const whole = Math.trunc(Math.abs(minutes));
  if (minutes === 0) return 'Z';
  const pad = (part: number): string => String(part).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(Math.trunc(whole / 60))}:${pad(whole % 60)}`;
}

/** Nanoseconds since 1970 UTC. Throws on text that is no RFC 3339 time. */
export function parseTime(text: string): bigint {
  const parts = rfc3339.exec(text);
  if (parts === null) throw new Error('a time is not in RFC 3339 form');
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute] = parts;
  const moment = new Date(0);
  moment.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  moment.setUTCHours(Number(hour), Number(minute), Number(second));
  const zone =
    sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1);
  const unixMs = moment.getTime() - zone * 60_000;
  return BigInt(unixMs) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

/** Whether two texts name one instant. */
export function isSameInstant(a: string, b: string): boolean {
  return a === b || parseTime(a) === parseTime(b);
}
