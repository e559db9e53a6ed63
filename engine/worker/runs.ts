/**
 * The runs that are under way, by their ids. Each can be cancelled, and all of them drained: a run counts as ended
 * when its work has settled, with its lock given back.
 */
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';

interface Run {
  readonly stop: AbortController;
  readonly ended: Promise<unknown>;
}

export class Runs {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #runs = new Map<string, Run>();

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock;
  }

  /** Does the work as a run. Fails as the work does, and with `usage` where a run has this id already. */
  async run<Result>(id: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.#runs.has(id)) throw new Failure('usage', { why: 'run-id-taken' });
    const stop = new AbortController();
    const result = work(stop.signal);
    this.#runs.set(id, { stop, ended: result.catch(() => undefined) });
    try {
      return await result;
    } finally {
      this.#runs.delete(id);
    }
  }

  /** One that is not there has ended already, and that is well. */
  cancel(id: string): void {
    this.#runs.get(id)?.stop.abort(new Failure('cancelled'));
  }

  /** Cancels all, and resolves when the last has ended and whoever waits for it was told. */
  async drain(): Promise<void> {
    for (const id of this.#runs.keys()) this.cancel(id);
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended));
    await this.#clock.sleep(0);
  }
}
