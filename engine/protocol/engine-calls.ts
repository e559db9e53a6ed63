/**
 * What the app asks of the engine's process, and the news that it tells. Secrets travel inward only, in the argument
 * of a call; no answer and no news has one.
 */
import * as v from 'valibot';
import type { FolderRow, Page, PlaceTest, SnapshotRow } from './app-calls.ts';
import type { PlainFailure, RunProgress } from './app-state.ts';
import { call } from './calls.ts';
import type { GateView } from './gate-view.ts';
import type { LineNews } from './line-view.ts';
import type { LagView, LockView, QueueRow, Unlocked, VaultWork } from './lock-view.ts';
import type { NetworkNews, NetworkView } from './network-view.ts';
import type { RegionsView } from './region-view.ts';
import type { BackupSummary, IncompleteSnapshot } from './run-news.ts';
import { bandwidthSchema, commitWaitSchema, idSchema, pathSchema, threadsSchema } from './settings.ts';
import { storeAccessSchema } from './store-kinds.ts';

const text = v.pipe(v.string(), v.maxLength(64_000));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9));

/** A repository and what opens it. */
export const accessSchema = v.strictObject({
  location: pathSchema,
  password: v.pipe(v.string(), v.minLength(1)),
  /** What opens the store, where that asks for something of its own. */
  store: v.exactOptional(storeAccessSchema),
});
export type Access = v.InferOutput<typeof accessSchema>;

/** How hard a run may work. */
const effortSchema = v.strictObject({
  threadsMax: v.exactOptional(threadsSchema),
  onBattery: v.boolean(),
});

export interface VaultFacts {
  readonly repositoryId?: string;
  readonly snapshots: number;
  readonly storedBytes: number;
  readonly freeBytes?: number;
  readonly locks: readonly LockView[];
  readonly queue?: readonly QueueRow[];
  readonly lag?: LagView;
}

/** A backup that is sealed on this machine and waits to be finished. */
export interface PendingCommit {
  readonly id: string;
  /** Of the plan; empty where it came from the command line. */
  readonly planId: string;
  readonly repositoryId: string;
  readonly location: string;
  readonly sources: readonly string[];
  readonly sealedMs: number;
  readonly snapshotId: string;
  readonly unsentBytes: number;
  /** When it was begun, and how many items could not be read. */
  readonly startedMs: number;
  readonly errors: number;
  readonly attempts: number;
  readonly lastAttemptMs: number;
  /** The code of its last failure; empty where there was none. */
  readonly lastFailure: string;
}

/** What became of a commit that waited; `unknown` where this machine remembers nothing of it. */
export interface CommitFate {
  readonly id: string;
  readonly at: 'waits' | 'finished' | 'given-up' | 'begun-anew' | 'unknown';
}

/** What is known on this machine of the snapshots of a repository that it looks at once more, a day after their commit. */
export interface LateLooksView {
  readonly repositoryId: string;
  /** `finishCommits` makes the looks that are due. */
  readonly isDue: boolean;
  /** Those that lacked something at their last look, oldest first. */
  readonly incomplete: readonly IncompleteSnapshot[];
}

