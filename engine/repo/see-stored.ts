/**
 * Stores a small file and sees it there, whole: nothing counts as saved before. Used wherever something is made visible;
 * for backends leave that proof to whoever saves an index or a snapshot.
 */
import type { CallSignal } from '../backend/call-signal.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { type Id, idOf } from '../format/id.ts';
import { saveThawed, whenThawed } from './freeze.ts';
import type { Repository } from './repository.ts';
import type { SealedFile, UnpackedType } from './unpacked-files.ts';

interface NamedFile {
  readonly type: UnpackedType;
  readonly id: Id;
}

/**
 * Sent again where the store took it and does not show it as it is: whoever said so may have been somebody else, and an
 * index that is cut off stops every restic. Waits while a lock of ours is in doubt. Fails with `lock-lost`, or with
 * `verification-failed`. `wasLookedAt`: our lock, just now; `andLook`: look at it once more when it is stored.
 */
export async function storeAndSee(
  repository: Repository,
  file: SealedFile,
  { signal, wasLookedAt = false, andLook = false }: StoreOptions = {},
): Promise<void> {
  for (let tries = 1; ; tries++) {
    if (tries > 1 || !wasLookedAt) await whenThawed(repository, signal);
    await saveThawed(repository, { type: file.type, name: file.id }, file.bytes, signal);
    try {
      // Together: across an ocean, each question takes its time.
      const looked = andLook ? whenThawed(repository, signal) : undefined;
      await Promise.all([seeStored(repository, file, signal), looked]);
      return;
    } catch (error) {
      if (!isFailure(error, 'verification-failed') || tries >= limits.storeTriesMax) throw error;
    }
  }
}

interface StoreOptions {
  readonly signal?: AbortSignal | undefined;
  readonly wasLookedAt?: boolean;
  readonly andLook?: boolean;
}

/** Fails with `verification-failed` where the store took the file and does not show it, however often it is asked. */
async function seeStored(repository: Repository, file: NamedFile, signal?: AbortSignal): Promise<void> {
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
