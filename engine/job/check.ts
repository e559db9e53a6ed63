/**
 * A check: proves that a repository is whole, as restic's `check` does. What is wrong is told, finding by finding, and
 * the check goes on; it writes nothing but its lock.
 */

import type { CheckSummary } from '../protocol/check-news.ts';
import { withLock } from '../repo/hold-lock.ts';
import type { Repository } from '../repo/repository.ts';
import { listSnapshotIds } from '../repo/snapshots.ts';
import { checkIndexes, checkPackList } from './check-index.ts';
import { PackCheck } from './check-packs.ts';
import { choosePacks, type ReadData } from './check-select.ts';
import { checkSnapshots } from './check-structure.ts';
import { type CheckListener, CheckTelling } from './check-telling.ts';

export interface CheckRequest {
  readonly readData: ReadData;
  /** Without a lock, what others do meanwhile may look like damage. */
  readonly noLock: boolean;
  readonly lockRetryMs: number;
}

/** Fails only with what stands in the way of checking at all: a lock, a listing that fails, a cancel. */
export async function runCheck(
  repository: Repository,
  request: CheckRequest,
  listener: CheckListener,
  signal: AbortSignal,
): Promise<CheckSummary> {
  const run = (workSignal: AbortSignal): Promise<CheckSummary> =>
    checkAll(repository, request, listener, workSignal);
  if (request.noLock) return await run(signal);
  return await withLock(repository, { exclusive: true, retryMs: request.lockRetryMs, signal }, run);
}

async function checkAll(
  repository: Repository,
  request: CheckRequest,
  listener: CheckListener,
  signal: AbortSignal,
): Promise<CheckSummary> {
  const telling = new CheckTelling(listener, repository.world.clock);
  // Snapshots before the index: then all that they refer to is in it.
  const snapshotIds = await listSnapshotIds(repository);
  const checked = await checkIndexes(repository, telling, signal);
  const packs = await checkPackList(repository, checked.packs, telling, signal);
  const checkTrees = (): Promise<void> =>
    checkSnapshots(repository, checked.index, snapshotIds, telling, signal);
  if (request.readData.read === 'none') {
    await checkTrees();
    return telling.summary();
  }
  const chosen = choosePacks(packs, request.readData, repository.world.chance);
  const data = new PackCheck(repository, checked, chosen, signal);
  try {
    // Trees are this thread's work, data that of others.
    data.begin();
    await checkTrees();
    await data.finish(telling);
  } finally {
    await data.close();
  }
  return telling.summary();
}
