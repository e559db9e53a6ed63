/** Waiting that ends: when the caller gives up, or when a time has passed. */
import type { CancelSignal, Clock } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';

/** What the work gives, or `cancelled` as soon as the signal says so; the work itself goes on. */
export function unlessAborted<T>(work: Promise<T>, signal: CancelSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Failure('cancelled'));
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  });
}

/** What the work gives; undefined when it takes longer than that. No timer is left behind. */
export async function atMost<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, over.signal).then(() => undefined)]);
  } finally {
    over.abort();
  }
}
