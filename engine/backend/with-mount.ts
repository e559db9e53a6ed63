/**
 * What a folder needs that may be a mounted disk or share: one that does not answer any more is told apart from a broken
 * file, and a folder on which nothing is mounted from an empty repository. Nothing is remembered on any disk: a config
 * that was seen once, and is not there any more, says that all of it was taken away.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, isFailure, systemCode } from '../base/failure.ts';
import type { Around, Operation } from './wrapped-backend.ts';

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

/** Around the calls to a backend in that folder. */
export function withMount(folder: string): Around {
  let wasThere = false;
  const isTakenAway = async (): Promise<boolean> => wasThere && !(await isThere(join(folder, 'config')));
  return async (operation, call, signal) => {
    try {
      const result = await call(signal);
      if (operation.file?.type === 'config' && operation.kind !== 'remove') wasThere = true;
      // Both take "not there" for an answer.
      const asked = operation.kind === 'list' || operation.kind === 'remove';
      if (asked && (await isTakenAway())) throw takenAway(folder);
      return result;
    } catch (error) {
      throw await whatItMeans(error, operation, folder, isTakenAway);
    }
  };
}

async function whatItMeans(
  error: unknown,
  { file }: Operation,
  folder: string,
  isTakenAway: () => Promise<boolean>,
): Promise<unknown> {
  if (!isFailure(error)) return error;
  const errno = systemCode(error.cause);
  if (errno !== undefined && gone.has(errno)) {
    const why = `the disk or the share does not answer: ${errno}`;
    return new Failure(
      'store-unreachable',
      { location: folder, why, errno },
      { next: 'later', cause: error },
    );
  }
  if (isFailure(error, 'not-found') && file?.type === 'config') {
    const why = await whyNothingIsThere(folder);
    return why === undefined
      ? error
      : new Failure('not-found', { ...error.detail, why }, { cause: error.cause });
  }
  const isMissing = isFailure(error, 'not-found') || isFailure(error, 'repository-missing');
  return isMissing && (await isTakenAway()) ? takenAway(folder) : error;
}

/** Whoever waits may see it again. */
function takenAway(location: string): Failure {
  return new Failure('repository-missing', { location, why: 'taken-away' }, { next: 'later' });
}

/** Only what says clearly that nothing is there counts. */
async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error) => systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR',
  );
}

/** What systems put on an empty disk by themselves. */
const ofSystems = new Set(['lost+found', '.DS_Store', 'System Volume Information', '$RECYCLE.BIN']);

/** A code for a folder in which nothing is where a repository should be; undefined where something else is in it. */
async function whyNothingIsThere(folder: string): Promise<string | undefined> {
  try {
    return (await readdir(folder)).every((name) => ofSystems.has(name)) ? 'folder-empty' : undefined;
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'folder-missing' : undefined;
  }
}
