/**
 * A backup's run beside the taking of its lock: reading and computing begin at once, packs leave from when the lock is
 * written, none counts as stored before the lock is held, and nothing becomes visible before it is known that what was
 * read before still stands. Where it does not, the run begins again under the lock. Used by `backup.ts`.
 */
import { Failure } from '../base/failure.ts';
import { Gate } from '../base/gate.ts';
import type { BackupSummary } from '../protocol/run-news.ts';
import { withLock } from '../repo/hold-lock.ts';
import type { Repository } from '../repo/repository.ts';
import type { BackupRequest } from './backup.ts';
import type { BackupRun } from './backup-run.ts';
import { Beginning } from './beginning.ts';

/** The lock of a run, as far as the run waits for it. */
export interface RunLock {
  /** Open while it is written and nobody else's is known to be in the way: packs may leave, though none counts yet. */
  readonly written?: Gate;
  /** Resolves when it is held: what the store has from then on, it keeps. */
  readonly held: Promise<void>;
  /** Resolves when what was read before it was held counts, too. */
  readonly sound: Promise<void>;
  /** Aborted when it is lost or refused. */
  readonly lost: AbortSignal;
}

export async function runUnderLock(
  repository: Repository,
  request: BackupRequest,
  signal: AbortSignal,
  newRun: () => BackupRun,
): Promise<BackupSummary> {
  const stopped = new AbortController();
  const held = Promise.withResolvers<void>();
  const sound = Promise.withResolvers<void>();
  for (const { promise } of [held, sound]) promise.catch(() => undefined);
  const written = new Gate();
  const stop = (why: unknown): void => {
    stopped.abort(why);
    held.reject(why);
    sound.reject(why);
  };
  const beginning = new Beginning(repository, request);
  beginning.readAhead();
  const lock = { written, held: held.promise, sound: sound.promise, lost: stopped.signal };
  const running = newRun().run(beginning, AbortSignal.any([signal, stopped.signal]), lock);
  const ended = running.then(
    () => undefined,
    () => undefined,
  );
  const wanted = {
    exclusive: false,
    retryMs: request.lockRetryMs,
    signal,
    whileSettling: () => {
      beginning.lookAgain();
      written.open();
    },
    whenWithdrawn: () => written.close(),
    sawNoLock: () => beginning.sawNoLock(),
  };
  try {
    return await withLock(repository, wanted, async (work, lost) => {
      lost.throwIfAborted();
      lost.addEventListener('abort', () => stop(lost.reason), { once: true });
      held.resolve();
      if (await beginning.stands(work)) {
        sound.resolve();
        return await running;
      }
      stop(new Failure('cancelled'));
      await ended;
      const done = Promise.resolve();
      return await newRun().run(new Beginning(repository, request), work, { held: done, sound: done, lost });
    });
  } catch (error) {
    stop(error);
    await ended;
    throw error;
  }
}
