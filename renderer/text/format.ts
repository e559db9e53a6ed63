/** Numbers, sizes, dates and durations as the person's language writes them. Pure; sizes are binary, times in ms. */

const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export interface Format {
  number(value: number): string;
  /** One decimal, but for plain bytes. */
  bytes(value: number): string;
  percent(share: number): string;
  dateTime(ms: number): string;
  relative(ms: number, nowMs: number): string;
  duration(ms: number): string;
  milliseconds(ms: number): string;
  /** In milliseconds, from a second on in seconds. */
  latency(ms: number): string;
  /** `6–9 min`, or `1 min`: both ends in the unit of the longer one. */
  range(leastMs: number, mostMs: number): string;
}

type TimeUnit = 'second' | 'minute' | 'hour' | 'day';

function unitFor(ms: number): readonly [TimeUnit, number] {
  if (ms < minuteMs) return ['second', 1_000];
  if (ms < 90 * minuteMs) return ['minute', minuteMs];
  return ms < 2 * dayMs ? ['hour', hourMs] : ['day', dayMs];
}

export function createFormat(language: string): Format {
  const locale = language === 'zh' ? 'zh-CN' : language;
  const plain = new Intl.NumberFormat(locale);
  const oneDecimal = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const ago = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const inUnit = (unit: TimeUnit | 'millisecond', digits: number): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    });
  return {
    number: (value) => plain.format(value),
    bytes: (value) => {
      const step = value < 1_024 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), sizeUnits.length - 1);
      const amount = step === 0 ? plain.format(value) : oneDecimal.format(value / 1_024 ** step);
      return `${amount} ${sizeUnits[step]}`;
    },
    percent: (value) => share.format(value),
    dateTime: (ms) => full.format(ms),
    relative: (ms, nowMs) => {
      const distance = ms - nowMs;
      if (Math.abs(distance) < minuteMs / 2) return ago.format(0, 'second');
      const [unit, size] = unitFor(Math.abs(distance));
      return ago.format(Math.round(distance / size), unit);
    },
    duration: (ms) => {
      const [unit, size] = unitFor(ms);
      return inUnit(unit, unit === 'hour' ? 1 : 0).format(Math.max(ms / size, unit === 'second' ? 1 : 0));
    },
    milliseconds: (ms) => inUnit('millisecond', 0).format(ms),
    latency: (ms) =>
      ms < 1_000 ? inUnit('millisecond', 0).format(ms) : inUnit('second', 1).format(ms / 1_000),
    range: (leastMs, mostMs) => {
      const [unit, size] = unitFor(mostMs);
      const format = inUnit(unit, unit === 'hour' ? 1 : 0);
      const [least, most] = [Math.round(leastMs / size), Math.ceil(mostMs / size)].map((n) => Math.max(1, n));
      // Of a range without a width, `formatRange` makes "~1 min".
      return least === most ? format.format(most!) : format.formatRange(least!, most!);
    },
  };
}
