/**
 * Looks again at who works with a vault: soon and often while a run of ours waits to begin, for that is what it waits
 * for; now and then while others hold locks, for only later looks can prove that a lock is stale. Otherwise never.
 */
import type { LockView, Unlocked, VaultWork } from '../../engine/protocol/lock-view.ts';
import type { Core } from './core.ts';
import type { Vaults } from './vaults.ts';

const whileWaitingMs = 5_000;
const whileLockedMs = 60_000;

export interface LockLooks {
  /** Something has changed: perhaps there is reason to look. */
  heed(): void;
  unlock(vaultId: string): Promise<Unlocked>;
  stop(): void;
}

export function createLockLooks(core: Core, vaults: Pick<Vaults, 'access'>): LockLooks {
  const { parts, known } = core;
  let next: { readonly atMs: number; cancel(): void } | undefined;
  let isBusy = false;
  let isStopped = false;

  function heed(): void {
    if (isStopped || isBusy) return;
    const waitMs = Math.min(...reasons(core).map(({ ms }) => ms));
    const isIdle = !Number.isFinite(waitMs);
    if (!isIdle && next !== undefined && next.atMs <= parts.clock.nowMs() + waitMs) return;
    next?.cancel();
    next = undefined;
    if (isIdle) return;
    next = { atMs: parts.clock.nowMs() + waitMs, cancel: parts.clock.after(waitMs, () => void lookNow()) };
  }

  async function lookNow(): Promise<void> {
    next = undefined;
    isBusy = true;
    // A look that fails says nothing: the run and the next look at the whole vault will.
    for (const vaultId of new Set(reasons(core).map((reason) => reason.vaultId)))
      await look(vaultId).catch(() => undefined);
    isBusy = false;
    core.changed();
  }

  async function look(vaultId: string): Promise<void> {
    remember(core, vaultId, await parts.engine.calls.locks(await vaults.access(vaultId)));
  }

  return {
    heed,
    async unlock(vaultId) {
      const unlocked = await parts.engine.calls.unlock(await vaults.access(vaultId));
      await look(vaultId).catch(() => undefined);
      core.changed();
      return unlocked;
    },
    stop() {
      isStopped = true;
      next?.cancel();
    },
  };

  function reasons({ known: { settings, activities } }: Core): { vaultId: string; ms: number }[] {
    const waiting = settings.plans.filter(({ id }) => {
      const activity = activities.get(id);
      return activity?.at === 'running' && activity.progress.phase === 'opening';
    });
    const locked = [...known.statuses].filter(
      ([, status]) => status.at === 'reachable' && status.locks.some(isOpen),
    );
    return [
      ...waiting.map(({ vaultId }) => ({ vaultId, ms: whileWaitingMs })),
      ...locked.map(([vaultId]) => ({ vaultId, ms: whileLockedMs })),
    ];
  }
}

/** More looks can tell more of it. */
function isOpen({ ours, verdict }: LockView): boolean {
  return !ours && verdict.is !== 'stale';
}

/** What else was seen of the vault stays as it is. */
function remember({ parts, known }: Core, vaultId: string, work: VaultWork): void {
  const status = known.statuses.get(vaultId);
  if (status?.at !== 'reachable') return;
  known.statuses.set(vaultId, { ...status, ...work, locksMs: parts.clock.nowMs() });
}
