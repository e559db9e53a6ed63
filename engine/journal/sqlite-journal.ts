/**
 * The journal in an SQLite database with full sync, in a folder that only its owner may enter. What is told as
 * durable is a transaction of its own; what may be lost is gathered and committed with the next durable
 * one, or when it is a second old. Several processes of one machine may use it at once.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import type { Clock } from '../base/clock.ts';
import { fromSystemError } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import { holdTrees } from '../format/pack-header.ts';
import type {
  CommittedRun,
  EndedPack,
  Journal,
  JournalPack,
  JournalRun,
  LateLook,
  LateLooks,
  RunOutcome,
  RunOwner,
  RunStart,
  Seal,
} from './journal.ts';
import { journalSteps } from './journal-schema.ts';

type Row = Record<string, SQLOutputValue>;

/** Fails with what keeps the folder or the database from being used. */
export function openJournal(folder: string, clock: Pick<Clock, 'elapsedMs'>): Journal {
  const path = join(folder, 'journal.sqlite');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(path, { timeout: limits.journalWaitMsMax });
    chmodSync(path, 0o600);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    migrate(database);
    return new SqliteJournal(database, clock);
  } catch (error) {
    throw fromSystemError(error, 'open', path);
  }
}

/** One that a newer program has made stays as it is: what it has more is of no concern here. */
function migrate(database: DatabaseSync): void {
  // A write that changes nothing would be synced all the same, which takes long on a busy disk.
  if (versionOf(database) >= journalSteps.length) return;
  database.exec('BEGIN IMMEDIATE');
  // Another process may have been quicker.
  const version = versionOf(database);
  for (const step of journalSteps.slice(version)) database.exec(step);
  database.exec(`PRAGMA user_version = ${Math.max(version, journalSteps.length)}; COMMIT`);
}

function versionOf(database: DatabaseSync): number {
  const [row] = database.prepare('PRAGMA user_version').all();
  return Number(row?.user_version);
}

/** A snapshot that is to be looked at once more. */
const isOutstanding = 'committed_ms IS NOT NULL AND (looked_ms IS NULL OR missing_blobs > 0)';

class SqliteJournal implements Journal {
  readonly #database: DatabaseSync;
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  /** Told, but not yet in the database: no other process waits for a transaction that is open for long. */
  #waiting: (readonly [statement: string, values: SQLInputValue[]])[] = [];
  #waitingSinceMs = 0;
  #isSynced = true;

  constructor(database: DatabaseSync, clock: Pick<Clock, 'elapsedMs'>) {
    this.#database = database;
    this.#clock = clock;
  }

