/** The locks that others hold on a repository, read as restic reads them. */
import { Failure, isFailure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import { decodeLock, type Lock } from '../format/lock-file.ts';
import type { Repository } from './repository.ts';
import { decodeFile, loadFile } from './unpacked-files.ts';

export type LockRead =
  | { readonly id: Id; readonly lock: Lock }
  | { readonly id: Id; readonly error: unknown };

/** Every lock but our own. Empty files are passed over, as restic does: they are locks that are being written. */
export async function readLocks(repository: Repository, ownId?: Id): Promise<LockRead[]> {
  const reads: LockRead[] = [];
  for await (const { name: id, sizeBytes } of repository.backend.list('lock')) {
    if (id === ownId || sizeBytes === 0) continue;
    try {
      const json = await loadFile(repository, 'lock', id);
      reads.push({ id, lock: decodeFile('lock', id, json, decodeLock) });
    } catch (error) {
      if (!isFailure(error, 'not-found')) reads.push({ id, error });
    }
  }
  return reads;
}

/** The failure that stands in the way of a lock of ours, or undefined. Two shared locks get along. Pure. */
export function conflictWith(others: readonly LockRead[], exclusive: boolean): Failure | undefined {
  for (const other of others) {
    if ('lock' in other && (exclusive || other.lock.exclusive)) return lockedBy(other.lock);
  }
  return undefined;
}

/** A lock that cannot be read is no conflict and no permission: whoever finds one looks again later. */
export function firstUnreadable(others: readonly LockRead[]): unknown {
  for (const other of others) if ('error' in other) return other.error;
  return undefined;
}

function lockedBy({ hostname, username, pid, time, exclusive }: Lock): Failure {
  return new Failure(
    'repository-locked',
    { hostname, username, pid, since: time, exclusive },
    { next: 'later' },
  );
}
