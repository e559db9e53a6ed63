/** A clock that goes faster than life, so that waits of minutes take seconds and what the system does keeps its order. */
import type { Clock } from '../../engine/base/clock.ts';
import { realClock } from '../../engine/worker/real-world.ts';

export function quickClock(times: number): Clock {
  const startMs = performance.now();
  const startNs = realClock.wallNs();
  const elapsedMs = (): number => (performance.now() - startMs) * times;
  return {
    elapsedMs,
    wallNs: () => startNs + BigInt(Math.round(elapsedMs() * 1e6)),
    sleep: (ms, signal) => realClock.sleep(ms / times, signal),
  };
}
