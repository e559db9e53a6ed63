import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import {
  type BlobType,
  decodeEntries,
  encodeEntries,
  type PackBlob,
} from '../../engine/format/pack-header.ts';
import type { Journal, JournalPack, RunStart, Seal } from '../../engine/journal/journal.ts';
import { journalSteps } from '../../engine/journal/journal-schema.ts';
import { openJournal } from '../../engine/journal/sqlite-journal.ts';

const id = (digit: string): string => digit.repeat(64);
const runId = 'a'.repeat(32);
const start: RunStart = {
  runId,
  repositoryId: id('1'),
  location: 'rest:http://127.0.0.1/backup/',
  planId: '',
  subject: 'what and how',
  sources: ['/home/ann', '/srv/ü'],
  startedMs: 1_800_000_000_000,
  indexIds: [id('2'), id('3')],
  owner: { pid: 77, sinceMs: 1_800_000_000_001 },
};
const blobs = (type: BlobType): PackBlob[] => [
  { id: id('8'), type, offset: 0, length: 500, plainLength: 900 },
  { id: id('9'), type, offset: 500, length: 2 ** 32 - 1, plainLength: 0 },
];
const pack = (digit: string, at: JournalPack['at'], type: BlobType = 'data'): JournalPack => ({
  id: id(digit),
  sizeBytes: 1234,
  isTree: type === 'tree',
  entries: Uint8Array.from(encodeEntries(blobs(type))),
  at,
});
const seal: Seal = {
  sealedMs: 1_800_000_100_000,
  tree: id('4'),
  indexes: [{ id: id('5'), bytes: Buffer.from('an index') }],
  snapshot: { id: id('6'), bytes: Buffer.from('a snapshot') },
  summary: '{"files":3}',
};

