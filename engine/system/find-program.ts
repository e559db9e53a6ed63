/**
 * Where a program of the system is. Only absolute folders count: a program that lies in the folder we happen to be
 * in must never run in its place. An app that a desktop started has a short PATH: the usual folders are looked at too.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const usualFolders = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/local/bin'];

/** Its absolute path, or undefined. An absolute `name` is taken as it is, if it can be run. */
export function findProgram(name: string, searchPath: string): string | undefined {
  const file = process.platform === 'win32' && !name.endsWith('.exe') ? `${name}.exe` : name;
  if (isAbsolute(file)) return canRun(file) ? file : undefined;
  if (/[\\/]/.test(file)) return undefined;
  const folders = searchPath.split(delimiter).filter((folder) => isAbsolute(folder));
  if (process.platform !== 'win32') folders.push(...usualFolders);
  return folders.map((folder) => join(folder, file)).find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
