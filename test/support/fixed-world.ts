/**
 * The world as tests turn it by hand: randomness that is the same in every run, and a clock that stands still
 * until it is advanced.
 */
import { hash } from 'node:crypto';
import type { Chance } from '../../engine/base/chance.ts';
import type { CancelSignal, Clock } from '../../engine/base/clock.ts';

/** SHA-256 of the seed and a counter, over and over: every byte follows from the seed and what was drawn before. */
export function seededChance(seed: string | number): Chance {
  let counter = 0;
  let ready = Buffer.alloc(0);
  return {
    bytes(count) {
      const drawn = [ready];
      for (let have = ready.length; have < count; have += 32) {
        drawn.push(hash('sha256', `${seed}:${counter++}`, 'buffer'));
      }
      const all = Buffer.concat(drawn);
      ready = all.subarray(count);
      return Uint8Array.from(all.subarray(0, count));
    },
  };
}

export interface VirtualClock extends Clock {
  /**
   * Lets time pass. Sleepers wake in the order of their time; what they do next runs before time goes on, so
   * that a chain of sleeps within `ms` is slept to its end.
   */
  advance(ms: number): Promise<void>;
  /** The machine sleeps: the wall clock goes on, nothing else does. */
  sleepThrough(ms: number): void;
  /** The program is stopped: its clocks go on, and nobody wakes. */
  stop(ms: number): void;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** A clock that reads `startNs` and goes on only by `advance`. */
export function virtualClock(startNs: bigint): VirtualClock {
  let nowMs = 0;
  let sleptMs = 0;
  const sleepers = new Set<Sleeper>();

  function nextBefore(endMs: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of sleepers) {
      if (sleeper.dueMs <= endMs && (next === undefined || sleeper.dueMs < next.dueMs)) next = sleeper;
    }
    return next;
  }

  return {
    wallNs: () => startNs + BigInt(Math.round((nowMs + sleptMs) * 1e6)),
    elapsedMs: () => nowMs,
    sleep(ms: number, signal?: CancelSignal): Promise<void> {
      if (ms <= 0 || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper: Sleeper = { dueMs: nowMs + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      });
    },
    sleepThrough(ms: number): void {
      sleptMs += ms;
    },
    stop(ms: number): void {
      nowMs += ms;
    },
    async advance(ms: number): Promise<void> {
      const endMs = nowMs + ms;
      await settle();
      for (let next = nextBefore(endMs); next !== undefined; next = nextBefore(endMs)) {
        nowMs = Math.max(nowMs, next.dueMs);
        next.wake();
        await settle();
      }
      nowMs = endMs;
    },
  };
}

/** Runs all that waits for promises only. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
