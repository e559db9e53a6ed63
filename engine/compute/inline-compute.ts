/** A crew of one hand within the caller's own thread: for little work, and for tests and their virtual time. */
import { Failure } from '../base/failure.ts';
import type { Compute, Crew, Duty, HandWorld, NewsListener, Skill, Terms, Transfer } from './crew.ts';

export function inlineCompute(world: HandWorld): Compute {
  const hire: Compute['hire'] = (skill, setup, onNews) => new InlineCrew(skill, setup, world, onNews);
  return {
    handsMax: 1,
    limitTo: () => undefined,
    makeReady: () => undefined,
    begun: async () => undefined,
    hire,
    hireHere: hire,
  };
}

class InlineCrew<T extends Terms> implements Crew<T> {
  readonly #begin: () => Duty<T>;
  #duty: Duty<T> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed: { readonly reason: unknown } | undefined;
  /** Rejects what is asked and not answered yet: a hand that waits for room may never come to answer. */
  readonly #refusals = new Set<(reason: unknown) => void>();

  constructor(skill: Skill<T>, setup: T['setup'], world: HandWorld, onNews?: NewsListener<T>) {
    const reply = (word: T['word']): void => this.#duty?.hear(word);
    this.#begin = () => skill.begin(setup, world, (news) => onNews?.(news, reply));
  }

  ask(request: T['request'], _transfer?: Transfer): Promise<T['answer']> {
    const { promise, resolve, reject } = Promise.withResolvers<T['answer']>();
    this.#refusals.add(reject);
    const answered = this.#last.then(async () => {
      if (this.#closed !== undefined) throw this.#closed.reason;
      this.#duty ??= this.#begin();
      return (await this.#duty.work(request)).answer;
    });
    this.#last = answered.then(resolve, reject).finally(() => this.#refusals.delete(reject));
    return promise;
  }

  async askEach(request: T['request']): Promise<T['answer'][]> {
    await this.#last;
    return this.#duty === undefined && this.#closed === undefined ? [] : [await this.ask(request)];
  }

  tellEach(word: T['word']): void {
    this.#duty?.hear(word);
  }

  limitTo(): void {}

  async close(reason: unknown = new Failure('cancelled')): Promise<void> {
    this.#closed ??= { reason };
    for (const refuse of this.#refusals) refuse(reason);
  }
}
