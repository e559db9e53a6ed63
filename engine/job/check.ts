/**
 * A check: proves that a repository is whole, as restic's `check` does. What is wrong is told, finding by finding, and
 * the check goes on; it writes nothing but its lock.
 */

import { Failure } from '../base/failure.ts';
import type { CheckSummary } from '../protocol/check-news.ts';
import { withLock } from '../repo/hold-lock.ts';
import type { Repository } from '../repo/repository.ts';
import { listSnapshotIds } from '../repo/snapshots.ts';
import { checkIndexes, checkPackList } from './check-index.ts';
import { PackCheck } from './check-packs.ts';
import { choosePacks, type ReadData } from './check-select.ts';
import { checkSnapshots } from './check-structure.ts';
import { type CheckListener, CheckTelling } from './check-telling.ts';
import type { SummedPacks } from './summed-packs.ts';

export interface CheckRequest {
  readonly readData: ReadData;
  /** Without a lock, what others do meanwhile may look like damage. */
  readonly noLock: boolean;
  readonly lockRetryMs: number;
  /** What is known of packs already. */
  readonly summed?: SummedPacks;
}

/** Fails only with what stands in the way of checking at all: a lock, a listing that fails, a cancel. */
export async function runCheck(
  repository: Repository,
  request: CheckRequest,
  listener: CheckListener,
  signal: AbortSignal,
): Promise<CheckSummary> {
  let check = new Check(repository, request, listener, signal);
  if (request.noLock) return await check.end();
  const whileSettling = (): void => {
    // What was read beside an earlier lock of ours, which was not had, counts for nothing.
    void check.stop(new Failure('cancelled'));
    check = new Check(repository, request, listener, signal);
    check.begin();
  };
  const wanted = { exclusive: true, retryMs: request.lockRetryMs, signal, whileSettling };
  try {
    return await withLock(repository, wanted, async (_work, lost) => {
      lost.addEventListener('abort', () => void check.stop(lost.reason), { once: true });
      return await check.end();
    });
  } catch (error) {
    await check.stop(error);
    throw error;
  }
}

/** One go at all of it. */
class Check {
  readonly #telling: CheckTelling;
  readonly #stopped = new AbortController();
  readonly #checkAll: () => Promise<CheckSummary>;
  #running: Promise<CheckSummary> | undefined;

  constructor(repository: Repository, request: CheckRequest, listener: CheckListener, signal: AbortSignal) {
    this.#telling = new CheckTelling(listener, repository.world.clock);
    const eitherSignal = AbortSignal.any([signal, this.#stopped.signal]);
    this.#checkAll = () => checkAll(repository, request, this.#telling, eitherSignal);
  }

  /** Begins to read, and tells nothing yet. */
  begin(): Promise<CheckSummary> {
    this.#running ??= this.#checkAll();
    // Whoever awaits the end hears of it.
    this.#running.catch(() => undefined);
    return this.#running;
  }

  /** What was read and is read counts. */
  async end(): Promise<CheckSummary> {
    this.#telling.speak();
    return await this.begin();
  }

  /** Resolves when nothing is under way any more. */
  async stop(why: unknown): Promise<void> {
    this.#stopped.abort(why);
    await this.#running?.catch(() => undefined);
  }
}

async function checkAll(
  repository: Repository,
  { readData, summed }: CheckRequest,
  telling: CheckTelling,
  signal: AbortSignal,
): Promise<CheckSummary> {
  // Snapshots before the index: then all that they refer to is in it.
  const snapshotIds = await listSnapshotIds(repository);
  const checked = await checkIndexes(repository, telling, signal);
  const packs = await checkPackList(repository, checked.packs, telling, signal);
  const checkTrees = (): Promise<void> =>
    checkSnapshots(repository, checked.index, snapshotIds, telling, signal);
  if (readData.read === 'none') {
    await checkTrees();
    return telling.summary();
  }
  const chosen = choosePacks(packs, readData, repository.world.chance);
  // Trees are this thread's work, data that of others, until it helps them.
  const data = new PackCheck(repository, checked, chosen, signal, { summed });
  try {
    await checkTrees();
    await data.finish(telling);
  } finally {
    await data.close();
  }
  return telling.summary();
}
