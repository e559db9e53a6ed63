/**
 * What this machine remembers of runs until their snapshots are proven: the port that jobs write to. `sqlite-journal.ts`
 * keeps it on disk, the simulation keeps it on a disk that loses and tears. Methods that say *durable* have reached
 * the disk when they return; the others may be lost by a crash, which costs a question to the store, never data.
 */
import type { Id } from '../format/id.ts';

export interface JournalPack {
  readonly id: Id;
  readonly sizeBytes: number;
  readonly isTree: boolean;
  /** Its blobs, as its header has them: see `format/pack-header.ts`. */
  readonly entries: Uint8Array;
  /** `spooled`: whole in the spool, not acknowledged. `stored`: the store has proven that it has it. */
  readonly at: 'spooled' | 'stored';
}

/** What is fixed when a run begins. */
export interface RunStart {
  /** 32 hex digits. */
  readonly runId: string;
  readonly repositoryId: string;
  /** Where the repository is, without secrets. */
  readonly location: string;
  /** Of the app's plan; empty for the command line. */
  readonly planId: string;
  /** What is backed up and how, as one text that two runs of the same thing share. */
  readonly subject: string;
  /** For people: the sources. */
  readonly sources: readonly string[];
  readonly startedMs: number;
  /** The index files that were loaded: while all of them are there, nothing that we rely on was pruned. */
  readonly indexIds: readonly Id[];
  /** Who works on it: while that process lives, nobody else does. */
  readonly owner: RunOwner;
}

export interface RunOwner {
  readonly pid: number;
  /** When it began to work on the run, wall time in milliseconds: an older process of this number is not meant. */
  readonly sinceMs: number;
}

export interface SealedFile {
  readonly id: Id;
  readonly bytes: Uint8Array;
}

/** The local commit point: everything that has yet to be sent, as the bytes that will be sent. */
export interface Seal {
  readonly sealedMs: number;
  readonly tree: Id;
  readonly indexes: readonly SealedFile[];
  readonly snapshot: SealedFile;
  /** What the run would have answered, as JSON. */
  readonly summary: string;
}

export type RunOutcome =
  /** Its snapshot is in the repository and was read back; or nothing had changed, and none was wanted. */
  | 'done'
  /** A person gave it up. */
  | 'dropped'
  /** A later run of the same thing took over what it had. */
  | 'superseded'
  /** It lacked something before its snapshot was seen, and was begun anew; a store may carry it out all the same. */
  | 'begun-anew';

/** One that a run had which has ended. */
export interface EndedPack {
  readonly id: Id;
  readonly sizeBytes: number;
  /** Wall time, milliseconds. */
  readonly endedMs: number;
}

/** A run whose snapshot was committed or may have been, until it was looked at once more and found whole or forgotten. */
export interface CommittedRun {
  readonly runId: string;
  readonly snapshotId: Id;
  readonly tree: Id;
  /** Wall times, milliseconds. */
  readonly committedMs: number;
  readonly lookedMs: number | undefined;
  /** What the last look has missed; 0 before the first one. */
  readonly missingBlobs: number;
}

export interface LateLooks {
  /** Oldest first. `run` still knows their index files, and `packs` their packs, without what is in them. */
  readonly runs: readonly CommittedRun[];
  /** The last look at any run of the repository, wall time in milliseconds; 0 where there was none. */
  readonly lastMs: number;
}

/** What a look has found. */
export interface LateLook {
  readonly atMs: number;
  /** 0: nobody needs to look again. */
  readonly missingBlobs: number;
  /** Packs that an index names and the store does not have: whoever relies on an index asks for them first. */
  readonly gonePacks: readonly Pick<EndedPack, 'id' | 'sizeBytes'>[];
}

export interface JournalRun extends RunStart {
  readonly at: 'open' | 'sealed' | RunOutcome;
  readonly seal: Seal | undefined;
  /** Index files of the seal, and earlier ones, that the store has proven to have. */
  readonly storedIndexes: readonly Id[];
  /** Attempts to publish it that failed in a row, when the last one ended, and with which code. */
  readonly attempts: number;
  readonly lastAttemptMs: number;
  readonly lastFailure: string;
}

export interface Journal {
  /** Durable. A run that is open already goes on from this start, with all that it has. */
  begin(run: RunStart): void;
  /** Durable. Somebody else works on the run from now on. */
  own(runId: string, owner: RunOwner): void;
  /**
   * `spooled` is durable and comes before anything of the pack is sent. `stored` outlives this process, but may be lost
   * with the power.
   */
  pack(runId: string, pack: JournalPack): void;
  packStored(runId: string, packId: Id): void;
  /** The store has it no more, and neither have we. */
  packLost(runId: string, packId: Id): void;
  /** Source files that are finished, encoded by `file-records.ts`. May be lost. */
  files(runId: string, records: Uint8Array): void;
  /** May be lost. */
  indexStored(runId: string, indexId: Id): void;
  /** Durable: from here on the backup cannot be lost by a crash of this machine. */
  seal(runId: string, seal: Seal): void;
  /**
   * Durable. What was sealed cannot be published as it is: the run is open again, with what is left of its packs. Its
   * snapshot may have been sent: as a run of its own, `begun-anew`, it is to be looked at once more.
   */
  reopen(runId: string, atMs: number): void;
  attemptFailed(runId: string, atMs: number, code: string): void;
  /**
   * Durable, and before anything of the run is removed from the spool. Which packs it had is still known; one that is
   * sealed and `done` is to be looked at once more.
   */
  end(runId: string, outcome: RunOutcome, atMs: number): void;
  /** May be lost. Of runs that have ended. */
  forgetPacks(repositoryId: string, packIds: readonly Id[]): void;

  /** Durable. A committed run was looked at once more. */
  lookedAt(runId: string, look: LateLook): void;

  /** Newest last; without those that have ended. */
  openRuns(repositoryId?: string): JournalRun[];
  run(runId: string): JournalRun | undefined;
  packs(runId: string): JournalPack[];
  fileRecords(runId: string): Uint8Array[];
  endedPacks(repositoryId: string): EndedPack[];
  lateLooks(repositoryId: string): LateLooks;

  /** Makes all durable that was told so far. */
  flush(): void;
  close(): void;
}
