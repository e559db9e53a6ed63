/** Tells the latest of what is offered often, four times a second at most; used for the progress of runs. */
import type { Clock } from '../base/clock.ts';

const tellEveryMs = 250;

export class Paced<Value> {
  readonly #clock: Clock;
  readonly #tell: (value: Value) => void;
  readonly #ended = new AbortController();
  readonly #telling: Promise<void>;
  #latest: Value | undefined;

  constructor(clock: Clock, tell: (value: Value) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#telling = this.#loop();
  }

  offer(value: Value): void {
    this.#latest = value;
  }

  /** Tells the last one, also where it is sooner than its turn, and no more after it. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#telling;
  }

  async #loop(): Promise<void> {
    for (let isLast = false; !isLast; ) {
      await this.#clock.sleep(tellEveryMs, this.#ended.signal);
      isLast = this.#ended.signal.aborted;
      // Also where nothing new was offered: then the rate falls, and that is news.
      if (this.#latest !== undefined) this.#tell(this.#latest);
    }
  }
}
