/**
 * What is written must not be seen by others while nobody knows whether our lock still stands: indexes and snapshots
 * are stored, and files removed, only behind `whenThawed`. It asks the locks themselves, so that a sleep is noticed
 * before anything is written after it. A save may be tried again for hours: each try is behind it.
 */
import type { FileName } from '../backend/backend.ts';
import { type CallSignal, LinkedSignal } from '../backend/call-signal.ts';
import type { CancelSignal } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Repository } from './repository.ts';

/** A lock of ours, as far as writing cares. */
export interface Freezable {
  /** Resolves when it stands, at once or later; fails with `lock-lost`. */
  stands(): Promise<void>;
}

const locksOf = new WeakMap<Repository['backend'], Set<Freezable>>();

/** Until the answer is called, writing to this repository depends on the lock. */
export function guardWrites({ backend }: Pick<Repository, 'backend'>, lock: Freezable): () => void {
  const locks = locksOf.get(backend) ?? new Set();
  locksOf.set(backend, locks.add(lock));
  return () => void locks.delete(lock);
}

/** Resolves when no lock that we hold on the repository is in doubt. Fails with `lock-lost`, or `cancelled`. */
export async function whenThawed(
  { backend }: Pick<Repository, 'backend'>,
  signal?: CancelSignal,
): Promise<void> {
  const cancelled = Promise.withResolvers<never>();
  const cancel = (): void => cancelled.reject(new Failure('cancelled'));
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    for (const lock of locksOf.get(backend) ?? []) await Promise.race([lock.stands(), cancelled.promise]);
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancelled.promise.catch(() => undefined);
  }
}

/** To be called behind `whenThawed`, which each further try waits for. */
export async function saveThawed(
  { backend }: Pick<Repository, 'backend'>,
  file: FileName,
  bytes: Uint8Array,
  signal?: CallSignal,
): Promise<void> {
  const call = new LinkedSignal(signal);
  call.beforeAgain = () => whenThawed({ backend }, signal);
  try {
    await backend.save(file, [bytes], call);
  } finally {
    call.release();
  }
}
