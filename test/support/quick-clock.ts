/** A clock on which everything that waits waits less: the real one, so many times as fast. */
import type { Clock } from '../../engine/base/clock.ts';
import { realClock } from '../../engine/worker/real-world.ts';

export function quickClock(times = 10): Clock {
  return {
    wallNs: () => realClock.wallNs(),
    elapsedMs: () => realClock.elapsedMs() * times,
    sleep: (ms, signal) => realClock.sleep(ms / times, signal),
  };
}
