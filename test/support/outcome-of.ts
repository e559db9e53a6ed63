/** What becomes of work while a clock is turned for it. */
import type { TestWorld } from './test-repository.ts';

export type Outcome<T> = { readonly value: T } | { readonly error: unknown } | 'waiting';

export async function outcomeOf<T>(
  work: Promise<T>,
  { clock }: Pick<TestWorld, 'clock'>,
  ms: number,
): Promise<Outcome<T>> {
  let outcome: Outcome<T> = 'waiting';
  work.then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      outcome = { error };
    },
  );
  await clock.advance(ms);
  return outcome;
}
