/**
 * Decides where in a run the next random kill strikes, and when there were enough. A kill counts where the run still
 * went on; how long runs are is learnt from those that ended before their kill. No I/O: chance is a value.
 */
import { median } from '../../bench/table.ts';

export type Drawn =
  | { readonly met: true }
  /** It had ended before, after so long. */
  | { readonly met: false; readonly ranMs: number };

export type Next =
  | { readonly do: 'kill'; readonly afterMs: number }
  | { readonly do: 'end'; readonly isEnough: boolean };

/** So many times as many kills as are asked for, and no more: where most of them miss, something else is wrong. */
export const drawsPerAsked = 3;

/** A machine that gets slower or faster is followed after this many runs. */
const lengthsKept = 5;

/**
 * Only a run that is shorter than the draw tells its length, so what is learnt could only ever shrink, and the end of a
 * run, its commit, would be struck no more. Each kill in a row that met a run therefore draws from so much more: about
 * every ninth misses, and says how long runs are now.
 */
const growth = 1.02;

/** `wholeMs` is how long a run takes that nobody kills; `share`, in [0, 1), is where in a run the kill strikes. */
export function nextMoment(asked: number, wholeMs: number, drawn: readonly Drawn[], share: number): Next {
  const missed = drawn.filter((each) => !each.met);
  if (drawn.length - missed.length >= asked) return { do: 'end', isEnough: true };
  if (drawn.length >= asked * drawsPerAsked) return { do: 'end', isEnough: false };
  const lengths = [wholeMs, ...missed.map(({ ranMs }) => ranMs)].slice(-lengthsKept);
  const metInRow = drawn.length - 1 - drawn.findLastIndex(({ met }) => !met);
  return { do: 'kill', afterMs: share * median(lengths) * growth ** metInRow };
}
