/** States of the app made by hand, for the window's pictures and tests. Names in them are as hostile as real ones get. */
import type { AppState, PlanView, RunRecord, VaultView } from '../../engine/protocol/app-state.ts';
import type { LockView } from '../../engine/protocol/lock-view.ts';

export const nowMs = Date.UTC(2026, 10, 20, 9, 30);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const mib = 1_024 ** 2;

/** Markup, a text direction that is never closed, a control character. */
export const hostileName = '<img src=x onerror=alert(1)> \u202egnp.exe\u0007 {{name}} $t(common.close)';

function record(id: string, agoMs: number, change: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    planId: 'documents',
    planName: 'Documents',
    cause: 'schedule',
    startedMs: nowMs - agoMs,
    endedMs: nowMs - agoMs + 4 * minuteMs,
    outcome: { at: 'saved', snapshotId: 'ab'.repeat(32), errors: 0 },
    summary: {
      filesNew: 120,
      filesChanged: 31,
      filesUnmodified: 48_200,
      dirsNew: 4,
      dirsChanged: 9,
      dirsUnmodified: 2_100,
      dataBlobs: 190,
      treeBlobs: 13,
      totalFilesProcessed: 48_351,
      totalBytesProcessed: 73_400 * mib,
      dataAddedBytes: 412 * mib,
      dataAddedPackedBytes: 287 * mib,
      durationMs: 4 * minuteMs,
      startedAt: '2026-11-20T09:12:00Z',
      endedAt: '2026-11-20T09:16:00Z',
      dryRun: false,
      changedWhileReading: 2,
      errors: 0,
    },
    itemErrors: [],
    ...change,
  };
}

export const runs: readonly RunRecord[] = [
  record('r1', 18 * minuteMs),
  record('r2', 5 * hourMs, {
    planName: hostileName,
    cause: 'login',
    outcome: { at: 'saved', snapshotId: 'cd'.repeat(32), errors: 212 },
    itemErrors: [
      { item: `/home/me/${hostileName}`, message: 'permission denied' },
      { item: '/home/me/mail/inbox.db', message: 'the file is locked by another program' },
    ],
  }),
  record('r3', dayMs, { cause: 'manual', outcome: { at: 'cancelled' } }),
  record('r4', 2 * dayMs, {
    outcome: {
      at: 'failed',
      failure: { code: 'repository-missing', detail: { location: '/media/usb/vault' } },
    },
  }),
  record('r5', 3 * dayMs, { cause: 'catch-up', outcome: { at: 'interrupted' } }),
];

const vaults: readonly VaultView[] = [
  {
    vault: { id: 'usb', name: 'USB disk', location: '/media/usb/slackwater' },
    recoverySheet: '/home/me/Documents/Slackwater recovery – USB disk.txt',
    status: {
      at: 'reachable',
      checkedMs: nowMs - 3 * minuteMs,
      snapshots: 1_204,
      storedBytes: 182_300 * mib,
      freeBytes: 640_000 * mib,
      locks: [
        {
          id: 'l1',
          hostname: 'tern',
          username: 'me',
          pid: 4_711,
          sinceMs: nowMs - 2 * minuteMs,
          exclusive: false,
          ours: true,
          verdict: { is: 'live', because: 'process-runs' },
        },
        {
          id: 'l2',
          hostname: hostileName,
          username: 'root',
          pid: 99,
          sinceMs: nowMs - 2 * dayMs,
          exclusive: true,
          ours: false,
          verdict: { is: 'stale', because: 'not-refreshed' },
        },
      ],
    },
  },
  {
    vault: {
      id: 'nas',
      name: 'NAS in the cellar',
      location: '/mnt/nas/backups/with/a/rather/long/path/that/has/to/break',
    },
    status: {
      at: 'trouble',
      checkedMs: nowMs - 40 * minuteMs,
      failure: { code: 'repository-missing', detail: { location: '/mnt/nas/backups' } },
    },
  },
];

