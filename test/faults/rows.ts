/**
 * The rows of what restic 0.19.1 was measured to do when networks and stores misbehave, as far as they concern a
 * transport. Times are shorter than in the measurements where waiting longer would show nothing more.
 */
import { afterwards, forMs, fromThen, nth, of } from './proxy/plan.ts';
import type { Row, Stage } from './row.ts';
import { freezeRclone, freezeServer, killAt, sleepDuringUpload } from './while-it-runs.ts';

const snapshot = of('save', 'snapshot');
const pack = of('save', 'pack');
const forEver = 3_600_000;

export const rows: readonly Row[] = [
  {
    name: 'S0',
    fault: 'none',
    owed: 'saved',
  },
  {
    name: 'S1',
    fault: 'one reset on the snapshot',
    owed: 'saved',
    plan: () => nth(snapshot, 1, { do: 'reset' }),
  },
  {
    name: 'S2',
    fault: 'the answer to the snapshot is lost',
    owed: 'saved',
    plan: () => nth(snapshot, 1, { do: 'lose-answer' }),
  },
  {
    name: 'S3',
    fault: 'the answer to the snapshot is lost, then 5 s of outage',
    owed: 'saved',
    plan: () => afterwards(nth(snapshot, 1, { do: 'lose-answer' }), forMs(5_000, { do: 'reset' })),
  },
  {
    name: 'S4',
    fault: 'the answer to the snapshot is lost, server append-only',
    owed: 'saved',
    server: { appendOnly: true },
    plan: () => nth(snapshot, 1, { do: 'lose-answer' }),
  },
  {
    name: 'S5',
    fault: 'the answer to one pack is lost, then 5 s of outage',
    owed: 'saved',
    plan: () => afterwards(nth(pack, 3, { do: 'lose-answer' }), forMs(5_000, { do: 'reset' })),
  },
  {
    name: 'S6',
    fault: 'captive portal for 6 s from the snapshot on: 200 and a page',
    owed: 'saved',
    plan: () => fromThen(snapshot, 1, 6_000, { do: 'portal' }),
  },
  {
    name: 'S13',
    fault: 'captive portal for 6 s from the snapshot on: 302 to a page',
    owed: 'saved',
    plan: () => fromThen(snapshot, 1, 6_000, { do: 'redirect' }),
  },
  {
    name: 'S16',
    fault: 'one 507 on the snapshot',
    owed: 'saved',
    plan: () => nth(snapshot, 1, { do: 'answer', status: 507 }),
  },
  {
    name: 'S17',
    fault: 'one 401 on the snapshot',
    owed: 'saved',
    plan: () => nth(snapshot, 1, { do: 'answer', status: 401 }),
  },
  {
    name: 'S18',
    fault: 'one 403 on a pack',
    owed: 'saved',
    plan: () => nth(pack, 4, { do: 'answer', status: 403 }),
  },
  {
    name: 'S19',
    fault: 'three 429 with Retry-After: 5',
    owed: 'saved',
    msMax: 60_000,
    plan: () => nth(snapshot, 1, { do: 'answer', status: 429, retryAfter: '5' }, 3),
    alsoOwed: (stage) => waitedAtLeast(stage, 5_000),
  },
  {
    name: 'M2b',
    fault: 'server frozen for 40 s at the snapshot (restic gives up after 20 s here, not 300)',
    owed: 'saved',
    msMax: 150_000,
    resticArgs: ['--stuck-request-timeout', '20s'],
    during: (stage) => freezeServer(stage, snapshot, 1, 40_000),
  },
  {
    name: 'M2c',
    fault: 'server frozen for 25 s in the middle of a pack',
    owed: 'saved',
    msMax: 120_000,
    during: (stage) => freezeServer(stage, pack, 2, 25_000),
  },
  {
    name: 'L5',
    fault: 'black hole for one request: the snapshot',
    owed: 'saved',
    plan: () => nth(snapshot, 1, { do: 'black-hole' }),
    noticedMsMax: 20_000,
    msMax: 60_000,
  },
  {
    name: 'L6',
    fault: 'black hole for one request: a pack',
    owed: 'saved',
    plan: () => nth(pack, 3, { do: 'black-hole' }),
    noticedMsMax: 20_000,
    msMax: 60_000,
  },
  {
    name: 'L1',
    fault: 'reset of the snapshot, then no network for ever (stopped after 25 s)',
    owed: 'waits',
    plan: () => fromThen(snapshot, 1, forEver, { do: 'reset' }),
    msMax: 25_000,
  },
  {
    name: 'L1a',
    fault: 'no network for 15 s in the middle of the packs',
    owed: 'saved',
    plan: () => fromThen(pack, 3, 15_000, { do: 'reset' }),
    msMax: 90_000,
  },
  {
    name: 'L2',
    fault: 'black hole from the snapshot on, for ever (stopped after 45 s)',
    owed: 'waits',
    plan: () => fromThen(snapshot, 1, forEver, { do: 'black-hole' }),
    msMax: 45_000,
  },
  {
    name: 'L3',
    fault: '503 with Retry-After: 30 for ever (stopped after 25 s)',
    owed: 'waits',
    plan: () => fromThen(snapshot, 1, forEver, { do: 'answer', status: 503, retryAfter: '30' }),
    msMax: 25_000,
  },
  {
    name: 'L7',
    fault: 'asleep for 31 min in the upload; meanwhile another client unlocks and prunes',
    owed: 'saved',
    msMax: 150_000,
    withoutRestic: 'it would have to sleep 31 min',
    isPruned: true,
    during: (stage) => sleepDuringUpload(stage, 'pruned'),
  },
  {
    name: 'L7t',
    fault: 'the same, just after the store has taken a pack',
    owed: 'saved',
    msMax: 150_000,
    withoutRestic: 'it would have to sleep 31 min',
    isPruned: true,
    during: (stage) => sleepDuringUpload(stage, 'pruned', 1_000, 'taken'),
  },
  {
    name: 'L8',
    fault: 'asleep for 31 min in the upload, nobody else there',
    owed: 'saved',
    msMax: 90_000,
    withoutRestic: 'it would have to sleep 31 min',
    during: (stage) => sleepDuringUpload(stage, 'alone'),
  },
  ...[5, 25, 9 * 60].flatMap((minutes) => [sleepRow(minutes, 'alone'), sleepRow(minutes, 'pruned')]),
  {
    name: 'K1',
    fault: 'kill -9 at the snapshot',
    owed: 'killed',
    during: (stage) => killAt(stage, snapshot, 1),
  },
  {
    name: 'K2',
    fault: 'kill -9 in the middle of the packs',
    owed: 'killed',
    during: (stage) => killAt(stage, pack, 3),
  },
  {
    name: 'K3',
    fault: 'kill -9 at the index',
    owed: 'killed',
    during: (stage) => killAt(stage, of('save', 'index'), 1),
  },
  {
    name: 'K4',
    fault: 'kill -9 on a slow link (1 MiB/s for a pack), before any index',
    owed: 'killed',
    msMax: 120_000,
    args: ['--pack-size', '4'],
    plan: () => (seen) => (pack(seen) ? { do: 'trickle', bytesPerSecond: 1_048_576, way: 'up' } : undefined),
    during: (stage) => killAt(stage, pack, 12),
  },
  {
    name: 'R1',
    fault: 'the rclone process is frozen',
    owed: 'saved',
    isRclone: true,
    msMax: 60_000,
    during: freezeRclone,
  },
  {
    name: 'Q1',
    fault: 'the store is full from the third pack on, for 8 s',
    owed: 'saved',
    plan: () => whileFull(8_000),
    msMax: 60_000,
  },
];

