/**
 * Answers that would cost or end something, and the files that bear witness: those that this session has seen whole,
 * whose names are the hashes of their bytes. Whoever shows none of them as it was cannot be believed about another. Used by
 * `with-retries.ts`, which decides with `machine/doubt.ts`.
 */
import { hash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { damaged, Failure, type FailureCode, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { type Belief, type Doubt, needsWitness, type Witness, weigh } from '../machine/doubt.ts';
import type { Backend, FileName } from './backend.ts';
import type { CallSignal } from './call-signal.ts';
import type { StoreLine } from './store-line.ts';
import type { Operation } from './wrapped-backend.ts';

/** About a file, or about all of them: a transport may say so of what is there and whole. */
const doubtful: ReadonlySet<FailureCode> = new Set(['not-found', 'damaged', 'repository-missing']);

export function isDoubtful(error: Failure): boolean {
  return doubtful.has(error.code);
}

/** The doubts about one question. */
export class Doubts {
  readonly #backend: Backend;
  readonly #line: StoreLine;
  readonly #clock: Clock;
  #doubt: Doubt | undefined;

  constructor(backend: Backend, line: StoreLine, clock: Clock) {
    this.#backend = backend;
    this.#line = line;
    this.#clock = clock;
  }

  /**
   * False: it has to be asked again. Fails with `not-the-store` where the transport lies, and as the backend fails
   * where it cannot tell.
   */
  async isBelieved(answer: Failure, signal: CallSignal | undefined): Promise<boolean> {
    const said = answer.message;
    let belief: Belief = 'believe';
    if (needsWitness(this.#doubt, said)) {
      const heard = await this.#hear(signal);
      [this.#doubt, belief] = weigh(this.#doubt, said, heard, this.#clock.elapsedMs());
      // It was waited for: who asks next about another file does not wait as long again.
      if (heard === 'wrong' && belief === 'believe') this.#line.areWitnessesGone = true;
    }
    if (belief === 'wait') throw this.#lies(answer);
    // Once it is believed, the same question later is another one.
    if (belief === 'believe') this.#doubt = undefined;
    return belief === 'believe';
  }

  /** One that is gone may have been removed by somebody else: then the next one speaks. */
  async #hear(signal: CallSignal | undefined): Promise<Witness> {
    const { witnesses } = this.#line;
    if (witnesses.length === 0) return 'none';
    // Whoever lied may be at the other end of what is open.
    this.#backend.dropIdle?.();
    for (const file of witnesses) {
      if (!(await this.#isAsItWas(file, signal))) continue;
      this.#line.areWitnessesGone = false;
      return 'right';
    }
    return this.#line.areWitnessesGone ? 'gone' : 'wrong';
  }

  async #isAsItWas(file: FileName, signal: CallSignal | undefined): Promise<boolean> {
    try {
      return isWhole(file, await this.#backend.load(file, undefined, signal));
    } catch (error) {
      if (!isFailure(error) || error.code === 'cancelled') throw error;
      if (isDoubtful(error)) return false;
      const { code, detail, next } = error;
      throw new Failure(code, { ...detail, isOfWitness: true }, { next, cause: error });
    }
  }

  #lies(cause: Failure): Failure {
    const { location } = this.#backend;
    const why = 'it does not show what it showed before';
    return new Failure('not-the-store', { location, why, isOfWitness: true }, { next: 'later', cause });
  }
}

/** It says nothing of the file that was asked for: that the known one is not shown as it is, or cannot be had now. */
export function isOfWitness(failure: Failure): boolean {
  return failure.detail.isOfWitness === true;
}

/** What a result says that is as bad as a failure: bytes that are not those of the name, or that nothing is there. */
export function badNews({ kind, file, type, range }: Operation, result: unknown): Failure | undefined {
  // Everybody who works looks at the locks, often there is none, and whoever takes one waits to see it.
  if (kind === 'list' && type !== undefined && type !== 'lock' && (result as readonly unknown[]).length === 0)
    return new Failure('not-found', { what: type, id: '' });
  if (kind !== 'load' || file === undefined || range !== undefined || !isNamedByHash(file)) return undefined;
  const bytes = result as Uint8Array;
  if (isWhole(file, bytes)) return undefined;
  return damaged(file.type, file.name, `its bytes have the hash ${hash('sha256', bytes, 'hex')}`);
}

/** Remembers what can bear witness: small files that stay. A key is the first that is read. */
export function learnWitness(line: StoreLine, { kind, file, range }: Operation, result: unknown): void {
  if (kind !== 'load' || file === undefined || range !== undefined || !isNamedByHash(file)) return;
  if (file.type === 'lock' || (result as Uint8Array).length > limits.smallFileBytesMax) return;
  const others = line.witnesses.filter(({ type }) => type !== file.type);
  line.witnesses = file.type === 'key' ? [file, ...others] : [...others, file];
  line.areWitnessesGone = false;
}

/** Packs are proven by those who read them, blob by blob. */
function isNamedByHash({ type }: FileName): boolean {
  return type !== 'config' && type !== 'pack';
}

function isWhole({ name }: FileName, bytes: Uint8Array): boolean {
  return hash('sha256', bytes, 'hex') === name;
}
