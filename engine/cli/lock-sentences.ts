/** Locks for people and for programs: who, since when, and what the verdict on it rests on. */
import type { LockHolderView } from '../job/view-locks.ts';
import type { LockVerdict } from '../protocol/lock-view.ts';
import { showTable, showTime } from './display.ts';
import { printable } from './printable.ts';

const reasons: Readonly<Record<LockVerdict['because'], string>> = {
  refreshed: 'it was refreshed while we looked',
  young: 'it is younger than half an hour',
  'process-runs': 'its process runs on this machine',
  'own-leftover': 'a run of ours that has ended left it',
  'process-gone': 'its process on this machine is gone, and nothing refreshed it',
  'process-is-younger': 'another process has its number now, and nothing refreshed it',
  'not-refreshed': 'nobody refreshed it for half an hour',
  'looked-too-short': 'look again in some minutes: only time can tell',
  unreadable: 'it cannot be read, so it names nobody',
};

export function reasonOf({ because }: LockVerdict): string {
  return reasons[because];
}

export function lockTable(views: readonly LockHolderView[]): string[] {
  const columns = ['Since', 'Host', 'User', 'Process', 'Kind', 'State', 'Why'].map((title) => ({ title }));
  const rows = views.map(({ lock, ours, verdict }) => [
    [lock === undefined ? '?' : showTime(lock.time)],
    [printable(lock?.hostname ?? '?')],
    [printable(lock?.username ?? '?')],
    [lock === undefined ? '?' : `${lock.pid}${ours ? ' (ours)' : ''}`],
    [lock === undefined ? '?' : lock.exclusive ? 'exclusive' : 'shared'],
    [verdict.is],
    [reasonOf(verdict)],
  ]);
  return [...showTable(columns, rows)];
}

export function lockJson({ ids, lock, ours, verdict }: LockHolderView): Record<string, unknown> {
  return {
    ids,
    ...(lock === undefined
      ? {}
      : {
          time: lock.time,
          exclusive: lock.exclusive,
          hostname: lock.hostname,
          username: lock.username,
          pid: lock.pid,
        }),
    ours,
    verdict: verdict.is,
    because: verdict.because,
  };
}
