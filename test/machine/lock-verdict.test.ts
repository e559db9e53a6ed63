import { describe, expect, it } from 'vitest';
import { type LockSeen, lockVerdict, type ProcessFacts } from '../../engine/machine/lock-verdict.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const t0 = 1_800_000_000_000;

const holder = { hostname: 'pc-2', username: 'ann', pid: 77, exclusive: false };
const elsewhere: ProcessFacts = { isOwnLeftover: false, isThisHost: false, process: 'unknown' };
const here = (process: ProcessFacts['process'], processSinceMs?: number): ProcessFacts => ({
  isOwnLeftover: false,
  isThisHost: true,
  process,
  ...(processSinceMs === undefined ? {} : { processSinceMs }),
});

/** A lock whose newest file was first seen at `t0` and is looked at until `watchedMs` later. */
const seen = (ageMs: number, watchedMs: number, changed: Partial<LockSeen> = {}): LockSeen => ({
  holder,
  refreshedMs: t0 + watchedMs - ageMs,
  firstSeenMs: t0,
  newestSeenMs: t0,
  lastSeenMs: t0 + watchedMs,
  ...changed,
});

describe('the verdict on a lock', () => {
  it.each<[string, LockSeen, ProcessFacts, string]>([
    ['young, of another host', seen(minuteMs, 0), elsewhere, 'live young'],
    ['old, of another host, at first sight', seen(3 * hourMs, 0), elsewhere, 'unsure looked-too-short'],
    ['old, looked at for ten minutes', seen(3 * hourMs, 10 * minuteMs), elsewhere, 'unsure looked-too-short'],
    [
      'old, not refreshed over two intervals',
      seen(3 * hourMs, 11 * minuteMs),
      elsewhere,
      'stale not-refreshed',
    ],
    [
      'refreshed before our eyes',
      seen(minuteMs, 0, { firstSeenMs: t0 - 5 * minuteMs }),
      elsewhere,
      'live refreshed',
    ],
    [
      'refreshed by a clock that is an hour behind',
      seen(hourMs, minuteMs, { firstSeenMs: t0 - 5 * minuteMs }),
      elsewhere,
      'live refreshed',
    ],
    [
      'refreshed once, then never again',
      seen(3 * hourMs, 12 * minuteMs, { firstSeenMs: t0 - hourMs }),
      elsewhere,
      'stale not-refreshed',
    ],
    [
      'from a clock that is an hour ahead, looked at for long',
      seen(-hourMs, 12 * minuteMs),
      elsewhere,
      'stale not-refreshed',
    ],
    [
      'from a clock that is an hour ahead, at first sight',
      seen(-hourMs, 0),
      elsewhere,
      'unsure looked-too-short',
    ],
    [
      'of a clock that goes with us, not refreshed for half an hour',
      seen(-10 * minuteMs, 31 * minuteMs),
      elsewhere,
      'stale not-refreshed',
    ],
    [
      'unreadable, for hours',
      seen(3 * hourMs, 3 * hourMs, { holder: undefined }),
      elsewhere,
      'unsure unreadable',
    ],
    [
      'of this host, its process runs',
      seen(20 * minuteMs, 20 * minuteMs),
      here('running', t0 - hourMs),
      'live process-runs',
    ],
    [
      'of this host, running since unknown',
      seen(3 * hourMs, 3 * hourMs),
      here('running'),
      'live process-runs',
    ],
    [
      'of this host, its process gone, at first sight',
      seen(minuteMs, 0),
      here('gone'),
      'unsure looked-too-short',
    ],
    [
      'of this host, gone and not refreshed',
      seen(8 * minuteMs, 7 * minuteMs),
      here('gone'),
      'stale process-gone',
    ],
    [
      'of this host, gone, and yet refreshed: a container',
      seen(minuteMs, minuteMs, { firstSeenMs: t0 - hourMs }),
      here('gone'),
      'live refreshed',
    ],
    [
      'of this host, a younger process has its number',
      seen(hourMs, 7 * minuteMs),
      here('running', t0),
      'stale process-is-younger',
    ],
    [
      'of this host, a younger process, at first sight',
      seen(hourMs, 0),
      here('running', t0),
      'unsure looked-too-short',
    ],
    [
      'our own of a run that ended',
      seen(minuteMs, 0),
      { ...here('gone'), isOwnLeftover: true },
      'stale own-leftover',
    ],
  ])('%s', (_, lock, facts, expected) => {
    const { is, because } = lockVerdict(lock, facts, lock.lastSeenMs);
    expect(`${is} ${because}`).toBe(expected);
  });
});
