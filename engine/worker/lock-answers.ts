/** Who works in a vault and who waits for it, and the removal of locks that are proven stale; no other is touched. */
import { wallMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { queueNow } from '../job/vault-queue.ts';
import { type LockHolderView, removeLocks, viewLocks } from '../job/view-locks.ts';
import { isForOneClient, lagBoundMs, largestLagMs, settleMs } from '../machine/list-lag.ts';
import type { LagView, LockView, QueueRow, Unlocked, VaultWork } from '../protocol/lock-view.ts';
import type { QueueEntry } from '../protocol/vault-queue.ts';
import { rememberedLag } from '../repo/lag-memory.ts';
import { wallMsOf } from '../repo/own-locks.ts';
import type { Repository, World } from '../repo/repository.ts';

export async function lookAtWork(repository: Repository): Promise<VaultWork> {
  const locks = (await viewLocks(repository)).slice(0, limits.locksShownMax).map(lockView);
  const queue = queueNow(repository).slice(0, limits.locksShownMax);
  return { locks, queue: queue.map((entry) => queueRow(repository.world, entry)), lag: lagView(repository) };
}

/** Looks first: what is proven by now goes, the rest stays. */
export async function unlockSafely(repository: Repository): Promise<Unlocked> {
  const views = await viewLocks(repository);
  const stale = views.filter(({ verdict }) => verdict.is === 'stale');
  for (const { ids } of stale) await removeLocks(repository, ids);
  return { removed: stale.length, kept: views.length - stale.length };
}

function lockView({ ids, lock, ours, verdict }: LockHolderView): LockView {
  const short = (text = ''): string => text.slice(0, limits.lockNameCharsMax);
  return {
    id: ids[0] ?? '',
    hostname: short(lock?.hostname),
    username: short(lock?.username),
    pid: lock?.pid ?? 0,
    sinceMs: lock === undefined ? 0 : wallMsOf(lock),
    exclusive: lock?.exclusive ?? false,
    ours,
    verdict,
  };
}

function queueRow({ host }: World, { pid, hostname, work, label, askedMs, startedMs }: QueueEntry): QueueRow {
  return {
    pid,
    work,
    label: label.slice(0, limits.lockNameCharsMax),
    isWorking: startedMs !== undefined,
    sinceMs: startedMs ?? askedMs,
    ours: pid === host.pid && hostname === host.hostname,
  };
}

function lagView(repository: Repository): LagView {
  const lag = rememberedLag(repository);
  const nowMs = wallMs(repository.world.clock);
  const seenMs = largestLagMs(lag, nowMs);
  return {
    floorMs: lag.floorMs,
    ...(seenMs === undefined ? {} : { seenMs }),
    boundMs: lagBoundMs(lag, nowMs),
    settleMs: settleMs(lag, nowMs),
    isForOneClient: isForOneClient(lag, nowMs),
  };
}
