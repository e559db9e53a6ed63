/**
 * What this machine remembers of the locks of its vaults: the names of its own lock files until they are removed, how
 * far listings lagged, what it saw of other people's locks, and who of its own processes waits for which
 * vault. All processes of one user share it. `sqlite-lock-memory.ts` keeps it on disk.
 */
import type { Id } from '../format/id.ts';
import type { QueueEntry } from '../protocol/vault-queue.ts';

export interface LagSeen {
  /** Wall time, milliseconds. */
  readonly atMs: number;
  readonly lagMs: number;
}

/** A lock file of ours that may be in the store. */
export interface OwnLock {
  readonly id: Id;
  /** Wall time, milliseconds: when it was noted first. */
  readonly writtenMs: number;
}

/** A lock file of somebody else, as we saw it at several looks. Wall times by our clock, milliseconds. */
export interface LockLook {
  readonly id: Id;
  /** One text for all files of one holder: a refresh is a new file of the same one. */
  readonly holder: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface LockMemory {
  /** Durable, and before the file is written. Told again, it says nothing new. */
  lockWritten(repositoryId: string, lock: OwnLock): void;
  lockRemoved(repositoryId: string, lockId: Id): void;
  ownLocks(repositoryId: string): OwnLock[];

  lags(repositoryId: string): LagSeen[];
  rememberLags(repositoryId: string, lags: readonly LagSeen[]): void;

  looks(repositoryId: string): LockLook[];
  rememberLooks(repositoryId: string, looks: readonly LockLook[]): void;

  queue(repositoryId: string): QueueEntry[];
  /** Changes the queue with nobody else between reading and writing it. */
  changeQueue(repositoryId: string, change: (entries: QueueEntry[]) => readonly QueueEntry[]): QueueEntry[];

  close(): void;
}
