/** Tells listeners that something changed: at once, then at most four times a second; the latest always arrives. */
import type { Clock } from './parts.ts';

const tellingGapMs = 250;

export interface Telling<Value> {
  changed(): void;
  listen(listener: (value: Value) => void): () => void;
  stop(): void;
}

export function createTelling<Value>(clock: Clock, make: () => Value): Telling<Value> {
  const listeners = new Set<(value: Value) => void>();
  let toldMs = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let isStopped = false;
  const tell = () => {
    cancel = undefined;
    toldMs = clock.nowMs();
    const value = make();
    for (const listener of [...listeners]) listener(value);
  };
  return {
    changed() {
      if (isStopped || cancel !== undefined) return;
      // The wall clock may jump back: the wait is bounded all the same.
      const waitMs = Math.min(tellingGapMs, toldMs + tellingGapMs - clock.nowMs());
      if (waitMs <= 0) tell();
      else cancel = clock.after(waitMs, tell);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      if (cancel !== undefined) {
        cancel();
        tell();
      }
      isStopped = true;
    },
  };
}
