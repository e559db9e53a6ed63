/** How numbers, times and tables look to people. Locale-free, so that the same run looks the same everywhere. */

import { parseTime } from '../format/go-time.ts';
import type { TimeLeft } from '../machine/rate.ts';
import { columnsOf, padEnd, padStart } from './printable.ts';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `999 B`, `1.0 KiB`, `12.3 GiB`. */
export function showBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // Rounding must not make 1024.0 of a unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${Math.round(value)} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/** `1 234 567`: thousands apart. */
export function showCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ' ');
}

/** `1 file`, `2 files`, `3 entries`. */
export function showCounted(count: number, one: string, many = `${one}s`): string {
  return `${showCount(count)} ${count === 1 ? one : many}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 2 h`. */
export function showDuration(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return joinUnits(minutes, 'min', seconds % 60, 's');
  if (hours < 48) return joinUnits(hours, 'h', minutes % 60, 'min');
  return joinUnits(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `20-40 s left`, `3-5 min left`, `more than 2 h left`: never more exact than what is known. */
export function showTimeLeft({ leastMs, mostMs }: TimeLeft): string {
  const unit = unitFor(Number.isFinite(mostMs) ? mostMs : leastMs);
  const least = Math.floor(leastMs / unit.ms);
  if (!Number.isFinite(mostMs)) return `more than ${Math.max(1, least)} ${unit.name} left`;
  const most = Math.max(1, Math.ceil(mostMs / unit.ms));
  if (least === 0) return `less than ${most} ${unit.name} left`;
  return least >= most ? `about ${most} ${unit.name} left` : `${least}-${most} ${unit.name} left`;
}

function unitFor(ms: number): { name: string; ms: number } {
  if (ms < 90_000) return { name: 's', ms: 1000 };
  if (ms < 90 * 60_000) return { name: 'min', ms: 60_000 };
  return ms < 48 * 3_600_000 ? { name: 'h', ms: 3_600_000 } : { name: 'd', ms: 86_400_000 };
}

/** `2026-05-01 13:04:59` in local time. */
export function showTime(rfc3339: string): string {
  const local = new Date(Number(parseTime(rfc3339) / 1_000_000n));
  const pad = (part: number): string => String(part).padStart(2, '0');
  const date = `${local.getFullYear()}-${pad(local.getMonth() + 1)}-${pad(local.getDate())}`;
  return `${date} ${pad(local.getHours())}:${pad(local.getMinutes())}:${pad(local.getSeconds())}`;
}

export interface Column {
  readonly title: string;
  readonly align?: 'start' | 'end';
}

/** A table; a cell of several lines makes its row as tall. The cells must be printable already. */
export function showTable(
  columns: readonly Column[],
  rows: readonly (readonly (readonly string[])[])[],
): string[] {
  const widths = columns.map(({ title }, i) => {
    const cells = rows.flatMap((row) => row[i] ?? []);
    return cells.reduce((width, cell) => Math.max(width, columnsOf(cell)), columnsOf(title));
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => (align === 'end' ? padStart : padEnd)(cells[i] ?? '', widths[i]!))
      .join('  ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const body = rows.flatMap((row) => {
    const height = Math.max(1, ...row.map((cell) => cell.length));
    return Array.from({ length: height }, (_, at) => line(columns.map((_column, i) => row[i]?.[at] ?? '')));
  });
  return [line(columns.map(({ title }) => title)), rule, ...body];
}