export const engineCalls = {
  testPlace: call<PlaceTest>()(
    v.strictObject({ location: pathSchema, store: v.exactOptional(storeAccessSchema) }),
  ),
  /** Makes a repository. Fails with `repository-exists`. */
  initVault: call<{ repositoryId: string }>()(accessSchema),
  /** Opens and looks: fails with `repository-missing`, `password-wrong`, `damaged` ... */
  lookAtVault: call<VaultFacts>()(accessSchema),
  /** Who works in it and who waits; each look at others' locks proves more than the one before. */
  locks: call<VaultWork>()(accessSchema),
  /** Removes the locks that are proven stale. */
  unlock: call<Unlocked>()(accessSchema),
  /** Answered when the run has ended: with its summary, or with its failure. Progress is news. */
  backup: call<BackupSummary>()(
    v.strictObject({
      runId: idSchema,
      access: accessSchema,
      /** Of the app's plan: what waits is found again by it. */
      planId: v.exactOptional(idSchema),
      sources: v.array(pathSchema),
      excludes: v.array(text),
      tags: v.array(text),
      effort: v.exactOptional(effortSchema),
    }),
  ),
  listSnapshots: call<Page<SnapshotRow>>()(v.strictObject({ access: accessSchema, start: count, count })),
  listFolder: call<Page<FolderRow>>()(
    v.strictObject({ access: accessSchema, snapshotId: text, path: text, start: count, count }),
  ),
  restore: call<{ files: number; bytes: number; errors: number }>()(
    v.strictObject({
      runId: idSchema,
      access: accessSchema,
      snapshotId: text,
      path: text,
      target: v.optional(pathSchema),
      overwrite: v.picklist(['always', 'if-changed', 'if-newer', 'never']),
      effort: v.exactOptional(effortSchema),
    }),
  ),
  /** Ends every wait of the way to a store: somebody has reason to believe that it goes again. */
  tryNow: call<void>()(v.strictObject({ location: pathSchema })),
  /** From now on, whatever goes on. */
  limitBandwidth: call<void>()(bandwidthSchema),
  /** The longest wait of commits for a calm network from now on, whatever waits already; the engine's own without hours. */
  limitCommitWait: call<void>()(v.strictObject({ hours: v.exactOptional(commitWaitSchema) })),
  /** Oldest first, of all vaults. */
  pendingCommits: call<readonly PendingCommit[]>()(v.undefined()),
  /** Of these repositories. Asks no store. */
  lateLooks: call<readonly LateLooksView[]>()(
    v.strictObject({ repositoryIds: v.pipe(v.array(text), v.maxLength(1_000)) }),
  ),
  /**
   * Finishes what waits for this vault, in its order: when the gate opens, or at once where it is asked to be `now`. Asked
   * when the app starts, after runs, and by Finish now. Answers how many were finished. Looks once more at the snapshots
   * that are due for it.
   */
  finishCommits: call<{ finished: number }>()(
    v.strictObject({ runId: idSchema, access: accessSchema, now: v.boolean() }),
  ),
  /** Whoever waits for this vault's gate need not wait any longer, unless there is no network at all. */
  finishNow: call<void>()(v.strictObject({ location: pathSchema })),
  commitFates: call<readonly CommitFate[]>()(
    v.strictObject({ ids: v.pipe(v.array(text), v.maxLength(1_000)) }),
  ),
  /** Another network, or awake after sleep: what waits for one looks at once. */
  networkMoved: call<void>()(v.undefined()),
  /** A few looks at the vault's own host, and what they add up to. */
  probeVault: call<NetworkView>()(v.strictObject({ runId: idSchema, access: accessSchema })),
  /** How far the regions of the location's provider are; bounded, and cancelled as a run. */
  probeRegions: call<RegionsView>()(v.strictObject({ runId: idSchema, location: pathSchema })),
  /** Gives one up, for ever. */
  dropCommit: call<void>()(v.strictObject({ id: text })),
  /** Ends a run in order: its lock is removed, what is stored is indexed. Answered at once. */
  cancel: call<void>()(v.strictObject({ runId: idSchema })),
  /** Cancels every run and answers when all have ended. */
  drain: call<void>()(v.undefined()),
} as const;
export type EngineCalls = typeof engineCalls;

export type EngineNews =
  | { readonly type: 'backup-progress'; readonly runId: string; readonly progress: RunProgress }
  | {
      readonly type: 'item-error';
      readonly runId: string;
      readonly item: string;
      readonly message: string;
    }
  | { readonly type: 'item-changed'; readonly runId: string; readonly item: string }
  | {
      readonly type: 'restore-progress';
      readonly runId: string;
      readonly filesDone: number;
      readonly filesTotal: number;
      readonly bytesDone: number;
      readonly bytesTotal: number;
      readonly errors: number;
    }
  | LineNews
  | NetworkNews
  /** A commit of this run waits for its network, or goes through. */
  | { readonly type: 'gate'; readonly runId: string; readonly gate: GateView }
  /** Something for the log: a warning, a retry. */
  | { readonly type: 'note'; readonly level: 'warn' | 'note'; readonly sentence: string }
  /** The engine could not go on. */
  | { readonly type: 'fault'; readonly failure: PlainFailure };
