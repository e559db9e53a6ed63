/**
 * Makes a request again that failed, as `machine/retry.ts` decides. An upload whose answer was lost is asked about
 * before it is sent again, and never removed. That a file is not there, or not whole, is believed as `machine/doubt.ts`
 * decides. What waits, and why, is shown on the line.
 */
import type { CancelSignal } from '../base/clock.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { decideRetry, type FailedTry, type Patience } from '../machine/retry.ts';
import { type Backend, type BackendWorld, configFile, type FileName } from './backend.ts';
import { type CallSignal, LinkedSignal, stopIfAborted } from './call-signal.ts';
import { isStored } from './is-stored.ts';
import type { StoreLine } from './store-line.ts';
import { badNews, Doubts, isDoubtful, isOfWitness, learnWitness } from './witness.ts';
import type { Around, Call, Operation } from './wrapped-backend.ts';

type RetryWorld = Pick<BackendWorld, 'chance' | 'clock'>;

/** `backend`: what the calls go to, for what has to be asked between two tries. `patience`: otherwise the line's. */
export function withRetries(
  backend: Backend,
  line: StoreLine,
  world: RetryWorld,
  patience: () => Patience = () => line.patience,
): Around {
  return (operation, call, signal) => {
    const tries = new Tries(backend, line, world, operation, signal);
    return tries.run(call, patience);
  };
}

class Tries {
  readonly #backend: Backend;
  readonly #line: StoreLine;
  readonly #world: RetryWorld;
  readonly #operation: Operation;
  readonly #signal: CallSignal | undefined;
  readonly #startMs: number;
  /** About what the call itself is answered. */
  readonly #doubts: Doubts;
  /** About whether a save was done before. */
  readonly #absence: Doubts;
  #failures = 0;
  /** A save was sent before. */
  #mayBeDone = false;
  /** Since this one last failed, another file came. */
  #doOthersCome = false;

  constructor(
    backend: Backend,
    line: StoreLine,
    world: RetryWorld,
    operation: Operation,
    signal: CallSignal | undefined,
  ) {
    this.#backend = backend;
    this.#line = line;
    this.#world = world;
    this.#operation = operation;
    this.#signal = signal;
    this.#startMs = world.clock.elapsedMs();
    this.#doubts = new Doubts(backend, line, world.clock);
    this.#absence = new Doubts(backend, line, world.clock);
  }

  async run<Result>(call: Call<Result>, patience: () => Patience): Promise<Result> {
    for (let again = false; ; again = true) {
      if (again) await this.#signal?.beforeAgain?.();
      stopIfAborted(this.#signal);
      try {
        // What a save answers is nothing, and so is that it was done before.
        if (await this.#isDoneAlready()) return undefined as Result;
        const answer = await this.#answerOf(call);
        if (answer !== undefined) return answer.result;
      } catch (error) {
        if (!isFailure(error)) throw error;
        // What was not asked did not fail: it only comes later.
        if (error.detail.notAsked !== true || this.#failures === 0) this.#failures++;
        const decided = decideRetry(this.#look(error), patience(), this.#chance());
        if (decided.do === 'give-up') throw error;
        if (this.#doOthersCome && error.detail.notAsked !== true && !isOfWitness(error)) throw error;
        this.#doOthersCome = decided.do === 'probe' && (await this.#isAnotherFileThere());
        // What was wrong may just have passed: then this one comes now, too.
        if (!this.#doOthersCome) await this.#wait(error, decided.ms);
      }
    }
  }

  /** Undefined where it is not believed yet, and has to be asked again. */
  async #answerOf<Result>(call: Call<Result>): Promise<{ readonly result: Result } | undefined> {
    try {
      const result = await call(this.#signal);
      const bad = badNews(this.#operation, result);
      if (bad === undefined) learnWitness(this.#line, this.#operation, result);
      return bad === undefined || (await this.#doubts.isBelieved(bad, this.#signal)) ? { result } : undefined;
    } catch (error) {
      this.#mayBeDone = true;
      if (!isFailure(error) || !isDoubtful(error)) throw error;
      if (await this.#doubts.isBelieved(error, this.#signal)) throw error;
      return undefined;
    }
  }

  async #isDoneAlready(): Promise<boolean> {
    const { kind, file, parts } = this.#operation;
    if (!this.#mayBeDone || kind !== 'save' || file === undefined || parts === undefined) return false;
    for (;;) {
      const missing = await this.#missing(file, parts);
      if (missing === undefined) return true;
      if (await this.#absence.isBelieved(missing, this.#signal)) return false;
    }
  }

  /** Why it has to be sent again. */
  async #missing(file: FileName, parts: readonly Uint8Array[]): Promise<Failure | undefined> {
    try {
      const isThere = await isStored(this.#backend, file, parts, this.#signal);
      return isThere ? undefined : new Failure('not-found', { what: file.type, id: file.name });
    } catch (error) {
      // A part of it, perhaps: some stores let themselves be overwritten, the others will say so.
      if (isFailure(error, 'damaged')) return error;
      throw error;
    }
  }

  #look(failure: Failure): FailedTry {
    const { retryAfterMs } = failure.detail;
    const { kind, type } = this.#operation;
    return {
      code: failure.code,
      next: failure.next,
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
      failures: this.#failures,
      elapsedMs: this.#world.clock.elapsedMs() - this.#startMs,
      isProven: this.#line.isProven,
      isOneFile: kind === 'load' && type !== 'config' && !isOfWitness(failure),
    };
  }

  async #isAnotherFileThere(): Promise<boolean> {
    return await this.#backend.load(configFile, undefined, this.#signal).then(
      () => true,
      () => false,
    );
  }

  async #wait(failure: Failure, ms: number): Promise<void> {
    const { clock } = this.#world;
    const untilMs = clock.elapsedMs() + ms;
    const operation = this.#operation.kind;
    await this.#line.showing({ operation, failure, failures: this.#failures, untilMs }, async () => {
      const ended = eitherOf(this.#signal, this.#line.wake);
      await clock.sleep(ms, ended);
      ended.release();
    });
    stopIfAborted(this.#signal);
  }

  /** From 0 up to 1. */
  #chance(): number {
    const [high = 0, low = 0] = this.#world.chance.bytes(2);
    return (high * 256 + low) / 65_536;
  }
}

function eitherOf(signal: CallSignal | undefined, other: CancelSignal): LinkedSignal {
  const either = new LinkedSignal(signal);
  if (other.aborted) either.abort();
  else {
    const end = (): void => either.abort();
    other.addEventListener('abort', end, { once: true });
    either.addEventListener('abort', () => other.removeEventListener('abort', end), { once: true });
  }
  return either;
}
