/**
 * Where a repository's files are kept. A backend stores bytes under names; it knows no packs or snapshots.
 * Every backend owes what is written here, and `test/contract` checks that it pays.
 */
import type { Chance } from '../base/chance.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Patience } from '../machine/retry.ts';
import type { CallSignal } from './call-signal.ts';

/** restic's kinds of files. `config` has one file only and no name. */
export type FileType = 'config' | 'key' | 'lock' | 'snapshot' | 'index' | 'pack';

export interface FileName {
  readonly type: FileType;
  /** 64 hex digits; empty for the config. */
  readonly name: string;
  /** A pack of trees, which a cache keeps. Says nothing about where it is. */
  readonly holdsTrees?: boolean;
}

export interface StoredFile {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What a backend needs of the outside. */
export interface BackendWorld {
  readonly chance: Chance;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Credentials and settings of the store, under the names that restic reads from its environment
   * (`AWS_ACCESS_KEY_ID`, `B2_ACCOUNT_KEY`, `RESTIC_REST_PASSWORD` ...). Secrets: never logged, never an argument.
   */
  readonly access: StoreAccess;
  /** What the environment says of proxies, where the access is not from there. */
  readonly proxies?: StoreAccess;
}

export type StoreAccess = Readonly<Record<string, string | undefined>>;

export interface Backend {
  /** For people: where this is, without secrets. */
  readonly location: string;
  /** Where that is a folder of this machine; otherwise there is a network between. */
  readonly folder?: string;
  /** Requests that it serves well at a time. */
  readonly connectionsMax: number;
  /**
   * How long listings of such a store are known to lag behind what is stored and removed, milliseconds; none where it is
   * left away. More is learned from what is seen.
   */
  readonly listLagFloorMs?: number;
  /** When the save of a pack returns, the pack was asked for by its name and had its length. */
  readonly asksForPacks?: boolean;
  /** It stands for a store that cannot be asked: what is saved waits, and fails when nobody waits for it any more. */
  readonly isAway?: boolean;

  /** Makes ready an empty place for a new repository. What is there already stays. */
  create(signal?: CallSignal): Promise<void>;

  /**
   * Stores the parts, one after the other, as one file. When it returns, the file is durable and whole under its
   * name; before, nobody sees any of it. Of a lock, an index and a snapshot that is proven only by reading it
   * back, which `repo/lock-files.ts` and `repo/see-stored.ts` do. Storing a content-addressed name again, with the same bytes, succeeds.
   * Fails with `no-space`, `permission-denied`, `read-only`, `io`, or `repository-missing` where all of it is gone.
   */
  save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void>;

  /**
   * The whole file, or exactly the range of it. Fails with `not-found` where there is no such file (it must not
   * be asked again), with `damaged` where the file ends before the range does.
   */
  load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array>;

  /** Its size in bytes. Fails with `not-found`. */
  stat(file: FileName, signal?: CallSignal): Promise<number>;

  /** Removes the file, or what a crash left half written of it; one that is not there (any more) is success. */
  remove(file: FileName, signal?: CallSignal): Promise<void>;

  /** Every file of a type, each once. Names that are no ids are passed over; a missing folder is empty. */
  list(type: FileType, signal?: CallSignal): AsyncIterable<StoredFile>;

  /** Opens connections for so many uploads before there are any. Never fails. */
  makeReady?(uploads: number): Promise<void>;

  /** Drops connections that wait for work: one of them led nowhere, and so may the others. */
  dropIdle?(): void;

  /** The same way to the same store, for somebody with a patience of their own: it may change while they wait. */
  withPatience?(patience: () => Patience): Backend;

  close(): Promise<void>;
}

export const configFile: FileName = { type: 'config', name: '' };

/** The folder that holds a type, in restic's default layout. */
export const folderOf: Readonly<Record<Exclude<FileType, 'config'>, string>> = {
  key: 'keys',
  lock: 'locks',
  snapshot: 'snapshots',
  index: 'index',
  pack: 'data',
};

export const fileNamePattern = /^[0-9a-f]{64}$/;
