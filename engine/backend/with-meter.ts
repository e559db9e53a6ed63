/** Measures each request: how long it took, what moved, how it ended. The line remembers what follows from that. */
import type { Clock } from '../base/clock.ts';
import { type FailureCode, isFailure } from '../base/failure.ts';
import { LinkedSignal } from './call-signal.ts';
import type { StoreLine } from './store-line.ts';
import type { Around } from './wrapped-backend.ts';

export function withMeter(line: StoreLine, clock: Clock): Around {
  let inFlight = 0;
  return async (operation, call, signal) => {
    const startMs = clock.elapsedMs();
    const moved = { up: 0, down: 0 };
    let movedMs = startMs;
    let silentMs = 0;
    const look = (): void => {
      silentMs = Math.max(silentMs, clock.elapsedMs() - movedMs);
      movedMs = clock.elapsedMs();
    };
    const counting = new LinkedSignal(signal, (bytes, direction) => {
      moved[direction] += bytes;
      look();
      // While we ourselves hold it up, it is not the store that is silent.
      return signal?.onProgress?.(bytes, direction)?.finally(() => {
        movedMs = clock.elapsedMs();
      });
    });
    inFlight++;
    const tell = (failure?: FailureCode): void => {
      look();
      const atMs = clock.elapsedMs();
      line.learn({
        operation: operation.kind,
        atMs,
        tookMs: atMs - startMs,
        silentMs,
        upBytes: moved.up,
        downBytes: moved.down,
        inFlight,
        ...(failure === undefined ? {} : { failure }),
      });
    };
    try {
      const result = await call(counting);
      tell();
      return result;
    } catch (error) {
      if (isFailure(error)) tell(error.code);
      throw error;
    } finally {
      inFlight--;
      counting.release();
    }
  };
}
