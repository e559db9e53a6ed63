/**
 * Makes a folder and those above it that are missing. Node's own recursive `mkdir` says `ENOENT` where the system
 * said why it would not (a read-only disk, say); this one passes on what the system said.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../base/failure.ts';

/** A folder that is there already, or a link to one, is success. Throws the errors of `node:fs`. */
export function makeFolders(path: string | Buffer, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' && parentOf(path).length < path.length) {
      makeFolders(parentOf(path), mode);
      mkdirSync(path, { mode });
    } else if (!isFolder(path)) {
      throw error;
    }
  }
}

function isFolder(path: string | Buffer): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function parentOf(path: string | Buffer): string | Buffer {
  if (typeof path === 'string') return dirname(path);
  return Buffer.from(dirname(path.toString('latin1')), 'latin1');
}
