/** An app that answers the window's calls by hand and remembers what it was asked. */
import type { AppCalls, FolderRow } from '../../engine/protocol/app-calls.ts';
import { appCalls } from '../../engine/protocol/app-calls.ts';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { type Answers, checkArgument } from '../../engine/protocol/calls.ts';
import type { RegionsView } from '../../engine/protocol/region-view.ts';
import { hostileName, nowMs } from './fake-state.ts';

export interface Asked {
  readonly name: string;
  readonly argument: unknown;
}

const folder: readonly FolderRow[] = [
  { path: '/home', name: 'home', type: 'dir', sizeBytes: 0, mtimeMs: nowMs - 9e8 },
  { path: '/hostile', name: hostileName, type: 'dir', sizeBytes: 0, mtimeMs: nowMs - 4e9 },
  { path: '/notes.txt', name: 'notes.txt', type: 'file', sizeBytes: 18_432, mtimeMs: nowMs - 7e6 },
  { path: '/link', name: 'link', type: 'symlink', sizeBytes: 0, mtimeMs: nowMs - 7e7 },
];

/** Ours, a nearer one, and one that says nothing. */
const measuredRegions: RegionsView = {
  at: 'measured',
  provider: 'Backblaze B2',
  rows: [
    { id: 'eu-central-003', place: 'Amsterdam', ours: false, samples: 12, medianMs: 41, mostMs: 66 },
    { id: 'us-east-005', place: 'Reston', ours: false, samples: 12, medianMs: 128, mostMs: 139 },
    { id: 'us-west-004', place: 'Phoenix', ours: true, samples: 12, medianMs: 178, mostMs: 402 },
    { id: 'ca-east-006', place: 'Toronto', ours: false, samples: 0 },
  ],
  better: { id: 'eu-central-003', betterMs: 41, oursMs: 178, samples: 12 },
};

const manyFiles = 320;

const answersOf = (state: AppState): Answers<AppCalls> => ({
  backUpNow: async () => {},
  cancelRun: async () => {},
  pause: async () => {},
  resume: async () => {},
  savePlan: async () => {},
  removePlan: async () => {},
  saveGeneral: async () => {},
  testPlace: async ({ location }) =>
    location.startsWith('rest:')
      ? {
          at: 'empty',
          writable: true,
          writeMs: 64,
          times: { reachMs: 41, readMs: 43, removeMs: 40 },
        }
      : location.includes('vault')
        ? { at: 'repository', freeBytes: 5e11 }
        : { at: 'empty', writable: true, freeBytes: 6.4e11, writeMs: 14 },
  addVault: async () => ({ vaultId: 'made', recoverySheet: '/home/me/Documents/Slackwater recovery.txt' }),
  removeVault: async () => {},
  checkVault: async () => {},
  finishNow: async () => {},
  dropPending: async () => {},
  probeVault: async () => {},
  compareRegions: async ({ location }) => (location.includes('minio') ? { at: 'unknown' } : measuredRegions),
  stopComparing: async () => {},
  tryVaultNow: async () => {},
  unlockVault: async () => ({ removed: 1, kept: 2 }),
  changeStoreAccess: async () => {},
  listSnapshots: async ({ vaultId, start, count }) => {
    const total = 61;
    const rows = Array.from({ length: Math.min(count, total - start) }, (_, at) => ({
      id: (start + at).toString(16).padStart(64, '0'),
      timeMs: nowMs - (start + at) * 4.1 * 3_600_000,
      hostname: at === 2 ? hostileName : 'tern',
      paths: ['/home/me/Documents', '/home/me/Pictures'],
      tags: at === 0 ? ['before-upgrade'] : [],
      files: 48_351,
      bytes: 7.7e10,
    }));
    // A store that is waited for is away: what is listed is the copy of it.
    return vaultId === 'pi' ? { rows, total, isCopy: true } : { rows, total };
  },
  listFolder: async ({ path, start, count }) => {
    if (path === '/') return { rows: folder, total: folder.length };
    const rows = Array.from({ length: Math.min(count, manyFiles - start) }, (_, at) => ({
      path: `${path}/${start + at}`,
      name: `file-${start + at}.txt`,
      type: 'file',
      sizeBytes: 1_000 * at,
      mtimeMs: nowMs - at * 1e7,
    }));
    return { rows, total: manyFiles };
  },
  restore: async () => ({ restoreId: 'x2' }),
  cancelRestore: async () => {},
  listRuns: async () => ({ rows: state.runs, total: state.runs.length }),
  chooseFolder: async () => ({ path: '/home/me/Chosen' }),
  showRecoverySheet: async () => {},
});

/** Answers as the real app does: an argument that the treaty does not allow is refused. */
export function createFakeApp(state: AppState): {
  asked: Asked[];
  answer(name: string, argument: unknown): Promise<unknown>;
} {
  const asked: Asked[] = [];
  const answers = answersOf(state);
  return {
    asked,
    answer: async (name, argument) => {
      asked.push({ name, argument });
      const checked = checkArgument(appCalls, name, argument);
      if (!checked.ok) throw new Error('usage');
      return answers[name as keyof AppCalls](checked.value as never);
    },
  };
}
