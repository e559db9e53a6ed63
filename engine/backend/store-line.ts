/**
 * What is known of the way to one store while it is open: shared by the wrappers, shown to people. One for each vault;
 * whoever opens a backend may bring it, to look into it and to turn its knobs while work goes on.
 */
import type { Failure } from '../base/failure.ts';
import { type Breaker, closedBreaker, stepBreaker } from '../machine/breaker.ts';
import type { Patience } from '../machine/retry.ts';
import {
  noFacts,
  type StoreFacts,
  type StoreOperation,
  type StoreSample,
  withRequest,
} from '../machine/store-facts.ts';
import { windowFor } from '../machine/upload-window.ts';
import type { FileName } from './backend.ts';

/** Why a request waits to be made again, and until when. */
export interface Wait {
  readonly operation: StoreOperation;
  readonly failure: Failure;
  readonly failures: number;
  /** On the clock's `elapsedMs`. */
  readonly untilMs: number;
}

export class StoreLine {
  patience: Patience = { kind: 'run' };
  /** Called when something of this has changed that a person may want to see. */
  onChange: () => void = () => {};
  /** The store took or gave a file: it is the store. */
  isProven = false;
  /** Files that were seen whole, one of a type: see `witness.ts`. */
  witnesses: readonly FileName[] = [];
  /** A doubt has lasted its time, and none of them was shown as it was, nor since. */
  areWitnessesGone = false;
  /** The most that a person allows; undefined is no limit. It may change at any time. */
  bytesPerSecondMax: { up?: number | undefined; down?: number | undefined } = {};
  /** When the program went on, on the clock's `elapsedMs`, after it had been stopped. */
  stoppedUntilMs = Number.NEGATIVE_INFINITY;
  #uploadsAtOnce: number | undefined;
  #facts: StoreFacts = noFacts;
  readonly #breakers = { reads: closedBreaker, writes: closedBreaker };
  #wake = new AbortController();
  readonly #waits = new Set<Wait>();

  get facts(): StoreFacts {
    return this.#facts;
  }

  /** Uploads that may be under way now, as the line allows; before the first, with how many it will begin. */
  get uploadsAtOnce(): number {
    return this.#uploadsAtOnce ?? windowFor(this.#facts.roundTrip?.smoothMs).size;
  }

  set uploadsAtOnce(count: number) {
    this.#uploadsAtOnce = count;
  }

  /** An open one says until when, on the clock's `elapsedMs`. */
  get breakers(): Readonly<Record<'reads' | 'writes', Breaker>> {
    return this.#breakers;
  }

  setBreaker(kind: 'reads' | 'writes', breaker: Breaker): void {
    const before = this.#breakers[kind];
    this.#breakers[kind] = breaker;
    if (before.at !== breaker.at) this.onChange();
  }

  get waits(): readonly Wait[] {
    return [...this.#waits];
  }

  /** Aborted by the next `tryNow`. */
  get wake(): AbortSignal {
    return this.#wake.signal;
  }

  /** A request that was under way when the program was stopped says nothing about the way to the store. */
  learn(sample: StoreSample): void {
    if (sample.atMs - sample.tookMs >= this.stoppedUntilMs) this.#facts = withRequest(this.#facts, sample);
    const isProof = sample.operation === 'save' || sample.operation === 'load' || sample.operation === 'list';
    if (sample.failure === undefined && isProof) this.isProven = true;
    this.onChange();
  }

  /** Shows the wait while the work goes on. */
  async showing(wait: Wait, work: () => Promise<void>): Promise<void> {
    this.#waits.add(wait);
    this.onChange();
    try {
      await work();
    } finally {
      this.#waits.delete(wait);
      this.onChange();
    }
  }

  /** Ends every wait: somebody has reason to believe that it goes again. */
  tryNow(): void {
    for (const kind of ['reads', 'writes'] as const)
      this.setBreaker(kind, stepBreaker(this.#breakers[kind], { type: 'try-now' }, 0));
    this.#wake.abort();
    this.#wake = new AbortController();
  }
}
