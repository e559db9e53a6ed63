/**
 * What a person set, as it is kept on disk: plans, vaults and the app's own switches. The schema is the one truth;
 * types follow from it. Secrets are not here: they lie in the system's keychain under the vault's id.
 */
import * as v from 'valibot';

const nameCharsMax = 100;
const pathCharsMax = 4_096;
const listMax = 200;
/** The last moment that JavaScript's `Date` knows. */
const dateMsMax = 8.64e15;

const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(nameCharsMax));
export const idSchema = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/));
/** A path as text: what a person typed or chose. */
export const pathSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(pathCharsMax));

/** When a plan runs by itself; several may be set at once. */
export const scheduleSchema = v.strictObject({
  onLogin: v.boolean(),
  /** Hours between runs; none where it is not set. */
  everyHours: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(24 * 31))),
  /** Five fields of cron. */
  cron: v.optional(v.pipe(v.string(), v.maxLength(100))),
});
export type Schedule = v.InferOutput<typeof scheduleSchema>;

export const planSchema = v.strictObject({
  id: idSchema,
  name,
  vaultId: idSchema,
  sources: v.pipe(v.array(pathSchema), v.minLength(1), v.maxLength(listMax)),
  /** restic's patterns. */
  excludes: v.pipe(v.array(pathSchema), v.maxLength(listMax)),
  schedule: scheduleSchema,
});
export type Plan = v.InferOutput<typeof planSchema>;

export const vaultSchema = v.strictObject({
  id: idSchema,
  name,
  /** restic's location, never with a secret in it. */
  location: pathSchema,
});
export type Vault = v.InferOutput<typeof vaultSchema>;

const bytesPerSecond = v.pipe(v.number(), v.integer(), v.minValue(1_024), v.maxValue(1e12));

/** The most that stores across a network may take of the line, each vault and each way; no limit where none is set. */
export const bandwidthSchema = v.strictObject({
  up: v.exactOptional(bytesPerSecond),
  down: v.exactOptional(bytesPerSecond),
});
export type Bandwidth = v.InferOutput<typeof bandwidthSchema>;

export const languages = ['system', 'en', 'zh'] as const;
export const themes = ['system', 'light', 'dark'] as const;

/** Threads that work at most. */
export const threadsSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64));

/** The longest wait for a calm network, in hours; then a weak one is tried. */
export const commitWaitSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(168));

export const generalSettingsSchema = v.strictObject({
  language: v.picklist(languages),
  theme: v.picklist(themes),
  openAtLogin: v.boolean(),
  notify: v.picklist(['all', 'trouble', 'none']),
  /** After so many days without a restore point, a plan counts as unprotected. */
  freshDays: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(365)),
  bandwidth: v.exactOptional(bandwidthSchema),
  /** As many as the engine finds right, where it is not set. */
  threadsMax: v.exactOptional(threadsSchema),
  /** As long as the engine finds right, where it is not set. */
  commitWaitHours: v.exactOptional(commitWaitSchema),
});
export type GeneralSettings = v.InferOutput<typeof generalSettingsSchema>;

/** A pause of backups outlives the app; without an end it lasts until a person resumes. Wall time. */
export const pauseSchema = v.strictObject({
  untilMs: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(dateMsMax))),
});

export const settingsSchema = v.strictObject({
  plans: v.pipe(v.array(planSchema), v.maxLength(listMax)),
  vaults: v.pipe(v.array(vaultSchema), v.maxLength(listMax)),
  general: generalSettingsSchema,
  /** Only while backups are paused. */
  paused: v.exactOptional(pauseSchema),
});
export type Settings = v.InferOutput<typeof settingsSchema>;

export const defaultSettings: Settings = {
  plans: [],
  vaults: [],
  general: { language: 'system', theme: 'system', openAtLogin: true, notify: 'trouble', freshDays: 3 },
};
