/**
 * Notices a program that says nothing any more while answers are awaited: frozen, or behind a network that swallows
 * everything. It counts moments of silence rather than time, so that a machine that slept, or was too busy to listen,
 * does not blame the program. Nothing runs while nothing is awaited.
 */
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';

export class SilenceWatch {
  readonly #clock: Clock;
  readonly #ticksMax: number;
  readonly #poke: () => void;
  readonly #onSilent: () => void;
  #ticks = 0;
  #awaited = 0;
  #stop: AbortController | undefined;

  /** `poke` is called at each moment, to ask for a sign of life where the program has one; `onSilent` at the end. */
  constructor(clock: Clock, ticksMax: number, poke: () => void, onSilent: () => void) {
    this.#clock = clock;
    this.#ticksMax = ticksMax;
    this.#poke = poke;
    this.#onSilent = onSilent;
  }

  /** Moments in a row (`limits.pipeTickMs` each) in which answers were awaited and nothing came. */
  get silentTicks(): number {
    return this.#ticks;
  }

  hear(): void {
    this.#ticks = 0;
  }

  await(): void {
    this.#awaited += 1;
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    void this.#watch(this.#stop.signal);
  }

  settle(): void {
    this.#awaited -= 1;
    if (this.#awaited === 0) this.end();
  }

  end(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#ticks = 0;
  }

  async #watch(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      this.#poke();
      await this.#clock.sleep(limits.pipeTickMs, stopped);
      if (stopped.aborted) return;
      this.#ticks += 1;
      if (this.#ticks >= this.#ticksMax) return this.#onSilent();
    }
  }
}