  begin(run: RunStart): void {
    const { runId, repositoryId, ...start } = run;
    this.#durably(
      `INSERT INTO run (id, repository, state, start) VALUES (?, ?, 'open', ?)
       ON CONFLICT (id) DO UPDATE SET start = excluded.start WHERE state = 'open'`,
      [runId, repositoryId, JSON.stringify(start)],
    );
  }

  own(runId: string, { pid, sinceMs }: RunOwner): void {
    this.#durably(
      "UPDATE run SET start = json_set(start, '$.owner.pid', ?, '$.owner.sinceMs', ?) WHERE id = ?",
      [pid, sinceMs, runId],
    );
  }

  pack(runId: string, { id, sizeBytes, entries, at }: JournalPack): void {
    const put = 'INSERT OR REPLACE INTO pack (run, id, size, state, entries) VALUES (?, ?, ?, ?, ?)';
    const values = [runId, id, sizeBytes, at, entries];
    if (at === 'spooled') this.#durably(put, values);
    else this.#handOver(put, values);
  }

  packStored(runId: string, packId: Id): void {
    this.#handOver("UPDATE pack SET state = 'stored' WHERE run = ? AND id = ?", [runId, packId]);
  }

  packLost(runId: string, packId: Id): void {
    this.#lazily('DELETE FROM pack WHERE run = ? AND id = ?', [runId, packId]);
  }

  files(runId: string, records: Uint8Array): void {
    this.#lazily('INSERT INTO file_records (run, records) VALUES (?, ?)', [runId, records]);
  }

  indexStored(runId: string, indexId: Id): void {
    this.#lazily('INSERT OR IGNORE INTO stored_index (run, id) VALUES (?, ?)', [runId, indexId]);
  }

  seal(runId: string, { sealedMs, tree, indexes, snapshot, summary }: Seal): void {
    for (const { id, bytes } of indexes)
      this.#lazily('INSERT OR REPLACE INTO sealed_index (run, id, bytes) VALUES (?, ?, ?)', [
        runId,
        id,
        bytes,
      ]);
    this.#durably(
      `UPDATE run SET state = 'sealed', sealed_ms = ?, tree = ?, summary = ?, snapshot_id = ?, snapshot = ?
       WHERE id = ? AND state = 'open'`,
      [sealedMs, tree, summary, snapshot.id, snapshot.bytes, runId],
    );
  }

  reopen(runId: string, atMs: number): void {
    this.#lazily('DELETE FROM sealed_index WHERE run = ?', [runId]);
    this.#lazily(
      `INSERT OR IGNORE INTO run (id, repository, state, start, tree, snapshot_id, committed_ms)
       SELECT snapshot_id, repository, 'begun-anew', start, tree, snapshot_id, ? FROM run
       WHERE id = ? AND state = 'sealed'`,
      [Math.round(atMs), runId],
    );
    this.#durably(
      `UPDATE run SET state = 'open', sealed_ms = NULL, tree = NULL, summary = NULL, snapshot_id = NULL,
       snapshot = NULL WHERE id = ? AND state = 'sealed'`,
      [runId],
    );
  }

  attemptFailed(runId: string, atMs: number, code: string): void {
    this.#durably(
      'UPDATE run SET attempts = attempts + 1, last_attempt_ms = ?, last_failure = ? WHERE id = ?',
      [atMs, code, runId],
    );
  }

  end(runId: string, outcome: RunOutcome, atMs: number): void {
    const endedMs = Math.round(atMs);
    this.#lazily(
      `INSERT OR REPLACE INTO ended_pack (repository, id, size, ended_ms)
       SELECT run.repository, pack.id, pack.size, ? FROM pack JOIN run ON run.id = pack.run WHERE run.id = ?`,
      [endedMs, runId],
    );
    if (outcome === 'done') this.#toBeLookedAt(runId, endedMs);
    for (const table of ['file_records', 'sealed_index'])
      this.#lazily(`DELETE FROM ${table} WHERE run = ?`, [runId]);
    for (const table of ['pack', 'stored_index'])
      this.#lazily(
        `DELETE FROM ${table} WHERE run = ? AND run NOT IN (SELECT id FROM run WHERE committed_ms IS NOT NULL)`,
        [runId],
      );
    this.#lazily("UPDATE pack SET entries = x'' WHERE run = ?", [runId]);
    this.#durably('UPDATE run SET state = ?, snapshot = NULL WHERE id = ?', [outcome, runId]);
  }

  /** Where many wait for it already, those before it and after it have most of what it needs. */
  #toBeLookedAt(runId: string, committedMs: number): void {
    this.#lazily(
      `UPDATE run SET committed_ms = ? WHERE id = ? AND state = 'sealed' AND
       (SELECT count(*) FROM run AS other WHERE other.repository = run.repository AND ${isOutstanding}) < ?`,
      [committedMs, runId, limits.lateLooksMax],
    );
  }

  lookedAt(runId: string, { atMs, missingBlobs, gonePacks }: LateLook): void {
    const now = Math.round(atMs);
    for (const { id, sizeBytes } of gonePacks)
      this.#lazily(
        `INSERT OR REPLACE INTO ended_pack (repository, id, size, ended_ms)
         SELECT repository, ?, ?, ? FROM run WHERE id = ?`,
        [id, sizeBytes, now, runId],
      );
    if (missingBlobs === 0) {
      for (const table of ['pack', 'stored_index'])
        this.#lazily(`DELETE FROM ${table} WHERE run = ?`, [runId]);
      this.#lazily("UPDATE run SET start = json_set(start, '$.indexIds', json('[]')) WHERE id = ?", [runId]);
    }
    this.#durably('UPDATE run SET looked_ms = ?, missing_blobs = ? WHERE id = ?', [now, missingBlobs, runId]);
  }

  forgetPacks(repositoryId: string, packIds: readonly Id[]): void {
    this.#lazily('DELETE FROM ended_pack WHERE repository = ? AND id IN (SELECT value FROM json_each(?))', [
      repositoryId,
      JSON.stringify(packIds),
    ]);
  }

  openRuns(repositoryId?: string): JournalRun[] {
    const rows = this.#all(
      `SELECT * FROM run WHERE state IN ('open', 'sealed') AND (? IS NULL OR repository = ?) ORDER BY number`,
      [repositoryId ?? null, repositoryId ?? null],
    );
    return rows.map((row) => this.#runOf(row));
  }

  run(runId: string): JournalRun | undefined {
    const [row] = this.#all('SELECT * FROM run WHERE id = ?', [runId]);
    return row === undefined ? undefined : this.#runOf(row);
  }

  packs(runId: string): JournalPack[] {
    return this.#all('SELECT * FROM pack WHERE run = ? ORDER BY number', [runId]).map((row) => {
      const entries = asBytes(row.entries);
      return {
        id: String(row.id),
        sizeBytes: Number(row.size),
        isTree: holdTrees(entries),
        entries,
        at: row.state === 'stored' ? 'stored' : 'spooled',
      };
    });
  }

  fileRecords(runId: string): Uint8Array[] {
    const rows = this.#all('SELECT records FROM file_records WHERE run = ? ORDER BY number', [runId]);
    return rows.map((row) => asBytes(row.records));
  }

  endedPacks(repositoryId: string): EndedPack[] {
    const rows = this.#all('SELECT id, size, ended_ms FROM ended_pack WHERE repository = ?', [repositoryId]);
    return rows.map(({ id, size, ended_ms }) => ({
      id: String(id),
      sizeBytes: Number(size),
      endedMs: Number(ended_ms),
    }));
  }

  lateLooks(repositoryId: string): LateLooks {
    const rows = this.#all(
      `SELECT id, snapshot_id, tree, committed_ms, looked_ms, missing_blobs FROM run
       WHERE repository = ? AND ${isOutstanding} ORDER BY number`,
      [repositoryId],
    );
    const [last] = this.#all('SELECT max(looked_ms) AS ms FROM run WHERE repository = ?', [repositoryId]);
    return { runs: rows.map(committedOf), lastMs: Number(last?.ms ?? 0) };
  }

  flush(): void {
    if (this.#waiting.length === 0) {
      // What was handed to the system only, reaches the disk with the next sync.
      if (!this.#isSynced) this.#database.exec('PRAGMA wal_checkpoint');
      this.#isSynced = true;
      return;
    }
    this.#commit();
    this.#isSynced = true;
  }

  #commit(): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const [statement, values] of this.#waiting) this.#database.prepare(statement).run(...values);
      this.#database.exec('COMMIT');
      this.#waiting = [];
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw fromSystemError(error, 'write', 'the journal');
    }
  }

  close(): void {
    this.flush();
    this.#database.close();
  }

  #runOf(row: Row): JournalRun {
    const runId = String(row.id);
    const start = JSON.parse(String(row.start)) as Omit<RunStart, 'runId' | 'repositoryId'>;
    const indexIds = this.#all('SELECT id FROM stored_index WHERE run = ?', [runId]);
    return {
      ...start,
      runId,
      repositoryId: String(row.repository),
      at: row.state as JournalRun['at'],
      seal: row.state === 'sealed' ? this.#sealOf(row) : undefined,
      storedIndexes: indexIds.map(({ id }) => String(id)),
      attempts: Number(row.attempts),
      lastAttemptMs: Number(row.last_attempt_ms),
      lastFailure: String(row.last_failure),
    };
  }

  #sealOf(row: Row): Seal {
    const indexes = this.#all('SELECT id, bytes FROM sealed_index WHERE run = ?', [String(row.id)]);
    return {
      sealedMs: Number(row.sealed_ms),
      tree: String(row.tree),
      summary: String(row.summary),
      indexes: indexes.map(({ id, bytes }) => ({ id: String(id), bytes: asBytes(bytes) })),
      snapshot: { id: String(row.snapshot_id), bytes: asBytes(row.snapshot) },
    };
  }

  #all(query: string, values: SQLInputValue[]): Row[] {
    this.flush();
    return this.#database.prepare(query).all(...values);
  }

  #lazily(statement: string, values: SQLInputValue[]): void {
    if (this.#waiting.length === 0) this.#waitingSinceMs = this.#clock.elapsedMs();
    this.#waiting.push([statement, values]);
    // Nobody waits for a disk because of what may be lost.
    if (this.#clock.elapsedMs() - this.#waitingSinceMs >= limits.journalLazyMs) this.#commitUnsynced();
  }

  /** Outlives this process, but is not worth a sync. */
  #handOver(statement: string, values: SQLInputValue[]): void {
    this.#waiting.push([statement, values]);
    this.#commitUnsynced();
  }

  #commitUnsynced(): void {
    this.#database.exec('PRAGMA synchronous = NORMAL');
    try {
      this.#commit();
      this.#isSynced = false;
    } finally {
      this.#database.exec('PRAGMA synchronous = FULL');
    }
  }

  #durably(statement: string, values: SQLInputValue[]): void {
    this.#waiting.push([statement, values]);
    this.flush();
  }
}

function asBytes(value: SQLOutputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function committedOf(row: Row): CommittedRun {
  return {
    runId: String(row.id),
    snapshotId: String(row.snapshot_id),
    tree: String(row.tree),
    committedMs: Number(row.committed_ms),
    lookedMs: row.looked_ms === null ? undefined : Number(row.looked_ms),
    missingBlobs: Number(row.missing_blobs),
  };
}
