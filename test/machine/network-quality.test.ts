import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type NetworkEvent,
  type NetworkLevel,
  type NetworkQuality,
  nextProbeMs,
  startNetworkQuality,
  stepNetworkQuality,
} from '../../engine/machine/network-quality.ts';

interface Moment {
  readonly atMs: number;
  readonly event: NetworkEvent;
}

const ok = (roundTripMs = 40): NetworkEvent => ({ type: 'sample', outcome: 'ok', roundTripMs });
const failed: NetworkEvent = { type: 'sample', outcome: 'failed' };
const foreign: NetworkEvent = { type: 'sample', outcome: 'foreign' };

/** Plays events, a tick each second in between; the levels as they changed, with their times in seconds. */
function play(
  moments: readonly Moment[],
  from?: NetworkQuality,
): { quality: NetworkQuality; changes: string[] } {
  let quality = from ?? startNetworkQuality(0);
  const changes: string[] = [];
  let nowMs = 0;
  const step = (event: NetworkEvent, atMs: number): void => {
    const before = quality.level;
    quality = stepNetworkQuality(quality, event, atMs);
    if (quality.level !== before) changes.push(`${Math.round(atMs / 1000)} ${quality.level}`);
  };
  for (const { atMs, event } of moments) {
    for (nowMs = Math.ceil((nowMs + 1) / 1000) * 1000; nowMs < atMs; nowMs += 1000)
      step({ type: 'tick' }, nowMs);
    nowMs = atMs;
    step(event, atMs);
  }
  return { quality, changes };
}

/** A sample every `everyMs`, what it is decided by its time in seconds. */
function series(seconds: number, eventAt: (second: number) => NetworkEvent, everyMs = 5_000): Moment[] {
  return Array.from({ length: Math.floor((seconds * 1000) / everyMs) }, (_, i) => {
    const atMs = i * everyMs + 500;
    return { atMs, event: eventAt(atMs / 1000) };
  });
}

describe('the quality of a network', () => {
  it('is good after three answers on a stable one, and stays it', () => {
    expect(play(series(3_600, () => ok())).changes).toEqual(['11 good']);
  });

  it('is unmoved by one spike or one failure', () => {
    expect(play(series(600, (at) => (at > 300 && at < 305 ? ok(30_000) : ok()))).changes).toEqual([
      '11 good',
    ]);
    expect(play(series(600, (at) => (at > 300 && at < 305 ? failed : ok()))).changes).toEqual(['11 good']);
    expect(play(series(600, (at) => (at > 300 && at < 305 ? foreign : ok()))).changes).toEqual(['11 good']);
  });

  it('becomes weak once while it decays slowly, and names the reason', () => {
    const { changes, quality } = play(series(1_800, (at) => ok(40 + at * 5)));
    expect(changes).toEqual(['11 good', expect.stringMatching(/weak$/)]);
    expect(quality.why).toBe('slow-answers');
  });

  it('is good again soon after a store was slow for a while, also where it is asked seldom', () => {
    const { changes } = play(series(600, (at) => (at > 100 && at < 200 ? ok(6_000) : ok(5)), 10_000));
    expect(changes).toEqual(['21 good', '111 weak', '251 good']);
  });

  it('is weak where every other answer is late', () => {
    let isLate = false;
    const jittery = (at: number): NetworkEvent => {
      isLate = !isLate;
      return ok(at > 60 && isLate ? 4_000 : 100);
    };
    const { quality } = play(series(600, jittery));
    expect([quality.level, quality.why]).toEqual(['weak', 'slow-answers']);
  });

  it('is weak where transfers crawl', () => {
    const crawl: NetworkEvent = { type: 'sample', outcome: 'ok', roundTripMs: 100, bytesPerSecond: 2_000 };
    const { quality } = play(series(300, (at) => (at > 60 ? crawl : ok())));
    expect([quality.level, quality.why]).toEqual(['weak', 'slow-transfer']);
  });

  it('is offline without a route at once, and after three failures', () => {
    const away = play([
      ...series(60, () => ok()),
      { atMs: 61_000, event: { type: 'route', hasRoute: false } },
    ]);
    expect([away.quality.level, away.quality.why]).toEqual(['offline', 'no-route']);
    const dead = play(series(120, (at) => (at > 60 ? failed : ok()))).quality;
    expect([dead.level, dead.why]).toEqual(['offline', 'no-answer']);
  });

  it('believes a store that answers twice more than a system that never said there is a route again', () => {
    const away: Moment = { atMs: 61_000, event: { type: 'route', hasRoute: false } };
    const answers = (count: number): Moment[] =>
      series(5 * count, () => ok()).map(({ atMs, event }) => ({ atMs: 61_500 + atMs, event }));
    const levelAfter = (count: number): NetworkLevel =>
      play([...series(60, () => ok()), away, ...answers(count)]).quality.level;
    expect([1, 2, 12].map(levelAfter)).toEqual(['offline', 'weak', 'good']);
  });

  it('takes a portal for no network', () => {
    const { quality, changes } = play(series(120, (at) => (at > 60 ? foreign : ok())));
    expect([quality.level, quality.why]).toEqual(['offline', 'portal']);
    expect(changes.at(-1)).toMatch(/offline$/);
  });

  it('is good again soon after one long outage', () => {
    const { changes } = play(series(5 * 3_600, (at) => (at > 600 && at < 4 * 3_600 ? failed : ok())));
    const [, , , weak, good] = changes.map((change) => Number.parseInt(change, 10));
    expect(changes.map((change) => change.split(' ')[1])).toEqual([
      'good',
      'weak',
      'offline',
      'weak',
      'good',
    ]);
    expect(weak! - 4 * 3_600).toBeLessThanOrEqual(10);
    expect(good! - 4 * 3_600).toBeLessThanOrEqual(20);
  });

  it.each([
    ['20 s up, 20 s down', 40, 20],
    ['a VPN that flaps every 45 s', 90, 45],
    ['3 min up, 20 s down', 200, 180],
    ['1 min up, 1 min down', 120, 60],
  ])('turns good or ceases to at most once in 5 minutes: %s', (_, period, up) => {
    const seconds = 3_600;
    const { changes } = play(series(seconds, (at) => (at % period < up ? ok() : failed)));
    let wasGood = false;
    let turns = 0;
    for (const change of changes) {
      const isGood = change.endsWith(' good');
      if (isGood !== wasGood) turns++;
      wasGood = isGood;
    }
    expect(turns).toBeLessThanOrEqual(seconds / 300);
    expect(turns).toBeGreaterThan(0);
  });

  it('is unknown again when nothing was heard for long', () => {
    const { quality } = play([...series(60, () => ok()), { atMs: 900_000, event: { type: 'tick' } }]);
    expect(quality.level).toBe('unknown');
    expect(quality.closedMs).toEqual([]);
  });

  it('starts anew on another network', () => {
    const moved = play([...series(60, () => ok()), { atMs: 61_000, event: { type: 'moved' } }]).quality;
    expect([moved.level, moved.why]).toEqual(['weak', 'too-few-samples']);
  });
});

