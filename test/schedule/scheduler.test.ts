import { expect, test, vi } from 'vitest';
import { createScheduler, everyMinute } from '../../electron/schedule/scheduler.ts';
import type { Plan, Schedule } from '../../engine/protocol/settings.ts';

process.env.TZ = 'Europe/Berlin';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function planOf(id: string, schedule: Partial<Schedule>): Plan {
  return {
    id,
    name: id,
    vaultId: 'v',
    sources: ['/'],
    excludes: [],
    schedule: { onLogin: false, ...schedule },
  };
}

function createWorld(start = '2026-05-06T08:00+02:00') {
  let nowMs = Date.parse(start);
  let tick = () => {};
  let isStopped = false;
  const scheduler = createScheduler({
    clock: { nowMs: () => nowMs },
    everyMinute: (run) => {
      tick = run;
      return () => {
        isStopped = true;
      };
    },
  });
  const told: string[] = [];
  scheduler.onDue((planId, cause) => told.push(`${planId} ${cause}`));
  return {
    ...{ scheduler, told },
    nowMs: () => nowMs,
    isStopped: () => isStopped,
    /** Awake: a tick each minute. */
    pass(minutes: number) {
      for (let n = 0; n < minutes; n++) {
        nowMs += minuteMs;
        tick();
      }
    },
    sleep: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('every N hours and cron, each time once', () => {
  const { scheduler, told, pass, nowMs } = createWorld();
  scheduler.ran('hours', nowMs());
  scheduler.ran('nine', nowMs());
  scheduler.set([
    planOf('hours', { everyHours: 2 }),
    planOf('nine', { cron: '0 9 * * *' }),
    planOf('hand', {}),
  ]);
  expect(scheduler.nextMs('hours')).toBe(nowMs() + 2 * hourMs);
  expect([scheduler.nextMs('hand'), scheduler.nextMs('none')]).toEqual([undefined, undefined]);
  pass(5 * 60);
  expect(told).toEqual(['nine schedule', 'hours schedule', 'hours schedule']);
});

test('sleep over many times is one catch-up, at once on waking', () => {
  const { scheduler, told, pass, sleep, nowMs } = createWorld();
  scheduler.ran('a', nowMs());
  scheduler.set([planOf('a', { everyHours: 1, cron: '30 * * * *' })]);
  sleep(50 * hourMs);
  scheduler.tell('resume');
  scheduler.tell('resume');
  pass(5);
  expect(told).toEqual(['a catch-up']);
});

test('a night of daylight saving misses nothing and repeats nothing', () => {
  for (const start of ['2026-03-28T12:00+01:00', '2026-10-24T12:00+02:00']) {
    const { scheduler, told, pass, nowMs } = createWorld(start);
    scheduler.ran('a', nowMs());
    scheduler.set([planOf('a', { cron: '30 2 * * *' })]);
    pass(3 * 24 * 60);
    expect(told).toEqual(['a schedule', 'a schedule', 'a schedule']);
  }
});

test('a login: after it has settled, once a session, not where it is fresh', () => {
  const { scheduler, told, pass, nowMs } = createWorld();
  scheduler.ran('fresh', nowMs() - 10 * minuteMs);
  scheduler.set([planOf('a', { onLogin: true }), planOf('fresh', { onLogin: true }), planOf('not', {})]);
  pass(5);
  expect(told).toEqual([]);
  scheduler.tell('session-started');
  scheduler.tell('resume');
  expect(told).toEqual([]);
  pass(300);
  expect(told).toEqual(['a login']);
  scheduler.tell('session-started');
  pass(5);
  expect(told).toEqual(['a login', 'a login', 'fresh login']);
});

test('a run by hand counts; a changed schedule counts from its change', () => {
  const { scheduler, told, pass, nowMs } = createWorld();
  scheduler.ran('a', nowMs());
  scheduler.set([planOf('a', { everyHours: 2 })]);
  pass(90);
  scheduler.ran('a', nowMs());
  pass(90);
  expect(told).toEqual([]);
  scheduler.set([planOf('a', { cron: '0 9 * * *' })]);
  pass(60);
  expect(told).toEqual([]);
});

test('a clock that was far ahead does not put runs off', () => {
  const { scheduler, told, pass, nowMs } = createWorld();
  scheduler.ran('a', nowMs() + 1_000 * hourMs);
  scheduler.set([planOf('a', { everyHours: 1 })]);
  pass(62);
  expect(told).toEqual(['a schedule']);
});

test('what was removed is not told; stopping stops the tick', () => {
  const { scheduler, told, pass, isStopped } = createWorld();
  scheduler.set([planOf('a', { everyHours: 1 })]);
  scheduler.set([]);
  pass(200);
  expect(told).toEqual([]);
  scheduler.stop();
  expect(isStopped()).toBe(true);
});

test('node-cron ticks each minute, goes on after a sleep, and stops', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-05-06T08:00:30Z') });
  try {
    let ticks = 0;
    const stop = everyMinute(() => ticks++);
    await vi.advanceTimersByTimeAsync(3 * minuteMs);
    expect(ticks).toBe(3);
    vi.setSystemTime(Date.parse('2026-05-06T20:00:30Z'));
    await vi.advanceTimersByTimeAsync(3 * minuteMs);
    expect(ticks).toBeGreaterThanOrEqual(5);
    const before = ticks;
    stop();
    await vi.advanceTimersByTimeAsync(3 * minuteMs);
    expect(ticks).toBe(before);
  } finally {
    vi.useRealTimers();
  }
});
