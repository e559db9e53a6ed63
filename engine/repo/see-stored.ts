/**
 * Whether a small file is in the store, whole: nothing counts as saved before it was seen. Used wherever something is
 * made visible.
 */
import type { CallSignal } from '../backend/call-signal.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { type Id, idOf } from '../format/id.ts';
import type { Repository } from './repository.ts';
import type { UnpackedType } from './unpacked-files.ts';

interface NamedFile {
  readonly type: UnpackedType;
  readonly id: Id;
}

/** Fails with `verification-failed` where the store took the file and does not show it, however often it is asked. */
export async function seeStored(
  repository: Repository,
  file: NamedFile,
  signal?: AbortSignal,
): Promise<void> {
  for (const waitMs of limits.readBackWaitsMs) {
    await repository.world.clock.sleep(waitMs, signal);
    signal?.throwIfAborted();
    if (await isStoredWhole(repository, file, signal)) return;
  }
  throw new Failure('verification-failed', { what: file.type, id: file.id }, { next: 'later' });
}

/** One that is there otherwise is sent again: some stores cut files off. */
export async function isStoredWhole(
  { backend }: Pick<Repository, 'backend'>,
  { type, id }: NamedFile,
  signal?: CallSignal,
): Promise<boolean> {
  try {
    return idOf(await backend.load({ type, name: id }, undefined, signal)) === id;
  } catch (error) {
    if (isFailure(error, 'not-found') || isFailure(error, 'damaged')) return false;
    throw error;
  }
}
