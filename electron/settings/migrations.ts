/**
 * What is on disk as the newest version has it. Version n is brought to n + 1 by the n-th migration; each is kept for
 * ever and never changed after its release.
 */

/** Takes settings of one version and answers those of the next. */
export type Migration = (settings: unknown) => unknown;

export const migrations: readonly Migration[] = [
  // 2: a pause is kept. In version 1 it ended with the app, so there is none to bring along.
  (settings) => settings,
];

/** Fails where the file is not one of ours, or is of a newer version than this program knows. */
export function migrate(kept: unknown, steps: readonly Migration[] = migrations): unknown {
  const newest = steps.length + 1;
  if (typeof kept !== 'object' || kept === null || !('version' in kept) || !('settings' in kept)) {
    throw new Error('not a file of settings');
  }
  const { version, settings } = kept;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) throw new Error('no version');
  if (version > newest) throw new Error(`version ${version} is newer than ${newest}`);
  return steps.slice(version - 1).reduce((before, step) => step(before), settings);
}

export const settingsVersion = migrations.length + 1;
