/** What a window may ask of the app. Its state comes by itself: see `AppState`. */
import * as v from 'valibot';
import type { PlainFailure, RunRecord } from './app-state.ts';
import { call } from './calls.ts';
import type { Unlocked } from './lock-view.ts';
import type { RegionsView } from './region-view.ts';
import { generalSettingsSchema, idSchema, pathSchema, planSchema } from './settings.ts';
import { storeAccessSchema } from './store-kinds.ts';

const nothing = v.undefined();
const pageSize = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000));
const start = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9));
const password = v.pipe(v.string(), v.minLength(1), v.maxLength(1_000));
const snapshotId = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
/** A path in a snapshot, as bytes: see `base/byte-string.ts`. */
const snapshotPath = v.pipe(v.string(), v.maxLength(64_000), v.startsWith('/'));
const durationMs = v.pipe(v.number(), v.minValue(60_000), v.maxValue(31 * 86_400_000));

export interface SnapshotRow {
  readonly id: string;
  readonly timeMs: number;
  readonly hostname: string;
  readonly paths: readonly string[];
  readonly tags: readonly string[];
  readonly files?: number;
  readonly bytes?: number;
}

export interface FolderRow {
  /** As bytes: what a call about it is given. */
  readonly path: string;
  /** For people. */
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  /** The store is away: this is what this machine keeps of it. */
  readonly isCopy?: true;
}

/** What is found at a place where a vault is to be. */
export type PlaceTest =
  | {
      readonly at: 'empty';
      readonly writable: true;
      readonly freeBytes?: number;
      readonly writeMs: number;
      /** Only across a network. */
      readonly times?: { readonly reachMs: number; readonly readMs: number; readonly removeMs: number };
    }
  | { readonly at: 'repository'; readonly freeBytes?: number; readonly reachMs?: number }
  | { readonly at: 'unusable'; readonly failure: PlainFailure };

export const appCalls = {
  backUpNow: call<void>()(v.strictObject({ planId: v.optional(idSchema) })),
  cancelRun: call<void>()(v.strictObject({ planId: idSchema })),
  pause: call<void>()(v.strictObject({ durationMs: v.optional(durationMs) })),
  resume: call<void>()(nothing),

  /** Finishes what waits without waiting for a calmer network: of one vault, or all. */
  finishNow: call<void>()(v.strictObject({ vaultId: v.optional(idSchema) })),
  /** Gives up a backup that waits. */
  dropPending: call<void>()(v.strictObject({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{8,64}$/)) })),

  savePlan: call<void>()(planSchema),
  removePlan: call<void>()(v.strictObject({ planId: idSchema })),
  saveGeneral: call<void>()(generalSettingsSchema),

  testPlace: call<PlaceTest>()(
    v.strictObject({ location: pathSchema, store: v.exactOptional(storeAccessSchema) }),
  ),
  /** Makes a vault (with a key of its own where no password is given), or opens the one that is there. */
  addVault: call<{ vaultId: string; recoverySheet?: string }>()(
    v.strictObject({
      name: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100)),
      location: pathSchema,
      store: v.exactOptional(storeAccessSchema),
      password: v.optional(password),
    }),
  ),
  removeVault: call<void>()(v.strictObject({ vaultId: idSchema })),
  checkVault: call<void>()(v.strictObject({ vaultId: idSchema })),
  /** Removes the locks that are proven stale, and looks again at what is left. */
  unlockVault: call<Unlocked>()(v.strictObject({ vaultId: idSchema })),
  /** Ends every wait for its store. */
  tryVaultNow: call<void>()(v.strictObject({ vaultId: idSchema })),
  /** A few looks at its host; what they find is in the state. */
  probeVault: call<void>()(v.strictObject({ vaultId: idSchema })),
  /** How far the regions of the location's provider are. One at a time: another one ends the one before. */
  compareRegions: call<RegionsView>()(v.strictObject({ location: pathSchema })),
  stopComparing: call<void>()(nothing),
  /** Another login for its store, once it was seen to open the vault. */
  changeStoreAccess: call<void>()(v.strictObject({ vaultId: idSchema, store: storeAccessSchema })),

  listSnapshots: call<Page<SnapshotRow>>()(v.strictObject({ vaultId: idSchema, start, count: pageSize })),
  listFolder: call<Page<FolderRow>>()(
    v.strictObject({ vaultId: idSchema, snapshotId, path: snapshotPath, start, count: pageSize }),
  ),
  /** To a folder, or without one to where it was. Progress is in the state. */
  restore: call<{ restoreId: string }>()(
    v.strictObject({
      vaultId: idSchema,
      snapshotId,
      path: snapshotPath,
      target: v.optional(pathSchema),
      overwrite: v.picklist(['always', 'if-changed', 'if-newer', 'never']),
    }),
  ),
  cancelRestore: call<void>()(nothing),

  listRuns: call<Page<RunRecord>>()(v.strictObject({ start, count: pageSize })),
  /** The system's own dialog; without an answer where it was closed, or where there is none (in a browser). */
  chooseFolder: call<{ path?: string }>()(nothing),
  /** Shows a file of ours in the system's file manager. */
  showRecoverySheet: call<void>()(v.strictObject({ vaultId: idSchema })),
} as const;
export type AppCalls = typeof appCalls;
