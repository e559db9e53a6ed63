/** Asking the app from a view: one question at a time, its failure kept until the next one. */
import { useEffect, useRef, useState } from 'react';
import type { PlainFailure } from '../../engine/protocol/app-state.ts';
import { failureOf } from '../text/failure-key.ts';

export interface Asking {
  readonly isBusy: boolean;
  readonly failure: PlainFailure | undefined;
  /** Runs `ask`, which makes its calls; true when it came to its end. */
  run(ask: () => Promise<unknown>): Promise<boolean>;
}

export function useAsk(): Asking {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<PlainFailure>();
  const run = async (ask: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setFailure(undefined);
    try {
      await ask();
      return true;
    } catch (error) {
      setFailure(failureOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, failure, run };
}

export type Answered<Answer> =
  | { readonly at: 'asking' }
  | { readonly at: 'answered'; readonly answer: Answer }
  | { readonly at: 'failed'; readonly failure: PlainFailure };

/** The answer to what `key` names: asked anew when it changes, and an answer that comes too late is dropped. */
export function useAnswer<Answer>(
  key: string,
  ask: () => Promise<Answer>,
): { readonly answered: Answered<Answer>; again(): void } {
  const [tries, setTries] = useState(0);
  const [settled, setSettled] = useState<{ readonly of: string; readonly answered: Answered<Answer> }>();
  const asked = useRef(ask);
  asked.current = ask;
  const of = `${tries} ${key}`;
  useEffect(() => {
    let isWanted = true;
    const settle = (answered: Answered<Answer>): void => {
      if (isWanted) setSettled({ of, answered });
    };
    asked.current().then(
      (answer) => settle({ at: 'answered', answer }),
      (error) => settle({ at: 'failed', failure: failureOf(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [of]);
  return {
    answered: settled?.of === of ? settled.answered : { at: 'asking' },
    again: () => setTries(tries + 1),
  };
}
