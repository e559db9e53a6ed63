/**
 * A lock of ours, from taking it to giving it back. What makes it hold on stores whose listings lag is decided in
 * `machine/repo-lock.ts`; restic's clients see in it a lock like their own.
 */
import type { CancelSignal } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { guardWrites } from './freeze.ts';
import { LockDriver } from './lock-driver.ts';
import type { Repository } from './repository.ts';

export interface LockRequest {
  readonly exclusive: boolean;
  /** How long to try again while somebody else holds a lock that is in the way. */
  readonly retryMs?: number;
  readonly signal?: CancelSignal;
  /**
   * Begins, once our lock is written, what can be in vain: whoever could change what it reads sees our lock from then on,
   * or we see theirs at the second look. What it did counts for nothing where the lock is then not had.
   */
  readonly whileSettling?: () => void;
  /** Somebody else's lock was found in the way, and ours is removed: until it is written again, others may change things. */
  readonly whenWithdrawn?: () => void;
  /**
   * Whether a listing of just before showed no lock: then the look before ours is written need not be made. It only keeps
   * two from meeting: what counts is the look after.
   */
  readonly sawNoLock?: () => Promise<boolean>;
}

export interface HeldLock {
  /** Aborted with `lock-lost` when the store says that the lock is not there any more. */
  readonly lost: AbortSignal;
  /** In doubt: whatever others would see waits, as `freeze.ts` says. */
  readonly isFrozen: boolean;
  /** Resolves when the lock is not in doubt. Fails with `lock-lost`. */
  stands(): Promise<void>;
  /** Removes the lock. Never throws: a lock that stays behind is told through the log, and removed the next time. */
  release(): Promise<void>;
}

/**
 * Runs the work while a lock is held; the signal that it gets is aborted on cancel and when the lock is lost, `lost`
 * only then.
 */
export async function withLock<Result>(
  repository: Repository,
  request: LockRequest & { readonly signal: AbortSignal },
  work: (signal: AbortSignal, lost: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const lock = await holdLock(repository, request);
  try {
    return await work(AbortSignal.any([request.signal, lock.lost]), lock.lost);
  } finally {
    await lock.release();
  }
}

/**
 * Fails with `repository-locked`, with `damaged` where a lock stays unreadable and ours is to be exclusive, with
 * `cancelled`, or as the store does.
 */
export async function holdLock(repository: Repository, request: LockRequest): Promise<HeldLock> {
  for (let tries = 1; ; tries++) {
    try {
      return await takeLock(repository, request);
    } catch (error) {
      // Whoever took our lock file was not the store: by now that has passed, for the store was asked for it.
      const isUnproven = isFailure(error) && error.detail.isUnproven === true;
      if (!isUnproven || tries >= limits.storeTriesMax) throw error;
    }
  }
}

async function takeLock(repository: Repository, request: LockRequest): Promise<HeldLock> {
  const driver = new LockDriver(repository, request);
  const cancel = (): void => driver.leave();
  request.signal?.addEventListener('abort', cancel, { once: true });
  try {
    await driver.start(request.retryMs ?? 0);
    if (request.signal?.aborted) driver.leave();
    const ending = await Promise.race([driver.held.promise, driver.ended.promise]);
    if (ending !== undefined) {
      await driver.rest();
      throw driver.failureOf(ending);
    }
  } finally {
    request.signal?.removeEventListener('abort', cancel);
  }
  return heldLock(repository, driver);
}

function heldLock(repository: Repository, driver: LockDriver): HeldLock {
  const unguard = guardWrites(repository, driver);
  return {
    lost: driver.lost.signal,
    get isFrozen() {
      return driver.isFrozen;
    },
    stands: () => driver.stands(),
    release: async () => {
      driver.leave();
      await driver.ended.promise;
      await driver.rest();
      unguard();
    },
  };
}
