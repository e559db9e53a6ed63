/** So many at a time, in the order in which they came; how many may change while some wait. */
import type { CancelSignal } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { stopIfAborted } from './call-signal.ts';

export class Slots {
  #size: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(size: number) {
    this.#size = size;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Who has a slot keeps it, even if there are fewer now. */
  resize(size: number): void {
    this.#size = size;
    this.#letIn();
  }

  /** Work may leave its slot before its end. Fails with `cancelled` where the signal comes before a slot does. */
  async run<Result>(work: (leave: () => void) => Promise<Result>, signal?: CancelSignal): Promise<Result> {
    await this.#enter(signal);
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      this.#taken--;
      this.#letIn();
    };
    try {
      return await work(leave);
    } finally {
      leave();
    }
  }

  async #enter(signal: CancelSignal | undefined): Promise<void> {
    stopIfAborted(signal);
    if (this.#taken < this.#size && this.#waiting.size === 0) {
      this.#taken++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(new Failure('cancelled'));
      };
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiting.add(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #letIn(): void {
    for (const enter of this.#waiting) {
      if (this.#taken >= this.#size) return;
      this.#waiting.delete(enter);
      this.#taken++;
      enter();
    }
  }
}
