/** The settings' file as electron-store keeps it. Its module loads Electron's: only Electron's main process imports it. */
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import ElectronStore from 'electron-store';
import type { KeptFile } from './kept-file.ts';

/** `path` is absolute and ends in `.json`. Migrations and the schema are ours, the same in the web host. */
export function electronStoreFile(path: string): KeptFile {
  const open = () =>
    new ElectronStore<Record<string, unknown>>({
      cwd: dirname(path),
      name: basename(path, '.json'),
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
    });
  return {
    path,
    read: () => (existsSync(path) ? { ...open().store } : undefined),
    write: (value) => {
      open().store = value;
    },
  };
}
