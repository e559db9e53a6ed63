/**
 * The memory of locks in an SQLite database of its own, in a folder that only its owner may enter. It is opened when it
 * is first needed. Own lock names are durable when a method returns.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Id } from '../format/id.ts';
import type { QueueEntry } from '../protocol/vault-queue.ts';
import type { LagSeen, LockLook, LockMemory, OwnLock } from './lock-memory.ts';

const schema = `
  CREATE TABLE IF NOT EXISTS own_lock_file (
    repository TEXT NOT NULL, id TEXT NOT NULL, written_ms REAL NOT NULL, PRIMARY KEY (repository, id)) STRICT;
  CREATE TABLE IF NOT EXISTS kept (
    repository TEXT NOT NULL, what TEXT NOT NULL, list TEXT NOT NULL, PRIMARY KEY (repository, what)) STRICT;`;

/** Nothing is touched before the first use. Where the folder cannot be used, it remembers until the process ends. */
export function openLockMemory(folder: string, log: Log): LockMemory {
  return new SqliteLockMemory(folder, log);
}

type Kept = 'lags' | 'looks' | 'queue';

class SqliteLockMemory implements LockMemory {
  readonly #folder: string;
  readonly #log: Log;
  #opened: DatabaseSync | undefined;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  lockWritten(repositoryId: string, { id, writtenMs }: OwnLock): void {
    const values = [repositoryId, id, writtenMs];
    this.#run('INSERT OR IGNORE INTO own_lock_file (repository, id, written_ms) VALUES (?, ?, ?)', values);
  }

  lockRemoved(repositoryId: string, lockId: Id): void {
    this.#run('DELETE FROM own_lock_file WHERE repository = ? AND id = ?', [repositoryId, lockId]);
  }

  ownLocks(repositoryId: string): OwnLock[] {
    const rows = this.#all('SELECT id, written_ms FROM own_lock_file WHERE repository = ?', [repositoryId]);
    return rows.map((row) => ({ id: String(row.id), writtenMs: Number(row.written_ms) }));
  }

  lags(repositoryId: string): LagSeen[] {
    return this.#list<LagSeen>(repositoryId, 'lags');
  }

  rememberLags(repositoryId: string, lags: readonly LagSeen[]): void {
    this.#keep(repositoryId, 'lags', lags);
  }

  looks(repositoryId: string): LockLook[] {
    return this.#list<LockLook>(repositoryId, 'looks');
  }

  rememberLooks(repositoryId: string, looks: readonly LockLook[]): void {
    this.#keep(repositoryId, 'looks', looks.slice(-limits.lockLooksMax));
  }

  queue(repositoryId: string): QueueEntry[] {
    return this.#list<QueueEntry>(repositoryId, 'queue');
  }

  changeQueue(repositoryId: string, change: (entries: QueueEntry[]) => readonly QueueEntry[]): QueueEntry[] {
    const database = this.#database();
    database.exec('BEGIN IMMEDIATE');
    try {
      const changed = [...change(this.queue(repositoryId))];
      this.#keep(repositoryId, 'queue', changed);
      database.exec('COMMIT');
      return changed;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }

  #list<Item>(repositoryId: string, what: Kept): Item[] {
    const [row] = this.#all('SELECT list FROM kept WHERE repository = ? AND what = ?', [repositoryId, what]);
    return row === undefined ? [] : (JSON.parse(String(row.list)) as Item[]);
  }

  #keep(repositoryId: string, what: Kept, list: readonly unknown[]): void {
    const values = [repositoryId, what, JSON.stringify(list)];
    this.#run('INSERT OR REPLACE INTO kept (repository, what, list) VALUES (?, ?, ?)', values);
  }

  #run(statement: string, values: SQLInputValue[]): void {
    this.#database()
      .prepare(statement)
      .run(...values);
  }

  #all(query: string, values: SQLInputValue[]): Record<string, SQLOutputValue>[] {
    return this.#database()
      .prepare(query)
      .all(...values);
  }

  #database(): DatabaseSync {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  /** Who cannot remember can still work: what a crash leaves is then found by the next person only. */
  #open(): DatabaseSync {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      return openAt(join(this.#folder, 'locks.sqlite'));
    } catch {
      this.#log.warn('this machine cannot remember its locks: the data folder cannot be used');
      return openAt(':memory:');
    }
  }
}

function openAt(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: limits.journalWaitMsMax });
  if (path !== ':memory:') chmodSync(path, 0o600);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${schema}`);
  return database;
}
