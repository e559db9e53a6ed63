/**
 * One file of JSON that is read whole and written whole or not at all, for its owner only. In Electron it is
 * electron-store's (`electron-store-file.ts`); this one is for the web host, where Electron's module cannot be loaded.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface KeptFile {
  readonly path: string;
  /** Undefined where there is none; throws where it cannot be read. */
  read(): unknown;
  write(value: Readonly<Record<string, unknown>>): void;
}

export function keptFile(path: string): KeptFile {
  return {
    path,
    read: () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined),
    write: (value) => writeWhole(path, `${JSON.stringify(value, null, 2)}\n`),
  };
}

/** Mode 0600 in a folder of mode 0700, synced, in one step. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** Gives the file another name and answers that: nothing that we cannot read is ever written over. */
export function setAside(path: string): string {
  for (let number = 1; ; number++) {
    const aside = `${path}.unreadable-${number}`;
    if (existsSync(aside)) continue;
    renameSync(path, aside);
    return aside;
  }
}