const anySample: fc.Arbitrary<NetworkEvent> = fc.record({
  type: fc.constant('sample' as const),
  outcome: fc.constantFrom('ok', 'failed', 'foreign'),
  roundTripMs: fc.integer({ min: 0, max: 60_000 }),
});
const anyEvent: fc.Arbitrary<NetworkEvent> = fc.oneof(
  anySample,
  fc.record({ type: fc.constant('moved' as const) }),
  fc.record({ type: fc.constant('tick' as const) }),
  fc.record({ type: fc.constant('route' as const), hasRoute: fc.boolean() }),
);
const anyMoments = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), anyEvent), { maxLength: 80 })
  .map((steps) =>
    steps.map(([, event], i) => {
      const atMs = steps.slice(0, i + 1).reduce((sum, [ms]) => sum + ms, 0);
      return { atMs, event };
    }),
  );

describe('whatever happens', () => {
  it('one sample never ends a good network', () => {
    fc.assert(
      fc.property(anyMoments, anySample, (moments, event) => {
        const startMs = (moments.at(-1)?.atMs ?? 0) + 1;
        const calm = series(900, () => ok()).map(({ atMs, event }) => ({ atMs: startMs + atMs, event }));
        const { quality } = play([...moments, ...calm]);
        expect(quality.level).toBe('good');
        const shaken = stepNetworkQuality(quality, event, startMs + 900_001);
        expect(shaken.level).toBe('good');
      }),
      { numRuns: 50 },
    );
  });

  it('a calm hour makes every network good in the end', () => {
    fc.assert(
      fc.property(anyMoments, (moments) => {
        const startMs = (moments.at(-1)?.atMs ?? 0) + 1;
        const calm = series(3_600, () => ok(), 15_000).map(({ atMs, event }) => ({
          atMs: startMs + atMs,
          event,
        }));
        expect(play([...moments, ...calm]).quality.level).toBe('good' satisfies NetworkLevel);
      }),
      { numRuns: 30 },
    );
  });

  it('there is always a next probe, within five minutes', () => {
    fc.assert(
      fc.property(anyMoments, (moments) => {
        const ms = nextProbeMs(play(moments).quality);
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(300_000);
      }),
    );
  });
});
