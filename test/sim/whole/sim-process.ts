/**
 * A process of a simulated machine: its clock stands still while the machine sleeps, its number is its own, and once it is
 * dead nothing of it acts any more. It counts its steps, so that it can die at any of them.
 */
import type { CancelSignal, Clock } from '../../../engine/base/clock.ts';
import type { VirtualTime } from '../locks/virtual-time.ts';

export const startNs = 1_714_979_289_000_000_000n;

export class SimProcess {
  readonly pid: number;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  readonly #startedMs: number;
  #sleptMs = 0;
  #asleepUntilMs = 0;
  /** How often the machine has slept since it began. */
  naps = 0;
  isDead = false;
  /** After so many steps it dies. */
  stepsLeft = Number.POSITIVE_INFINITY;
  onDeath: (step: string) => void = () => {};

  constructor(pid: number, time: VirtualTime) {
    this.pid = pid;
    this.#time = time;
    this.#startedMs = time.nowMs;
    this.clock = {
      wallNs: () => startNs + BigInt(Math.round(time.nowMs * 1e6)),
      elapsedMs: () => this.#elapsedMs(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get isAsleep(): boolean {
    return this.#time.nowMs < this.#asleepUntilMs;
  }

  /** The whole machine sleeps. */
  nap(ms: number): void {
    if (this.isAsleep) return;
    this.naps++;
    this.#asleepUntilMs = this.#time.nowMs + ms;
    this.#sleptMs += ms;
  }

  /** Whether it lives on after this step. */
  lives(step: string): boolean {
    if (this.isDead) return false;
    if (--this.stepsLeft <= 0) this.die(step);
    return !this.isDead;
  }

  die(step: string): void {
    if (this.isDead) return;
    this.isDead = true;
    this.onDeath(step);
  }

  /** Runs it when so much time has passed for the process; never when it has died meanwhile. */
  after(ms: number, run: () => void): void {
    const dueMs = this.#elapsedMs() + ms;
    const arrive = (): void => {
      if (this.isDead) return;
      const { nowMs } = this.#time;
      const leftMs = dueMs - this.#elapsedMs();
      if (this.isAsleep) this.#time.at(this.#asleepUntilMs, arrive);
      else if (leftMs > 0.001) this.#time.at(nowMs + leftMs, arrive);
      else run();
    };
    this.#time.at(this.#time.nowMs + ms, arrive);
  }

  #elapsedMs(): number {
    return this.#time.nowMs - this.#startedMs - this.#sleptMs;
  }

  #sleep(ms: number, signal?: CancelSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
      if (Number.isFinite(ms)) this.after(ms, wake);
    });
  }
}

/** What a dead process waits for: one for each, or all who wait, and what they hold, would be kept. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
