/**
 * Who works with a vault and who waits for it, as it is shown. Names come from other machines and are hostile. Times are
 * milliseconds since 1970 UTC.
 */

/** Whether somebody's lock still means something, and what says so. */
export interface LockVerdict {
  readonly is: 'live' | 'stale' | 'unsure';
  readonly because:
    | 'refreshed'
    | 'young'
    | 'process-runs'
    | 'own-leftover'
    | 'process-gone'
    | 'process-is-younger'
    | 'not-refreshed'
    | 'looked-too-short'
    | 'unreadable';
}

export interface LockView {
  /** Of the newest of its files. */
  readonly id: string;
  /** Like everything else of the holder empty, where the lock is unreadable. */
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  readonly sinceMs: number;
  readonly exclusive: boolean;
  /** Of a Slackwater on this machine. */
  readonly ours: boolean;
  readonly verdict: LockVerdict;
}

/** A process of this machine that works in the vault, or waits for its turn. */
export interface QueueRow {
  readonly pid: number;
  readonly work: 'backup' | 'maintenance';
  readonly label: string;
  readonly isWorking: boolean;
  /** It works, or has waited, since then. */
  readonly sinceMs: number;
  /** Of the app's own engine. */
  readonly ours: boolean;
}

/** How far listings of the store lag, milliseconds. */
export interface LagView {
  /** What such stores are known for. */
  readonly floorMs: number;
  /** The worst of the last weeks. */
  readonly seenMs?: number;
  /** What is reckoned with. */
  readonly boundMs: number;
  /** How long a new lock waits until no other can be hidden. */
  readonly settleMs: number;
  /** It lags too much for several writers. */
  readonly isForOneClient: boolean;
}

export interface VaultWork {
  readonly locks: readonly LockView[];
  /** In the order in which they asked. */
  readonly queue: readonly QueueRow[];
  readonly lag: LagView;
}

export interface Unlocked {
  readonly removed: number;
  /** Not proven stale. */
  readonly kept: number;
}
