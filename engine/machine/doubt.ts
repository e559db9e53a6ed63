/**
 * Whether an answer is believed that would cost or end something: that a file is not there, or is not what it was.
 * Invariants: no such answer is believed the first time; between two that say the same, the store must have shown
 * something that is known to be true, so that a transport which lies for a while is waited for; no doubt is for ever; and
 * where all that is known was removed, one doubt lasts its time, and not that of each missing file.
 */
import { limits } from '../base/limits.ts';

export interface Doubt {
  /** Since the first answer that was doubted. */
  readonly sinceMs: number;
  /** What was said before the store last showed something true. */
  readonly said?: string;
}

/**
 * What the store shows of a file that is known: as it is, or otherwise; `gone`: otherwise, and a doubt has waited for it
 * in vain; `none`: no such file is known.
 */
export type Witness = 'right' | 'wrong' | 'gone' | 'none';

/** `ask-again` at once, `wait` and ask then. */
export type Belief = 'believe' | 'ask-again' | 'wait';

/** Whether a known file has to be asked for before the answer can count. */
export function needsWitness(doubt: Doubt | undefined, said: string): boolean {
  return doubt?.said !== said;
}

/** After a known file was asked for. */
export function weigh(
  doubt: Doubt | undefined,
  said: string,
  witness: Witness,
  nowMs: number,
): [Doubt, Belief] {
  const sinceMs = doubt?.sinceMs ?? nowMs;
  if (witness === 'none' || nowMs - sinceMs >= limits.doubtMsMax) return [{ sinceMs, said }, 'believe'];
  if (witness === 'wrong') return [{ sinceMs }, 'wait'];
  // It said something else before: then it is not one lie, and the next answer may be another.
  return [{ sinceMs, said }, doubt?.said === undefined ? 'ask-again' : 'wait'];
}
