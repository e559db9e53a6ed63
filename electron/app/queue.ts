/** Which runs may start now: pure. One run works with a vault at a time; those a person asked for go first. */
import type { RunCause } from '../../engine/protocol/app-state.ts';

/** A run that waits for its turn. */
export interface Waiting {
  readonly planId: string;
  readonly vaultId: string;
  readonly cause: RunCause;
  readonly askedMs: number;
  /** How often it was tried before and interrupted. */
  readonly tries: number;
  /** A person asked for it although backups were paused. */
  readonly isDespitePause: boolean;
}

export interface Circumstances {
  readonly isEngineReady: boolean;
  readonly isPaused: boolean;
  readonly busyVaults: ReadonlySet<string>;
  /** Plans that rest shortly after an interruption. */
  readonly restingPlans: ReadonlySet<string>;
}

/** In the order in which they get their turn: manual ones before others, then who asked first. */
export function inOrder(waiting: readonly Waiting[]): Waiting[] {
  const rank = ({ cause }: Waiting) => (cause === 'manual' ? 0 : 1);
  return [...waiting].sort((a, b) => rank(a) - rank(b) || a.askedMs - b.askedMs);
}

/** Those that may start now, at most one for each vault. */
export function choose(waiting: readonly Waiting[], circumstances: Circumstances): Waiting[] {
  const { isEngineReady, isPaused, busyVaults, restingPlans } = circumstances;
  if (!isEngineReady) return [];
  const taken = new Set(busyVaults);
  return inOrder(waiting).filter((one) => {
    const isHeld = isPaused && !one.isDespitePause;
    if (taken.has(one.vaultId) || isHeld || restingPlans.has(one.planId)) return false;
    taken.add(one.vaultId);
    return true;
  });
}
