import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { type Belief, type Doubt, needsWitness, type Witness, weigh } from '../../engine/machine/doubt.ts';

/** What comes of each answer, one a second. */
function course(answers: readonly (readonly [said: string, witness: Witness])[], stepMs = 1_000): Belief[] {
  let doubt: Doubt | undefined;
  return answers.map(([said, witness], at) => {
    if (!needsWitness(doubt, said)) return 'believe';
    const [next, belief] = weigh(doubt, said, witness, at * stepMs);
    doubt = next;
    return belief;
  });
}

describe('an answer that would cost something', () => {
  it('is believed the second time, when something true was heard between', () => {
    expect(
      course([
        ['gone', 'right'],
        ['gone', 'right'],
      ]),
    ).toEqual(['ask-again', 'believe']);
  });

  it('is not believed while nothing true is heard', () => {
    const lies = Array.from({ length: 60 }, () => ['gone', 'wrong'] as const);
    expect(new Set(course(lies))).toEqual(new Set(['wait']));
  });

  it('counts from the first one after the lies', () => {
    expect(
      course([
        ['gone', 'wrong'],
        ['gone', 'right'],
        ['gone', 'right'],
      ]),
    ).toEqual(['wait', 'ask-again', 'believe']);
  });

  it('is waited for where each time another is given', () => {
    expect(
      course([
        ['a', 'right'],
        ['b', 'right'],
        ['a', 'right'],
        ['a', 'right'],
      ]),
    ).toEqual(['ask-again', 'wait', 'wait', 'believe']);
  });

  it('is believed the second time where a doubt before has waited in vain for something true', () => {
    expect(
      course([
        ['gone', 'gone'],
        ['gone', 'gone'],
      ]),
    ).toEqual(['ask-again', 'believe']);
  });

  it('is believed at once where nothing is known to be true', () => {
    expect(course([['gone', 'none']])).toEqual(['believe']);
  });

  it('is never believed the first time, and never doubted for ever', () => {
    const answer = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom<Witness>('right', 'wrong', 'gone'));
    fc.assert(
      fc.property(fc.array(answer, { minLength: 8, maxLength: 8 }), (answers) => {
        const beliefs = course(answers, limits.doubtMsMax / 4);
        expect(beliefs[0]).not.toBe('believe');
        expect(beliefs).toContain('believe');
        for (const [at, belief] of beliefs.slice(0, 4).entries()) {
          if (belief !== 'believe') continue;
          // The same was said just before, and then the store showed something true, or had nothing left to show.
          const [said, witness] = answers[at - 1]!;
          expect(said).toBe(answers[at]![0]);
          expect(witness).not.toBe('wrong');
          break;
        }
      }),
    );
  });
});
