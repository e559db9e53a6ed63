/**
 * The one picture: what tray, notices and window show. The app core makes it of facts; it is sent whole, the latest
 * wins. Times are milliseconds since 1970 UTC. It holds no secret. Paths are text, for people.
 */
import type { GateView } from './gate-view.ts';
import type { LineView } from './line-view.ts';
import type { LagView, LockView, QueueRow } from './lock-view.ts';
import type { NetworkSample, NetworkView } from './network-view.ts';
import type { BackupSummary, IncompleteSnapshot, RunPhase } from './run-news.ts';
import type { GeneralSettings, Plan, Vault } from './settings.ts';

/** The engine's process. */
export type EngineState =
  | { readonly at: 'starting' }
  | { readonly at: 'ready' }
  | { readonly at: 'draining' }
  /** It crashed, and is started again. */
  | { readonly at: 'waiting'; readonly untilMs: number; readonly crashes: number }
  | { readonly at: 'gave-up'; readonly crashes: number };

/** A failure as it crosses a process: see `base/failure.ts`. */
export interface PlainFailure {
  readonly code: string;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

export interface RunProgress {
  readonly phase: RunPhase;
  readonly filesDone: number;
  readonly filesTotal?: number;
  readonly bytesRead: number;
  readonly bytesTotal?: number;
  readonly bytesStored: number;
  readonly errors: number;
  readonly currentFile?: string;
  /** Bytes a second, and the range for the time left, once there are enough samples. */
  readonly readRate?: number;
  readonly leastLeftMs?: number;
  readonly mostLeftMs?: number;
}

export type PlanActivity =
  | { readonly at: 'idle' }
  /** Waits for its turn: another run works with the same vault, or the engine is not ready. */
  | { readonly at: 'queued'; readonly behind?: string; readonly sinceMs: number }
  | {
      readonly at: 'running';
      readonly runId: string;
      readonly sinceMs: number;
      readonly progress: RunProgress;
      /** While its commit waits. */
      readonly gate?: GateView;
    }
  /** Its run is over and sealed on this computer: what is left waits for the network, or is under way. */
  | {
      readonly at: 'waiting' | 'finishing';
      readonly sinceMs: number;
      readonly gate?: GateView;
      /** What the last attempt failed with. */
      readonly failure?: PlainFailure;
    };

export type RunCause = 'manual' | 'login' | 'schedule' | 'catch-up';

export type RunOutcome =
  /** Verified; `errors` items could not be read. */
  | { readonly at: 'saved'; readonly snapshotId: string; readonly errors: number }
  /** Sealed on this computer, and not yet in the vault: it is finished by itself. */
  | { readonly at: 'waiting'; readonly commitId: string }
  | { readonly at: 'failed'; readonly failure: PlainFailure }
  | { readonly at: 'cancelled' }
  /** The engine or the machine went away in the middle of it. */
  | { readonly at: 'interrupted' };

/** A run that ended. */
export interface RunRecord {
  readonly id: string;
  readonly planId: string;
  readonly planName: string;
  readonly cause: RunCause;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly outcome: RunOutcome;
  readonly summary?: BackupSummary;
  /** The first of the items that could not be read, and why. */
  readonly itemErrors: readonly { readonly item: string; readonly message: string }[];
}

export interface PlanView {
  readonly plan: Plan;
  readonly activity: PlanActivity;
  /** When the newest restore point that was verified was begun. */
  readonly lastGoodMs?: number;
  readonly lastRun?: RunRecord;
  readonly nextRunMs?: number;
}

export type VaultStatus =
  | { readonly at: 'unknown' }
  | {
      readonly at: 'reachable';
      readonly checkedMs: number;
      readonly repositoryId?: string;
      readonly snapshots: number;
      readonly storedBytes: number;
      readonly freeBytes?: number;
      readonly locks: readonly LockView[];
      readonly queue?: readonly QueueRow[];
      readonly lag?: LagView;
      /** When the locks were looked at: more often than the rest. */
      readonly locksMs?: number;
    }
  | { readonly at: 'trouble'; readonly checkedMs: number; readonly failure: PlainFailure };

export interface VaultView {
  readonly vault: Vault;
  readonly status: VaultStatus;
  /** Where the recovery sheet of a vault that we made lies. */
  readonly recoverySheet?: string;
  /** Once something was asked of a store across a network. */
  readonly line?: LineView;
  readonly network?: NetworkHistory;
  /** Snapshots that have lost something after they were saved, as far as this computer knows. */
  readonly incomplete?: readonly IncompleteSnapshot[];
}

/** How good the network to a vault is, and the last samples, the oldest first. */
export interface NetworkHistory {
  readonly view: NetworkView;
  readonly samples: readonly NetworkSample[];
}

/** A backup that is sealed on this computer and waits to be finished. */
export interface PendingView {
  readonly id: string;
  /** Undefined where it came from elsewhere, or its plan is gone. */
  readonly planId?: string;
  /** Undefined where no vault of the app is meant: then it cannot be finished here. */
  readonly vaultId?: string;
  readonly location: string;
  readonly sources: readonly string[];
  readonly sealedMs: number;
  readonly unsentBytes: number;
  readonly at: 'waiting' | 'finishing';
  readonly gate?: GateView;
  readonly failure?: PlainFailure;
}

/** In the order of their weight for the tray's icon: seven shapes. */
export type VerdictKind =
  | 'protected'
  | 'working'
  | 'waiting'
  | 'finishing'
  | 'attention'
  | 'failed'
  | 'paused';

/** How things are, in one sentence that tray, notices and window all show. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** In the person's language. */
  readonly sentence: string;
}

export interface RestoreView {
  readonly id: string;
  readonly target: string;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly errors: number;
  readonly outcome: 'running' | 'done' | 'incomplete' | 'cancelled' | PlainFailure;
}

export interface AppState {
  readonly nowMs: number;
  readonly verdict: Verdict;
  readonly engine: EngineState;
  /** Set while paused; without an end where it lasts until it is resumed. */
  readonly paused?: { readonly untilMs?: number };
  readonly plans: readonly PlanView[];
  readonly vaults: readonly VaultView[];
  /** The oldest first; without the one that a run waits with just now. */
  readonly pending: readonly PendingView[];
  /** The newest first, the last hundred. */
  readonly runs: readonly RunRecord[];
  readonly restore?: RestoreView;
  readonly general: GeneralSettings;
  /** What `system` means here. */
  readonly language: 'en' | 'zh';
  readonly platform: string;
  readonly hostname: string;
  readonly version: string;
  /** Where there is none, keys and passwords of vaults lie unencrypted in a file of the person's own. */
  readonly hasKeychain: boolean;
  /** What a first backup set protects where nothing else is said. */
  readonly homeFolder?: string;
  /** In a browser there are no dialogs of the system: paths are typed. */
  readonly host: 'electron' | 'web';
}