/** Stopped for as long as that, but for what no test can wait for. */
function sleepRow(minutes: number, others: 'alone' | 'pruned'): Row {
  const isReal = minutes < 60;
  const stoppedMs = isReal ? minutes * 60_000 : 1_000;
  return {
    name: `Z${minutes}${others === 'alone' ? '' : 'p'}`,
    fault: `stopped for ${minutes} min in the upload${others === 'alone' ? '' : '; meanwhile another client unlocks and prunes'}`,
    owed: 'saved',
    msMax: stoppedMs + 150_000,
    withoutRestic: 'it would have to wait as well',
    sleptMinutes: isReal ? 0 : minutes,
    isLong: isReal,
    ...(others === 'alone' ? {} : { isPruned: true }),
    during: (stage) => sleepDuringUpload(stage, others, stoppedMs),
  };
}

/** A full store gives what it has, and takes nothing. */
function whileFull(ms: number): ReturnType<NonNullable<Row['plan']>> {
  const full = fromThen(pack, 3, ms, { do: 'answer', status: 507 });
  return (seen) => (seen.operation === 'save' ? full(seen) : undefined);
}

/** Between a struck request and the next for the same file. */
function waitedAtLeast({ proxy }: Stage, ms: number): string | undefined {
  for (const struck of proxy.struck) {
    const next = proxy.history.find(({ number, name }) => number > struck.number && name === struck.name);
    if (next !== undefined && next.atMs - struck.atMs < ms)
      return `it came back after ${Math.round(next.atMs - struck.atMs)} ms`;
  }
  return undefined;
}
