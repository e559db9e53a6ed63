/**
 * The person's settings on disk. What cannot be read is kept aside under another name and told, and the defaults hold;
 * what is written was checked by the schema, so what was written can be read.
 */
import * as v from 'valibot';
import { defaultSettings, type Settings, settingsSchema } from '../../engine/protocol/settings.ts';
import { type KeptFile, setAside } from './kept-file.ts';
import { migrate, migrations, settingsVersion } from './migrations.ts';

export interface SettingsStore {
  read(): Settings;
  write(settings: Settings): void;
}

/** `aside` is where the old file lies now. */
export interface SettingsWarning {
  readonly code: 'settings-unreadable' | 'secrets-unreadable' | 'secrets-not-encrypted';
  readonly why?: string;
  readonly aside?: string;
}

/** Fails only where an unreadable file cannot be kept aside either. */
export function openSettings(
  file: KeptFile,
  warn: (warning: SettingsWarning) => void,
  steps = migrations,
): SettingsStore {
  let settings = load();

  function load(): Settings {
    try {
      const kept = file.read();
      return kept === undefined ? defaultSettings : v.parse(settingsSchema, migrate(kept, steps));
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      warn({ code: 'settings-unreadable', why, aside: setAside(file.path) });
      return defaultSettings;
    }
  }

  return {
    read: () => settings,
    write(wanted) {
      const checked = v.parse(settingsSchema, wanted);
      file.write({ version: Math.max(settingsVersion, steps.length + 1), settings: checked });
      settings = checked;
    },
  };
}
