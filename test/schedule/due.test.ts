import { expect, test } from 'vitest';
import { isCron, nextCronMs } from '../../electron/schedule/cron.ts';
import { type DueFacts, nextDue } from '../../electron/schedule/due.ts';
import type { Schedule } from '../../engine/protocol/settings.ts';

// Daylight saving begins on 2026-03-29 and ends on 2026-10-25.
process.env.TZ = 'Europe/Berlin';

const at = (text: string) => Date.parse(text);
const hourMs = 3_600_000;
const show = (ms: number | undefined) =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);

test.each([
  ['0 9 * * *', '2026-05-06T09:30+02:00', '2026-05-07T07:00'],
  ['0 9 * * *', '2026-05-06T09:00+02:00', '2026-05-07T07:00'],
  ['0 9 * * *', '2026-05-06T08:59+02:00', '2026-05-06T07:00'],
  ['*/15 * * * *', '2026-05-06T09:01+02:00', '2026-05-06T07:15'],
  ['0 12 * * 1', '2026-05-06T09:00+02:00', '2026-05-11T10:00'],
  ['0 12 * * 7', '2026-05-06T09:00+02:00', '2026-05-10T10:00'],
  ['0 12 1 * *', '2026-12-06T09:00+01:00', '2027-01-01T11:00'],
  ['0 12 29 2 *', '2026-05-06T09:00+02:00', '2028-02-29T11:00'],
  // Where both are restricted, either will do.
  ['0 12 13 * 5', '2026-05-06T09:00+02:00', '2026-05-08T10:00'],
  ['0 12 13 * 5', '2026-05-09T09:00+02:00', '2026-05-13T10:00'],
  // The hour that is skipped comes right after the gap, and the next day is as ever.
  ['30 2 * * *', '2026-03-28T12:00+01:00', '2026-03-29T01:30'],
  ['30 2 * * *', '2026-03-29T12:00+02:00', '2026-03-30T00:30'],
  // The hour that comes twice counts once.
  ['30 2 * * *', '2026-10-24T12:00+02:00', '2026-10-25T00:30'],
  ['30 2 * * *', '2026-10-25T02:30+02:00', '2026-10-26T01:30'],
  ['0 0 * * *', '2026-10-25T00:00+02:00', '2026-10-25T23:00'],
])('cron %s after %s', (cron, after, expected) => {
  expect(show(nextCronMs(cron, at(after)))).toBe(expected);
});

test.each([
  ['*/5 9-17 * * 1-5', true],
  ['0 0 1 jan mon', true],
  ['0 0 0 * * *', false],
  ['61 * * * *', false],
  ['0 0 L * *', false],
  ['0 0 * * 1#2', false],
  ['@daily', false],
  ['', false],
])('%s is cron: %s', (cron, expected) => {
  expect(isCron(cron)).toBe(expected);
  if (!expected) expect(nextCronMs(cron, 0)).toBeUndefined();
});

const nowMs = at('2026-05-06T12:00+02:00');
const facts: DueFacts = {
  nowMs,
  lastRunMs: undefined,
  setMs: nowMs - 100 * hourMs,
  loginMs: undefined,
  startedMs: nowMs - 1_000 * hourMs,
};

test.each<[string, Partial<Schedule>, Partial<DueFacts>, number | undefined, string | undefined]>([
  ['only by hand', {}, {}, undefined, undefined],
  ['every 4 hours', { everyHours: 4 }, { lastRunMs: nowMs - hourMs }, 3, 'schedule'],
  ['every 4 hours, just due', { everyHours: 4 }, { lastRunMs: nowMs - 4 * hourMs }, 0, 'schedule'],
  ['slept through it', { everyHours: 4 }, { lastRunMs: nowMs - 9 * hourMs }, -5, 'catch-up'],
  ['slept through many: one', { cron: '0 9 * * *' }, { lastRunMs: nowMs - 75 * hourMs }, -75, 'catch-up'],
  ['cron ahead', { cron: '0 13 * * *' }, { lastRunMs: nowMs - hourMs }, 1, 'schedule'],
  ['the earlier of two', { cron: '0 15 * * *', everyHours: 2 }, { lastRunMs: nowMs - hourMs }, 1, 'schedule'],
  ['set just now: not at once', { everyHours: 4 }, { setMs: nowMs }, 4, 'schedule'],
  [
    'a new time that passed today waits',
    { cron: '0 9 * * *' },
    { setMs: nowMs, lastRunMs: nowMs - 90 * hourMs },
    21,
    'schedule',
  ],
  ['login, never run', { onLogin: true }, { loginMs: nowMs }, 1 / 60, 'login'],
  [
    'login, fresh',
    { onLogin: true },
    { loginMs: nowMs, lastRunMs: nowMs - hourMs / 2 },
    undefined,
    undefined,
  ],
  ['login, not fresh', { onLogin: true }, { loginMs: nowMs, lastRunMs: nowMs - hourMs }, 1 / 60, 'login'],
  ['no login', { onLogin: true }, {}, undefined, undefined],
  [
    'missed before the start: settles',
    { everyHours: 1 },
    { startedMs: nowMs, lastRunMs: nowMs - 9 * hourMs },
    1 / 60,
    'catch-up',
  ],
  [
    'never run, known from the start',
    { everyHours: 4 },
    { startedMs: nowMs, setMs: Number.NEGATIVE_INFINITY },
    1 / 60,
    'catch-up',
  ],
  [
    'the same by cron',
    { cron: '0 9 * * *' },
    { startedMs: nowMs, setMs: Number.NEGATIVE_INFINITY },
    1 / 60,
    'catch-up',
  ],
])('due: %s', (_, schedule, change, hours, cause) => {
  const due = nextDue({ onLogin: false, ...schedule }, { ...facts, ...change });
  expect(due?.cause).toBe(cause);
  if (due === undefined || hours === undefined) return expect([due, hours]).toEqual([undefined, undefined]);
  // Of what is overdue only that matters.
  if (hours < 0) expect(due.ms).toBeLessThanOrEqual(nowMs);
  else expect(due.ms).toBe(nowMs + hours * hourMs);
});