/** A server behind a network that is away: what goes on waits, new requests are held back. */
const away: VaultView = {
  vault: { id: 'pi', name: 'Raspberry Pi', location: 'rest:https://raspberry.example:8000/me' },
  status: {
    at: 'reachable',
    checkedMs: nowMs - 9 * minuteMs,
    snapshots: 31,
    storedBytes: 9_300 * mib,
    locks: [],
  },
  line: {
    waiting: { code: 'store-unreachable', failures: 7, untilMs: nowMs + 8_000 },
    reads: { at: 'trying', code: 'store-unreachable' },
    writes: { at: 'open', code: 'store-unreachable', untilMs: nowMs + 8_000 },
    roundTripMs: 41.3,
    up: 2.1 * mib,
    down: 7.8 * mib,
    requests: 412,
    failures: 9,
    failureShare: 0.35,
    uploadsAtOnce: 2,
  },
};

/** Through rclone, to a cloud that lags; others work in it and wait for it. */
const shared: VaultView = {
  vault: { id: 'cloud', name: 'Family cloud', location: 'rclone:cloud:slackwater' },
  status: {
    at: 'reachable',
    checkedMs: nowMs - minuteMs,
    locksMs: nowMs - 2_000,
    snapshots: 212,
    storedBytes: 61_000 * mib,
    locks: lockViews(),
    queue: [
      {
        pid: 5_120,
        work: 'backup',
        label: `/home/me/Pictures, /srv/${hostileName}`,
        isWorking: true,
        sinceMs: nowMs - 9 * minuteMs,
        ours: false,
      },
      {
        pid: 5_300,
        work: 'maintenance',
        label: 'prune',
        isWorking: false,
        sinceMs: nowMs - 5 * minuteMs,
        ours: false,
      },
      {
        pid: 4_711,
        work: 'backup',
        label: '/home/me/Documents',
        isWorking: false,
        sinceMs: nowMs - 3 * minuteMs,
        ours: true,
      },
    ],
    lag: { floorMs: 15_000, seenMs: 64_000, boundMs: 120_000, settleMs: 242_000, isForOneClient: true },
  },
};

function lockViews(): LockView[] {
  const kinds = [
    ['tern', 'me', 5_120, true, { is: 'live', because: 'process-runs' }],
    ['PC-2', 'anna', 812, false, { is: 'live', because: 'refreshed' }],
    [hostileName, 'root', 99, false, { is: 'stale', because: 'not-refreshed' }],
    ['pc-3', 'otto', 4_012, false, { is: 'unsure', because: 'looked-too-short' }],
    ['', '', 0, false, { is: 'unsure', because: 'unreadable' }],
  ] as const;
  return kinds.map(([hostname, username, pid, ours, verdict], at) => ({
    id: `s${at}`,
    ...{ hostname, username, pid, ours, verdict },
    exclusive: at === 1,
    sinceMs: nowMs - (at + 1) ** 3 * 9 * minuteMs,
  }));
}

export function plan(id: string, name: string, vaultId: string, change: Partial<PlanView> = {}): PlanView {
  return {
    plan: {
      id,
      name,
      vaultId,
      sources: ['/home/me/Documents', '/home/me/Pictures'],
      excludes: ['*.tmp', 'node_modules'],
      schedule: { onLogin: true, everyHours: 4, cron: '0 12 * * 1-5' },
    },
    activity: { at: 'idle' },
    lastGoodMs: nowMs - 18 * minuteMs,
    nextRunMs: nowMs + 3.7 * hourMs,
    lastRun: record('r1', 18 * minuteMs),
    ...change,
  };
}

const bare: AppState = {
  nowMs,
  verdict: { kind: 'attention', sentence: 'Nothing is protected yet.' },
  engine: { at: 'ready' },
  plans: [],
  vaults: [],
  pending: [],
  runs: [],
  general: { language: 'en', theme: 'light', openAtLogin: true, notify: 'trouble', freshDays: 3 },
  language: 'en',
  platform: 'linux',
  hostname: 'tern',
  version: '0.1.0',
  hasKeychain: true,
  host: 'electron',
  homeFolder: '/home/me',
};

const calm: AppState = {
  ...bare,
  verdict: { kind: 'protected', sentence: 'Everything is protected. Last restore point today 09:12.' },
  plans: [
    plan('documents', 'Documents', 'usb'),
    plan('photos', 'Photos', 'nas', { lastGoodMs: nowMs - dayMs }),
  ],
  vaults,
  runs,
};

