/** Keeps synchronous work from holding the event loop: timers, signals and uploads get their turn in between. */
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';

export class Turn {
  readonly #clock: Clock;
  readonly #msMax: number;
  #beganMs: number;

  constructor(clock: Clock, msMax: number = limits.turnMsMax) {
    this.#clock = clock;
    this.#msMax = msMax;
    this.#beganMs = clock.elapsedMs();
  }

  get isOver(): boolean {
    return this.#clock.elapsedMs() - this.#beganMs >= this.#msMax;
  }

  /** Lets others run. Call when `isOver`. */
  async pass(): Promise<void> {
    await this.#clock.sleep(0);
    this.#beganMs = this.#clock.elapsedMs();
  }
}
