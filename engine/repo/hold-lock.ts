/**
 * A lock of ours, from taking it to giving it back, by restic's rules: look for others, write our own, wait for
 * what others may have written meanwhile, look again; refresh by writing a new file before the old is removed.
 */
import type { CancelSignal } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { formatTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import { encodeLock, type Lock, refreshedLock } from '../format/lock-file.ts';
import { conflictWith, firstUnreadable, readLocks } from './other-locks.ts';
import type { Repository } from './repository.ts';
import { saveFile } from './unpacked-files.ts';

export interface LockRequest {
  readonly exclusive: boolean;
  /** How long to try again while somebody else holds a lock that is in the way. */
  readonly retryMs?: number;
  readonly signal?: CancelSignal;
  /**
   * Begins, once our lock is written, what only reads: whoever could change what it reads sees our lock from then on, or
   * we see theirs at the second look. What it read counts for nothing where the lock is then not had.
   */
  readonly whileSettling?: () => void;
}

export interface HeldLock {
  /** Aborted with `lock-lost` when the lock could not be refreshed in time, or was removed by somebody. */
  readonly lost: AbortSignal;
  /** Removes the lock. Never throws: a lock that stays behind is told through the log. */
  release(): Promise<void>;
}

const retryWaitMsMin = 5_000;
const retryWaitMsMax = 60_000;

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

/** Fails with `repository-locked`, with `damaged` where a foreign lock stays unreadable, or `cancelled`. */
export async function holdLock(repository: Repository, request: LockRequest): Promise<HeldLock> {
  const { clock } = repository.world;
  const endMs = clock.elapsedMs() + (request.retryMs ?? 0);
  for (let waitMs = retryWaitMsMin; ; waitMs = Math.min(waitMs * 2, retryWaitMsMax)) {
    const outcome = await tryLock(repository, request);
    if (!(outcome instanceof Failure)) return new Holder(repository, outcome.id, outcome.lock);
    const leftMs = endMs - clock.elapsedMs();
    if (leftMs <= 0) throw outcome;
    repository.world.log.note('the repository is locked by somebody else; trying again');
    await clock.sleep(Math.min(waitMs, leftMs), request.signal);
    stopIfAborted(request.signal);
  }
}

async function tryLock(
  repository: Repository,
  request: LockRequest,
): Promise<Failure | { id: Id; lock: Lock }> {
  const { clock, host } = repository.world;
  const conflict = await conflictNow(repository, request);
  if (conflict !== undefined) return conflict;
  const { hostname, username, pid, uid, gid } = host;
  const time = formatTime(clock.wallNs());
  const lock: Lock = { time, exclusive: request.exclusive, hostname, username, pid, uid, gid };
  const id = await saveFile(repository, 'lock', encodeLock(lock));
  try {
    request.whileSettling?.();
    await clock.sleep(limits.lockSettleMs, request.signal);
    stopIfAborted(request.signal);
    const late = await conflictNow(repository, request, id);
    if (late === undefined) return { id, lock };
    await repository.backend.remove({ type: 'lock', name: id });
    return late;
  } catch (error) {
    await repository.backend.remove({ type: 'lock', name: id }).catch(() => undefined);
    throw error;
  }
}

/** Looks at the locks of others; one that cannot be read is looked at again, for it may be in the making. */
async function conflictNow(
  repository: Repository,
  request: LockRequest,
  ownId?: Id,
): Promise<Failure | undefined> {
  for (const waitMs of [...limits.lockRereadWaitsMs, 0]) {
    stopIfAborted(request.signal);
    const others = await readLocks(repository, ownId);
    const conflict = conflictWith(others, request.exclusive);
    if (conflict !== undefined) return conflict;
    const unreadable = firstUnreadable(others);
    if (unreadable === undefined) return undefined;
    if (waitMs === 0) throw unreadable;
    repository.world.log.note('a lock of somebody else cannot be read; looking again');
    await repository.world.clock.sleep(waitMs, request.signal);
  }
  return undefined;
}

function stopIfAborted(signal: CancelSignal | undefined): void {
  if (signal?.aborted) throw new Failure('cancelled');
}

class Holder implements HeldLock {
  readonly #repository: Repository;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #refreshing: Promise<void>;
  /** Ours, the newest last: an old one stays here until it is really gone. */
  readonly #ids: Id[];
  #lock: Lock;

  constructor(repository: Repository, id: Id, lock: Lock) {
    this.#repository = repository;
    this.#ids = [id];
    this.#lock = lock;
    this.#refreshing = this.#keepFresh();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async release(): Promise<void> {
    this.#ended.abort();
    await this.#refreshing;
    try {
      await this.#removeAllBut(0);
    } catch {
      this.#repository.world.log.warn(
        'our lock could not be removed from the repository; it is stale in 30 minutes',
      );
    }
  }

  /** Wall time counts here, since it goes on while a laptop sleeps. */
  async #keepFresh(): Promise<void> {
    const { clock, log } = this.#repository.world;
    const msSince = (ns: bigint): number => Number((clock.wallNs() - ns) / 1_000_000n);
    let refreshedNs = clock.wallNs();
    for (let triedNs = refreshedNs; !this.#ended.signal.aborted; ) {
      await clock.sleep(limits.lockPollMs, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      const isLate = msSince(refreshedNs) >= limits.lockRefreshGiveUpMs;
      if (!isLate && msSince(triedNs) < limits.lockRefreshMs) continue;
      triedNs = clock.wallNs();
      try {
        if (isLate) await this.#proveListed();
        await this.#refresh();
        refreshedNs = clock.wallNs();
      } catch (error) {
        log.warn('our lock on the repository could not be refreshed; trying again');
        if (isLate) return this.#lost.abort(new Failure('lock-lost', {}, { cause: error }));
      }
    }
  }

  /** After a long sleep somebody may have taken our lock for stale: then work must not go on. */
  async #proveListed(): Promise<void> {
    for await (const { name } of this.#repository.backend.list('lock')) if (name === this.#ids.at(-1)) return;
    throw new Failure('lock-lost');
  }

  async #refresh(): Promise<void> {
    this.#lock = refreshedLock(this.#lock, this.#repository.world.clock.wallNs());
    this.#ids.push(await saveFile(this.#repository, 'lock', encodeLock(this.#lock)));
    // The new file is what holds the lock: an old one that stays is removed with the next, or at the end.
    await this.#removeAllBut(1).catch(() => {
      this.#repository.world.log.warn('an old file of our lock could not be removed; it is tried again');
    });
  }

  async #removeAllBut(newest: number): Promise<void> {
    while (this.#ids.length > newest) {
      await this.#repository.backend.remove({ type: 'lock', name: this.#ids[0]! });
      this.#ids.shift();
    }
  }
}
