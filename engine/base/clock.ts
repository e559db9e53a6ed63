/**
 * Time as a value that is handed in. Nothing in the engine reads the ambient clock: `worker/real-world.ts`
 * makes the real one, tests make one that they turn by hand.
 */

/** What the engine needs of an AbortSignal. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Wall time in milliseconds since 1970 UTC. */
export function wallMs(clock: Pick<Clock, 'wallNs'>): number {
  return Number(clock.wallNs() / 1_000_000n);
}

export interface Clock {
  /** Wall time, nanoseconds since 1970 UTC. It may jump: for what is written down and for ages across sleep. */
  wallNs(): bigint;
  /** Milliseconds that passed since some start; never jumps back. For rates and time limits. */
  elapsedMs(): number;
  /** Resolves after the time, or at once when the signal is aborted; it never rejects. */
  sleep(ms: number, signal?: CancelSignal): Promise<void>;
}
