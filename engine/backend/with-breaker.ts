/**
 * Keeps requests from going where the last ones failed: when a store is down, one request in a while asks, not all of
 * them. Reads and writes are told apart, for a store may be full and give what it has. Its state is shown on the line.
 */
import type { Clock } from '../base/clock.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { type Breaker, type BreakerEvent, breakerEvent, stepBreaker, waitMs } from '../machine/breaker.ts';
import type { StoreOperation } from '../machine/store-facts.ts';
import type { StoreLine } from './store-line.ts';
import type { Around } from './wrapped-backend.ts';

const kindOf: Readonly<Record<StoreOperation, 'reads' | 'writes'>> = {
  create: 'writes',
  save: 'writes',
  remove: 'writes',
  load: 'reads',
  stat: 'reads',
  list: 'reads',
};

export function withBreaker(line: StoreLine, clock: Clock, location: string): Around {
  const last: Partial<Record<'reads' | 'writes', Failure>> = {};
  return async (operation, call, signal) => {
    const kind = kindOf[operation.kind];
    const step = (event: BreakerEvent): void =>
      line.setBreaker(kind, stepBreaker(line.breakers[kind], event, clock.elapsedMs()));
    const ms = waitMs(line.breakers[kind], clock.elapsedMs());
    if (ms > 0) throw notNow(line.breakers[kind], ms, location, last[kind]);
    step({ type: 'asked' });
    try {
      const result = await call(signal);
      step({ type: 'answered' });
      return result;
    } catch (error) {
      const { retryAfterMs } = isFailure(error) ? error.detail : {};
      if (isFailure(error)) last[kind] = error;
      // A fault of ours says nothing about the store.
      const code = isFailure(error) ? error.code : 'cancelled';
      step(breakerEvent(code, typeof retryAfterMs === 'number' ? retryAfterMs : undefined));
      throw error;
    }
  };
}

/** Why the last one failed, again. `notAsked` tells it from a request that was made and failed. */
function notNow(
  breaker: Breaker,
  retryAfterMs: number,
  location: string,
  last: Failure | undefined,
): Failure {
  const code = breaker.at === 'closed' ? 'store-unreachable' : breaker.code;
  const because = last?.code === code ? last.detail : {};
  return new Failure(code, { location, ...because, retryAfterMs, notAsked: true }, { next: 'later' });
}
