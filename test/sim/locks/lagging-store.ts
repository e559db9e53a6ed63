/** A store of locks: by name it tells the truth, its listings lag, for each file and observer by another time. */
import type { Dice } from './virtual-time.ts';

export interface StoredLock {
  readonly id: string;
  readonly owner: number;
  readonly exclusive: boolean;
  readonly writtenMs: number;
  removedMs: number;
  readonly listedAfterMs: number[];
  readonly unlistedAfterMs: number[];
}

export type LagKind = 'none' | 'uniform' | 'extreme' | 'exponential' | 'bimodal';

/** `boundMs` is exceeded by bimodal lags only: one in a hundred is ten times that. */
export function lagOf(kind: LagKind, boundMs: number, dice: Dice): number {
  switch (kind) {
    case 'none':
      return 0;
    case 'uniform':
      return dice.between(0, boundMs);
    case 'extreme':
      return dice.isLucky(0.5) ? 0 : boundMs;
    case 'exponential':
      return Math.min(boundMs, (-Math.log(1 - dice.next()) * boundMs) / 4);
    case 'bimodal':
      return dice.isLucky(0.01) ? 10 * boundMs : dice.between(0, boundMs / 4);
  }
}

export class LaggingStore {
  readonly #locks: StoredLock[] = [];
  readonly #observers: number;
  readonly #lagMs: () => number;

  constructor(observers: number, lagMs: () => number) {
    this.#observers = observers;
    this.#lagMs = lagMs;
  }

  put(owner: number, exclusive: boolean, nowMs: number): string {
    const id = `${owner}-${this.#locks.length}`;
    const lags = (): number[] => Array.from({ length: this.#observers }, this.#lagMs);
    const [listedAfterMs, unlistedAfterMs] = [lags(), lags()];
    const lock = {
      id,
      owner,
      exclusive,
      writtenMs: nowMs,
      removedMs: Infinity,
      listedAfterMs,
      unlistedAfterMs,
    };
    this.#locks.push(lock);
    return id;
  }

  /** Undefined where it was never stored, or is removed. */
  get(id: string, nowMs: number): StoredLock | undefined {
    return this.#locks.find((lock) => lock.id === id && nowMs < lock.removedMs);
  }

  remove(id: string, nowMs: number): void {
    const lock = this.get(id, nowMs);
    if (lock !== undefined) lock.removedMs = nowMs;
  }

  list(observer: number, nowMs: number): StoredLock[] {
    return this.#locks.filter(
      (lock) =>
        nowMs >= lock.writtenMs + lock.listedAfterMs[observer]! &&
        nowMs < lock.removedMs + lock.unlistedAfterMs[observer]!,
    );
  }

  /** What is really there. */
  left(nowMs: number): StoredLock[] {
    return this.#locks.filter((lock) => nowMs < lock.removedMs);
  }
}
