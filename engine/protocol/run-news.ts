/**
 * What a run tells while it goes on: plain data, told and not answered. The command line shows it, the app will.
 * Paths are byte strings; `toText` makes them readable. Sizes are bytes.
 */
import type { ByteString } from '../base/byte-string.ts';

/** The phases of a backup, in their order; `waiting` may come before any that needs the vault. */
export type RunPhase =
  | 'opening'
  | 'scanning'
  | 'uploading'
  | 'sealing'
  | 'waiting'
  | 'proving'
  | 'writing-index'
  | 'committing'
  | 'verified';

/** Told often; each one replaces the one before. */
export interface BackupProgress {
  readonly phase: RunPhase;
  readonly filesDone: number;
  /** Unknown until the scan of the sources has ended. */
  readonly filesTotal?: number;
  readonly bytesRead: number;
  readonly bytesTotal?: number;
  /** What reached the repository: new data only, compressed and sealed. */
  readonly bytesStored: number;
  readonly errors: number;
  readonly currentFiles: readonly ByteString[];
}

/** What a backup counted, in restic's terms: blobs are those that were new. */
export interface BackupTotals {
  readonly filesNew: number;
  readonly filesChanged: number;
  readonly filesUnmodified: number;
  readonly dirsNew: number;
  readonly dirsChanged: number;
  readonly dirsUnmodified: number;
  readonly dataBlobs: number;
  readonly treeBlobs: number;
  readonly totalFilesProcessed: number;
  readonly totalBytesProcessed: number;
}

/** Told once, at the end. `snapshotId` is there only where a snapshot was committed and verified. */
export interface BackupSummary extends BackupTotals {
  /** New blobs before compression, and as they are stored. */
  readonly dataAddedBytes: number;
  readonly dataAddedPackedBytes: number;
  readonly durationMs: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly snapshotId?: string;
  readonly dryRun: boolean;
  /** Files that changed while they were read: each was named in a `changed-while-reading`. */
  readonly changedWhileReading: number;
  /** Items that could not be read: each was named in an `error`. */
  readonly errors: number;
}

export interface RestoreProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** Left as they were, because of what `--overwrite` says or because they were right already. */
  readonly filesSkipped: number;
  readonly bytesSkipped: number;
  readonly filesDeleted: number;
  readonly errors: number;
}

/** A file or folder is done. */
export interface ItemNews {
  readonly type: 'item';
  readonly action: 'new' | 'changed' | 'unmodified';
  readonly path: ByteString;
  readonly isFolder: boolean;
  /** What it added: new data before compression and as stored, then its trees likewise. */
  readonly dataBytes: number;
  readonly dataStoredBytes: number;
  readonly treeBytes: number;
  readonly treeStoredBytes: number;
  readonly durationMs: number;
}

/** Something that a restore did to the target. */
export interface RestoredNews {
  readonly type: 'restored';
  readonly action: 'restored' | 'updated' | 'unchanged' | 'deleted';
  readonly path: ByteString;
  readonly sizeBytes: number;
}

/** One item failed; the run goes on and ends as incomplete. */
export interface ErrorNews {
  readonly type: 'error';
  readonly during: 'scan' | 'archival' | 'restore' | 'verify' | 'check';
  readonly item: ByteString;
  readonly message: string;
}

/** A file's size or times were others after it was read than before: its copy may mix two states. */
export interface ChangedNews {
  readonly type: 'changed-while-reading';
  readonly item: ByteString;
}

/** An item was saved, but something about it is worth knowing: attributes that could not be read, say. */
export interface WarningNews {
  readonly type: 'warning';
  readonly item: ByteString;
  readonly message: string;
}

/** A snapshot that lacks what it needs. */
export interface IncompleteSnapshot {
  readonly snapshotId: string;
  /** When it was saved: wall time, milliseconds. */
  readonly committedMs: number;
  /** At least so many: below a folder that is missing, nobody can count. */
  readonly missingBlobs: number;
}

/**
 * A snapshot of this machine that was saved and proven lacks what it needs since: another program removed it, and was
 * found out at a later look. With no missing blobs, it lacked some at the look before and is whole again, or forgotten.
 */
export interface IncompleteNews extends IncompleteSnapshot {
  readonly type: 'snapshot-incomplete';
}

export type BackupNews = ItemNews | ErrorNews | ChangedNews | WarningNews | IncompleteNews;
export type RestoreNews = RestoredNews | ErrorNews;
