/** What a lock of ours can be in, hear and do: the unions that `repo-lock.ts` and its parts share. */
import type { ListLag } from './list-lag.ts';
import type { Looks, SeenLock } from './lock-looks.ts';

/** Elapsed time for how long something took; wall time goes on while the machine sleeps. Milliseconds. */
export interface Now {
  readonly elapsedMs: number;
  readonly wallMs: number;
}

/** What is wanted, and what was learned of the store meanwhile. */
export interface Wish {
  readonly exclusive: boolean;
  /** Elapsed time until which a conflict is waited for. */
  readonly giveUpMs: number;
  readonly lag: ListLag;
  readonly looks: Looks;
  /** Conflicts so far. */
  readonly waits: number;
  /** When files of ours were removed: as long as they are listed, the listing lags. */
  readonly removed: ReadonlyMap<string, number>;
}

export type Refusal =
  | { readonly because: 'conflict' | 'unreadable'; readonly id: string }
  /** A request failed; whoever made it knows why. */
  | { readonly because: 'store' }
  /** What we wrote cannot be found in any listing. */
  | { readonly because: 'unlisted' }
  | { readonly because: 'cancelled' };

export type Ending = Refusal | { readonly because: 'left' } | { readonly because: 'lost' };

/** A lock that is ours: its files, the newest last, when the newest was written, and when we last looked at the clock. */
export interface Holding {
  readonly wish: Wish;
  readonly ids: readonly string[];
  readonly fresh: Now;
  readonly ticked: Now;
  /** Elapsed time before which no refresh is begun. */
  readonly tryMs: number;
}

export type Taking =
  | { readonly at: 'cleaning'; readonly wish: Wish; readonly ids: readonly string[]; readonly tries: number }
  | { readonly at: 'looking'; readonly wish: Wish }
  | { readonly at: 'waiting'; readonly wish: Wish; readonly untilMs: number }
  | { readonly at: 'writing'; readonly wish: Wish }
  | {
      readonly at: 'settling';
      readonly wish: Wish;
      readonly id: string;
      readonly asked: Now;
      readonly putMs: number;
      /** From when on the settle time counts, elapsed, and when the last look was answered. */
      readonly fromMs: number;
      readonly looked: Now;
      readonly isListed: boolean;
      /** A look did not find it: then the one that does tells the lag, and not how slow the requests are. */
      readonly isMissed?: boolean;
      /** The next look; undefined while one is under way. */
      readonly lookMs?: number;
    }
  | {
      readonly at: 'withdrawing';
      readonly wish: Wish;
      readonly ids: readonly string[];
      readonly tries: number;
      readonly refusal: Refusal;
    }
  | {
      readonly at: 'leaving';
      readonly ids: readonly string[];
      readonly tries: number;
      /** A file may still be on its way to the store. */
      readonly isWriting: boolean;
      readonly ending: Ending;
    };

export type Refreshing = Holding & {
  readonly at: 'refreshing';
  readonly step: 'write' | 'look' | 'rest' | 'remove';
  readonly putMs: number;
  /** While it rests: when it looks again. */
  readonly lookMs: number;
  readonly isMissed?: boolean;
};

export type Doubtful = Holding & {
  readonly at: 'doubtful';
  /** `settle`: a new file is written, and it has to be proven that the old one outlived that. */
  readonly step: 'check' | 'rest' | 'write' | 'settle' | 'recheck';
  /** The file that has to be there. */
  readonly proofId: string;
  readonly written?: { readonly asked: Now; readonly putMs: number };
  readonly retryMs: number;
};

export type Keeping = (Holding & { readonly at: 'held' }) | Refreshing | Doubtful;

export type RepoLock = Taking | Keeping | { readonly at: 'ended' };

export type LockEvent =
  | { readonly type: 'tick' }
  /** `askedMs`: elapsed time when the look began. */
  | { readonly type: 'looked'; readonly askedMs: number; readonly seen: readonly SeenLock[] }
  | { readonly type: 'look-failed' }
  /** Stored, and read back by its name. `asked`: the time in the file; `putMs`: when the store acknowledged it. */
  | { readonly type: 'written'; readonly id: string; readonly asked: Now; readonly putMs: number }
  /** It may be stored all the same. */
  | { readonly type: 'write-failed'; readonly id: string }
  | { readonly type: 'checked'; readonly id: string; readonly is: 'there' | 'gone' | 'unknown' }
  | { readonly type: 'removed'; readonly id: string }
  | { readonly type: 'remove-failed'; readonly id: string }
  | { readonly type: 'leave' };

export type LockEffect =
  /** List the locks and read those that are not known. */
  | { readonly do: 'look'; readonly known: readonly string[] }
  /** Note the new name in the journal, store the file, read it back. */
  | { readonly do: 'write' }
  /** Ask for a file by its name. */
  | { readonly do: 'check'; readonly id: string }
  | { readonly do: 'remove'; readonly id: string }
  /** One tick, then; it replaces an earlier one. */
  | { readonly do: 'wake'; readonly inMs: number }
  | { readonly do: 'hold' }
  | { readonly do: 'freeze' }
  | { readonly do: 'thaw' }
  | { readonly do: 'lose' }
  | { readonly do: 'end'; readonly ending: Ending }
  | { readonly do: 'learn'; readonly lagMs: number }
  | {
      readonly do: 'tell';
      readonly what: 'conflict' | 'unclear' | 'passed-over' | 'refresh-failed' | 'left-behind';
      readonly id: string;
    };

export type LockStep = readonly [RepoLock, ...LockEffect[]];
