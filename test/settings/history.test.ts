import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openHistory } from '../../electron/settings/history.ts';
import type { RunOutcome, RunRecord } from '../../engine/protocol/app-state.ts';
import { makeFolder, modeOf, removeFolders } from './settings-folder.ts';

afterEach(removeFolders);

const saved: RunOutcome = { at: 'saved', snapshotId: 'ab', errors: 0 };
const cancelled: RunOutcome = { at: 'cancelled' };
function recordOf(number: number, planId = 'a', outcome: RunOutcome = saved): RunRecord {
  const rest = {
    planName: 'A\nB',
    cause: 'manual' as const,
    outcome,
    itemErrors: [{ item: '/x', message: 'no' }],
  };
  return { id: `run-${number}`, planId, startedMs: number, endedMs: number + 1, ...rest };
}
const ids = (rows: readonly RunRecord[]) => rows.map(({ id }) => id);

test('the newest first, in pages, the same after a new start', () => {
  const path = join(makeFolder(), 'new', 'history.jsonl');
  const history = openHistory(path);
  for (let n = 1; n <= 5; n++) history.add(recordOf(n));
  for (const one of [history, openHistory(path)]) {
    expect(ids(one.newest(1, 2).rows)).toEqual(['run-4', 'run-3']);
    expect(one.newest(0, 100)).toEqual({ rows: [5, 4, 3, 2, 1].map((n) => recordOf(n)), total: 5 });
  }
  expect(modeOf(path)).toBe('600');
});

test('a run that is told again is another one at its old place', () => {
  const path = join(makeFolder(), 'history.jsonl');
  const history = openHistory(path);
  const waiting: RunOutcome = { at: 'waiting', commitId: 'c'.repeat(32) };
  history.add(recordOf(1, 'a', waiting));
  history.add(recordOf(2));
  history.add(recordOf(1));
  for (const one of [history, openHistory(path)])
    expect(one.newest(0, 10)).toEqual({ rows: [recordOf(2), recordOf(1)], total: 2 });
});

test('a torn last line is skipped, and what comes next is not joined to it', () => {
  const path = join(makeFolder(), 'history.jsonl');
  openHistory(path).add(recordOf(1));
  appendFileSync(path, JSON.stringify(recordOf(2)).slice(0, 30));
  const history = openHistory(path);
  expect(ids(history.newest(0, 10).rows)).toEqual(['run-1']);
  history.add(recordOf(3));
  history.add(recordOf(4));
  expect(ids(openHistory(path).newest(0, 10).rows)).toEqual(['run-4', 'run-3', 'run-1']);
});

test('lines that are not records are skipped', () => {
  const path = join(makeFolder(), 'history.jsonl');
  const bad = ['null', '{}', 'x', '', JSON.stringify({ ...recordOf(2), outcome: { at: 'odd' } })];
  writeFileSync(path, `${[JSON.stringify(recordOf(1)), ...bad, JSON.stringify(recordOf(3))].join('\n')}\n`);
  expect(ids(openHistory(path).newest(0, 10).rows)).toEqual(['run-3', 'run-1']);
});

test('it is bounded, in memory and on disk; the newest good run of a plan stays', () => {
  const path = join(makeFolder(), 'history.jsonl');
  const history = openHistory(path);
  history.add(recordOf(1, 'rare'));
  history.add(recordOf(2, 'rare', cancelled));
  for (let n = 3; n < 1_500; n++) history.add(recordOf(n));
  for (const one of [history, openHistory(path)]) {
    const { rows, total } = one.newest(0, 1_000);
    expect([total, rows[0]?.id, rows.at(-1)?.id]).toEqual([501, 'run-1499', 'run-1']);
  }
  expect(readFileSync(path, 'utf8').split('\n').length).toBeLessThan(620);
});
