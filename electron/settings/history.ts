/**
 * The runs that ended, one line of JSON each, the newest last. It is bounded; the newest good run of each plan is never
 * dropped. A run may be told again when it has become another one: then its newest line holds, at its old place. A line that was torn by a crash or damaged is skipped.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { RunRecord } from '../../engine/protocol/app-state.ts';
import { writeWhole } from './kept-file.ts';

const recordsMax = 500;
/** The file is written anew only now and then. */
const linesMax = 600;

export interface RunHistory {
  /** The newest first. */
  newest(start: number, count: number): { readonly rows: readonly RunRecord[]; readonly total: number };
  /** In the place of the one with its id, or as the newest. */
  add(record: RunRecord): void;
}

const time = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.finite(), v.minValue(0));
const detail = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));
const outcome = v.variant('at', [
  v.object({ at: v.literal('saved'), snapshotId: v.string(), errors: count }),
  v.object({ at: v.literal('waiting'), commitId: v.string() }),
  v.object({ at: v.literal('failed'), failure: v.object({ code: v.string(), detail }) }),
  v.object({ at: v.literal('cancelled') }),
  v.object({ at: v.literal('interrupted') }),
]);
const recordSchema = v.looseObject({
  id: v.string(),
  planId: v.string(),
  planName: v.string(),
  cause: v.picklist(['manual', 'login', 'schedule', 'catch-up']),
  startedMs: time,
  endedMs: time,
  outcome,
  itemErrors: v.array(v.object({ item: v.string(), message: v.string() })),
});

export function openHistory(path: string): RunHistory {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  let lines = text.split('\n').length;
  /** The oldest first. */
  let records = bounded(newestLines(text.split('\n').flatMap(readLine)));
  // A torn last line has no end: what comes next must not be joined to it.
  let isTorn = text !== '' && !text.endsWith('\n');

  function add(record: RunRecord): void {
    records = bounded(newestLines([...records, record]));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (++lines > linesMax) {
      writeWhole(path, records.map((one) => `${JSON.stringify(one)}\n`).join(''));
      lines = records.length;
    } else {
      appendFileSync(path, `${isTorn ? '\n' : ''}${JSON.stringify(record)}\n`, { mode: 0o600 });
    }
    isTorn = false;
  }

  return {
    add,
    newest: (start, wanted) => ({
      rows: records.toReversed().slice(start, start + wanted),
      total: records.length,
    }),
  };
}

function newestLines(records: readonly RunRecord[]): RunRecord[] {
  return [...new Map(records.map((record) => [record.id, record])).values()];
}

function readLine(line: string): RunRecord[] {
  if (line.trim() === '') return [];
  try {
    return [v.parse(recordSchema, JSON.parse(line)) as unknown as RunRecord];
  } catch {
    return [];
  }
}

function bounded(records: readonly RunRecord[]): RunRecord[] {
  const older = records.slice(0, -recordsMax);
  const lastGood = new Map(
    records.filter(({ outcome: { at } }) => at === 'saved').map((record) => [record.planId, record]),
  );
  const kept = older.filter((record) => lastGood.get(record.planId) === record);
  return [...kept, ...records.slice(-recordsMax)];
}