let folder: string;
let journal: Journal;
const reopen = (): Journal => {
  journal.close();
  journal = openJournal(folder, { elapsedMs: () => 0 });
  return journal;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackwater-journal-'));
  journal = openJournal(folder, { elapsedMs: () => 0 });
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the journal', () => {
  it('gives back a run as it was begun, after closing too', () => {
    journal.begin(start);
    expect(reopen().openRuns(id('1'))).toEqual([
      {
        ...start,
        at: 'open',
        seal: undefined,
        storedIndexes: [],
        attempts: 0,
        lastAttemptMs: 0,
        lastFailure: '',
      },
    ]);
    expect(journal.openRuns(id('f'))).toEqual([]);
    expect(journal.openRuns()).toHaveLength(1);
  });

  it('remembers packs with their blobs, in order, and which of them are stored', () => {
    journal.begin(start);
    journal.pack(runId, pack('b', 'spooled'));
    journal.pack(runId, pack('a', 'stored', 'tree'));
    journal.packStored(runId, id('b'));
    const known = reopen().packs(runId);
    expect(known).toEqual([pack('b', 'stored'), pack('a', 'stored', 'tree')]);
    expect(known.map(({ entries }) => decodeEntries(entries))).toEqual([blobs('data'), blobs('tree')]);
  });

  it('keeps a sealed commit byte for byte', () => {
    journal.begin(start);
    journal.seal(runId, seal);
    journal.indexStored(runId, id('5'));
    journal.attemptFailed(runId, 7, 'store-unreachable');
    const run = reopen().run(runId);
    expect(run).toMatchObject({
      at: 'sealed',
      attempts: 1,
      lastAttemptMs: 7,
      lastFailure: 'store-unreachable',
    });
    expect(run?.storedIndexes).toEqual([id('5')]);
    expect(Buffer.from(run!.seal!.snapshot.bytes).toString()).toBe('a snapshot');
    expect(Buffer.from(run!.seal!.indexes[0]!.bytes).toString()).toBe('an index');
    expect(run?.seal).toMatchObject({ sealedMs: seal.sealedMs, tree: seal.tree, summary: seal.summary });
  });

  it('seals a run once: what is sealed is not sealed anew', () => {
    journal.begin(start);
    journal.seal(runId, seal);
    journal.seal(runId, { ...seal, tree: id('7') });
    expect(journal.run(runId)?.seal?.tree).toBe(seal.tree);
  });

  it('forgets what belongs to a run that has ended, but not that it was', () => {
    journal.begin(start);
    journal.pack(runId, pack('b', 'spooled'));
    journal.files(runId, Buffer.from('records'));
    journal.seal(runId, seal);
    journal.end(runId, 'done', 9);
    expect(reopen().openRuns()).toEqual([]);
    expect(journal.run(runId)?.at).toBe('done');
    expect(journal.packs(runId)).toMatchObject([{ id: id('b'), entries: new Uint8Array() }]);
    expect(journal.fileRecords(runId)).toEqual([]);
  });

  it('knows of a commit what it takes to look at it once more, until it was found to be well', () => {
    journal.begin(start);
    journal.pack(runId, pack('b', 'stored'));
    journal.seal(runId, seal);
    journal.indexStored(runId, id('5'));
    journal.end(runId, 'done', 9.4);
    const outstanding = {
      ...{ runId, snapshotId: id('6'), tree: id('4'), committedMs: 9, lookedMs: undefined, missingBlobs: 0 },
    };
    expect(reopen().lateLooks(id('1'))).toEqual({ runs: [outstanding], lastMs: 0 });
    expect(journal.lateLooks(id('f'))).toEqual({ runs: [], lastMs: 0 });
    expect(journal.run(runId)).toMatchObject({ indexIds: start.indexIds, storedIndexes: [id('5')] });
    const gonePacks = [{ id: id('7'), sizeBytes: 55 }];
    journal.lookedAt(runId, { atMs: 100.2, missingBlobs: 3, gonePacks });
    expect(reopen().lateLooks(id('1'))).toEqual({
      runs: [{ ...outstanding, lookedMs: 100, missingBlobs: 3 }],
      lastMs: 100,
    });
    expect(journal.endedPacks(id('1'))).toContainEqual({ id: id('7'), sizeBytes: 55, endedMs: 100 });
    journal.lookedAt(runId, { atMs: 200, missingBlobs: 0, gonePacks: [] });
    expect(reopen().lateLooks(id('1'))).toEqual({ runs: [], lastMs: 200 });
    expect(journal.packs(runId)).toEqual([]);
    expect(journal.run(runId)).toMatchObject({ at: 'done', indexIds: [], storedIndexes: [] });
  });

  it.each([
    ['was dropped', 'dropped', true],
    ['made no snapshot', 'done', false],
  ] as const)('need not look again at a run that %s', (_, outcome, isSealed) => {
    journal.begin(start);
    journal.pack(runId, pack('b', 'stored'));
    if (isSealed) journal.seal(runId, seal);
    journal.end(runId, outcome, 9);
    expect(reopen().lateLooks(id('1')).runs).toEqual([]);
    expect(journal.packs(runId)).toEqual([]);
  });

  it('keeps no more of them than it should', () => {
    for (let i = 0; i < limits.lateLooksMax + 3; i++) {
      const one = `${i}`.padStart(32, '0');
      journal.begin({ ...start, runId: one });
      journal.seal(one, seal);
      journal.end(one, 'done', i);
    }
    const { runs } = journal.lateLooks(id('1'));
    expect(runs).toHaveLength(limits.lateLooksMax);
    expect(runs[0]?.committedMs).toBe(0);
  });

  it('takes over what an older program has kept', () => {
    journal.close();
    const path = join(folder, 'journal.sqlite');
    rmSync(path);
    const old = new DatabaseSync(path);
    for (const step of journalSteps.slice(0, 2)) old.exec(step);
    old.exec(`PRAGMA user_version = 2;
      INSERT INTO run (id, repository, state, start, snapshot_id) VALUES ('x', '${id('1')}', 'done', '{}', 's')`);
    old.close();
    journal = openJournal(folder, { elapsedMs: () => 0 });
    expect(journal.lateLooks(id('1'))).toEqual({ runs: [], lastMs: 0 });
    expect(journal.run('x')?.at).toBe('done');
  });

  it('knows which packs ended runs of a repository had, and how long they are, until told to forget them', () => {
    journal.begin(start);
    journal.pack(runId, pack('b', 'spooled'));
    journal.pack(runId, pack('c', 'stored'));
    journal.end(runId, 'dropped', 9);
    const { id: packId, sizeBytes } = pack('b', 'spooled');
    expect(reopen().endedPacks(start.repositoryId)[0]).toEqual({ id: packId, sizeBytes, endedMs: 9 });
    expect(journal.endedPacks(id('f'))).toEqual([]);
    journal.forgetPacks(id('f'), [packId]);
    journal.forgetPacks(start.repositoryId, [packId]);
    expect(journal.endedPacks(start.repositoryId).map((each) => each.id)).toEqual([pack('c', 'stored').id]);
  });

  it('leaves the version of a newer program, which then need not change it again', () => {
    const raw = new DatabaseSync(join(folder, 'journal.sqlite'));
    raw.exec('PRAGMA user_version = 1000');
    raw.close();
    reopen().begin(start);
    const after = new DatabaseSync(join(folder, 'journal.sqlite'));
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1000 });
    after.close();
  });

  it('is for its owner alone', () => {
    expect(statSync(join(folder, 'journal.sqlite')).mode & 0o777).toBe(0o600);
  });

  it('can be used by two processes at once', () => {
    const other = openJournal(folder, { elapsedMs: () => 0 });
    journal.begin(start);
    // Gathered, not yet committed: nobody waits for it.
    journal.files(runId, Buffer.from('one'));
    other.begin({ ...start, runId: 'b'.repeat(32) });
    other.files(runId, Buffer.from('two'));
    other.close();
    expect(journal.openRuns()).toHaveLength(2);
    expect(journal.fileRecords(runId)).toHaveLength(2);
  });

  it('lets a run go on with all that it has, and another process own it', () => {
    journal.begin(start);
    journal.pack(runId, pack('b', 'spooled'));
    journal.begin({ ...start, indexIds: [id('9')] });
    journal.own(runId, { pid: 88, sinceMs: 5 });
    expect(reopen().openRuns()).toMatchObject([
      { runId, at: 'open', indexIds: [id('9')], owner: { pid: 88, sinceMs: 5 } },
    ]);
    expect(journal.packs(runId)).toEqual([pack('b', 'spooled')]);
    journal.packLost(runId, id('b'));
    expect(reopen().packs(runId)).toEqual([]);
  });

  it('opens a sealed run again, with its packs and without its seal', () => {
    journal.begin(start);
    journal.pack(runId, pack('b', 'stored'));
    journal.seal(runId, seal);
    journal.reopen(runId, 7);
    expect(reopen().run(runId)).toMatchObject({ at: 'open', seal: undefined });
    expect(journal.packs(runId)).toHaveLength(1);
    journal.reopen(runId, 8);
    journal.seal(runId, { ...seal, indexes: [] });
    expect(reopen().run(runId)?.seal).toMatchObject({ tree: seal.tree, indexes: [] });
    expect(journal.openRuns()).toHaveLength(1);
    // Its snapshot may have been sent.
    const [earlier, ...others] = journal.lateLooks(id('1')).runs;
    expect(others).toEqual([]);
    expect(earlier).toMatchObject({
      snapshotId: id('6'),
      tree: id('4'),
      committedMs: 7,
      lookedMs: undefined,
    });
    expect(journal.run(earlier!.runId)).toMatchObject({ at: 'begun-anew', indexIds: start.indexIds });
    journal.lookedAt(earlier!.runId, { atMs: 9, missingBlobs: 0, gonePacks: [] });
    expect(reopen().lateLooks(id('1')).runs).toEqual([]);
    expect(journal.run(runId)?.seal).toBeDefined();
  });

  it('has on disk what it called durable when the process is killed, and is readable', () => {
    journal.close();
    const program = `
      import { openJournal } from ${JSON.stringify(new URL('../../engine/journal/sqlite-journal.ts', import.meta.url).href)};
      const journal = openJournal(${JSON.stringify(folder)}, { elapsedMs: () => 0 });
      const start = ${JSON.stringify(start)};
      journal.begin(start);
      const pack = ${JSON.stringify({ ...pack('b', 'spooled'), entries: [...pack('b', 'spooled').entries] })};
      journal.pack(start.runId, { ...pack, entries: Uint8Array.from(pack.entries) });
      journal.packStored(start.runId, ${JSON.stringify(id('b'))});
      process.kill(process.pid, 'SIGKILL');`;
    const killed = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(killed.signal).toBe('SIGKILL');
    journal = openJournal(folder, { elapsedMs: () => 0 });
    expect(journal.openRuns()).toHaveLength(1);
    // That it is stored was not synced, but the system has it.
    expect(journal.packs(runId)).toEqual([pack('b', 'stored')]);
  });
});
