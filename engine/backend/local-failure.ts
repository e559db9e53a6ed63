/**
 * What the system says of a folder that is, or was, a mounted disk or share: a share that does not answer any more is
 * told apart from a file that is broken, and a folder on which nothing is mounted from a repository that is not there.
 */
import { readdir } from 'node:fs/promises';
import { Failure, fromSystemError, systemCode } from '../base/failure.ts';

/** By these, NFS, SMB and FUSE say that the other side is gone; a disk that was pulled out says the first. */
const gone = new Set([
  'EIO',
  'ESTALE',
  'ENOTCONN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENODEV',
  'ENXIO',
  'EREMOTEIO',
  'ESHUTDOWN',
  'ETIMEDOUT',
  'ECONNRESET',
  'ECONNABORTED',
]);

/** Failures pass unchanged. */
export function fromStoreError(error: unknown, operation: string, path: string, location: string): Failure {
  const errno = systemCode(error);
  if (errno === undefined || !gone.has(errno)) return fromSystemError(error, operation, path);
  const why = `the disk or the share does not answer: ${errno}`;
  return new Failure('store-unreachable', { location, why, errno }, { next: 'later', cause: error });
}

/** A repository that was there is not there any more: whoever waits may see it again. */
export function takenAway(location: string): Failure {
  return new Failure('repository-missing', { location, why: 'taken-away' }, { next: 'later' });
}

/** What systems put on an empty disk by themselves. */
const ofSystems = new Set(['lost+found', '.DS_Store', 'System Volume Information', '$RECYCLE.BIN']);

/** A code for a folder in which nothing is where a repository should be; undefined where something else is in it. */
export async function whyNothingIsThere(folder: string): Promise<string | undefined> {
  try {
    return (await readdir(folder)).every((name) => ofSystems.has(name)) ? 'folder-empty' : undefined;
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'folder-missing' : undefined;
  }
}