const progress = {
  filesDone: 12_034,
  filesTotal: 48_351,
  bytesRead: 19_400 * mib,
  bytesTotal: 73_400 * mib,
  bytesStored: 3_270 * mib,
  errors: 2,
  readRate: 84 * mib,
  leastLeftMs: 9 * minuteMs,
  mostLeftMs: 14 * minuteMs,
  currentFile: `/home/me/Pictures/2026/${hostileName}/IMG_20260714_183045.jpg`,
} as const;

const working: AppState = {
  ...calm,
  verdict: { kind: 'working', sentence: 'Uploading 18.9 of 71.7 GiB. About 9–14 min left.' },
  plans: [
    plan('documents', 'Documents', 'usb', {
      activity: {
        at: 'running',
        runId: 'r6',
        sinceMs: nowMs - 4 * minuteMs,
        progress: { ...progress, phase: 'uploading' },
      },
    }),
    plan('photos', 'Photos', 'usb', {
      activity: { at: 'queued', behind: 'documents', sinceMs: nowMs - minuteMs },
    }),
  ],
};

const { leastLeftMs: _least, mostLeftMs: _most, ...untimed } = progress;
const waiting: AppState = {
  ...calm,
  verdict: {
    kind: 'waiting',
    sentence: 'Uploaded. Waiting for a calmer network: 480 ms, 6 % of probes lost. Next look in 20 s.',
  },
  plans: [
    plan('documents', 'Documents', 'usb', {
      activity: {
        at: 'running',
        runId: 'r6',
        sinceMs: nowMs - 4 * minuteMs,
        progress: { ...untimed, phase: 'waiting', bytesRead: 73_400 * mib, filesDone: 48_351 },
        gate: {
          ...{ at: 'closed', because: 'failures', network: 'weak' },
          ...{ roundTripMs: 480, lossPercent: 12.4, nextLookMs: nowMs + 20_000 },
        },
      },
    }),
  ],
};

const { lastGoodMs: _good, ...withoutGood } = plan('mail', hostileName, 'nas');
const trouble: AppState = {
  ...calm,
  verdict: {
    kind: 'failed',
    sentence: `${hostileName} has no restore point since 12 November: the vault is not there.`,
  },
  engine: { at: 'waiting', untilMs: nowMs + 5_000, crashes: 2 },
  plans: [
    plan('documents', 'Documents', 'nas', { lastGoodMs: nowMs - 8 * dayMs, lastRun: runs[3]! }),
    withoutGood,
  ],
  restore: {
    id: 'x1',
    target: '/home/me/Restored',
    filesDone: 12,
    filesTotal: 90,
    bytesDone: 120 * mib,
    bytesTotal: 900 * mib,
    errors: 1,
    outcome: 'incomplete',
  },
};

const restoring: AppState = {
  ...calm,
  paused: { untilMs: nowMs + 2 * hourMs },
  verdict: { kind: 'paused', sentence: 'Paused until 11:30.' },
  restore: { ...trouble.restore!, outcome: 'running' },
};

const storeAway: AppState = {
  ...calm,
  verdict: {
    kind: 'waiting',
    sentence: '“Documents” waits. The store cannot be reached. Check the network. Trying again in 8 s.',
  },
  vaults: [away, ...vaults],
  plans: [
    plan('documents', 'Documents', 'pi', {
      activity: {
        at: 'running',
        runId: 'r6',
        sinceMs: nowMs - 4 * minuteMs,
        progress: { ...untimed, phase: 'uploading' },
      },
    }),
  ],
};

const locked: AppState = {
  ...calm,
  verdict: {
    kind: 'waiting',
    sentence: '“Documents” waits: PC-2 has been working alone in the vault since today 08:18. We are next.',
  },
  vaults: [shared, ...vaults],
  plans: [
    plan('documents', 'Documents', 'cloud', {
      activity: {
        at: 'running',
        runId: 'r6',
        sinceMs: nowMs - 3 * minuteMs,
        progress: { phase: 'opening', filesDone: 0, bytesRead: 0, bytesStored: 0, errors: 0 },
      },
    }),
    plan('photos', 'Photos', 'cloud', {
      activity: { at: 'queued', behind: 'documents', sinceMs: nowMs - minuteMs },
    }),
  ],
};

export const states = { locked, storeAway, bare, calm, working, waiting, trouble, restoring };
export type StateName = keyof typeof states;
