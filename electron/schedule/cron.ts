/**
 * When a cron expression comes next: pure. node-cron parses it; the days are searched here, since node-cron only tells
 * what comes next from now. Times are the machine's local ones.
 */
import { parse } from 'node-cron';

/** Four years and a day: a 29th of February is found. */
const daysMax = 1_462;

interface Fields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  isDay(dayOfMonth: number, dayOfWeek: number): boolean;
}

/** Undefined where it is not five fields of plain cron. */
function readCron(expression: string): Fields | undefined {
  if (expression.trim().split(/\s+/).length !== 5) return undefined;
  try {
    const { minute, hour, month, dayOfMonth, dayOfWeek } = parse(expression);
    const daysOfMonth = dayOfMonth.filter((day) => typeof day === 'number');
    const daysOfWeek = dayOfWeek.filter((day) => typeof day === 'number');
    // `L` and `#` are node-cron's own.
    if (daysOfMonth.length < dayOfMonth.length || daysOfWeek.length < dayOfWeek.length) return undefined;
    const isAnyDay = daysOfMonth.length === 31;
    const isAnyWeekday = new Set(daysOfWeek).size === 7;
    return {
      minutes: minute.toSorted((a, b) => a - b),
      hours: hour.toSorted((a, b) => a - b),
      months: new Set(month),
      // cron's old rule: where both are restricted, either will do.
      isDay: (day, weekday) =>
        isAnyDay || isAnyWeekday
          ? daysOfMonth.includes(day) && daysOfWeek.includes(weekday)
          : daysOfMonth.includes(day) || daysOfWeek.includes(weekday),
    };
  } catch {
    return undefined;
  }
}

export function isCron(expression: string): boolean {
  return readCron(expression) !== undefined;
}

/**
 * The first time after `afterMs`, or undefined where there is none. An hour that daylight saving skips comes right after
 * the gap, one that comes twice counts once.
 */
export function nextCronMs(expression: string, afterMs: number): number | undefined {
  const fields = readCron(expression);
  if (fields === undefined) return undefined;
  const after = new Date(afterMs);
  for (let days = 0; days < daysMax; days++) {
    // Noon: there is one on every day.
    const day = new Date(after.getFullYear(), after.getMonth(), after.getDate() + days, 12);
    if (!fields.months.has(day.getMonth() + 1) || !fields.isDay(day.getDate(), day.getDay())) continue;
    const found = firstOfDay(fields, day, afterMs);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstOfDay({ hours, minutes }: Fields, day: Date, afterMs: number): number | undefined {
  let first: number | undefined;
  for (const hour of hours) {
    for (const minute of minutes) {
      const ms = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute).getTime();
      if (ms > afterMs && (first === undefined || ms < first)) first = ms;
    }
  }
  return first;
}
