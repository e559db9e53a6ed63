/** The locks that others hold on a repository, read as restic reads them. */
import { isFailure } from '../base/failure.ts';
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
