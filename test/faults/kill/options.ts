/** The options of `npm run kill`. */
import { parseArgs } from 'node:util';

export interface KillOptions {
  /** Random moments that must meet a run that still goes on. */
  readonly moments: number;
  /** Kill at every nth step of the journal. */
  readonly everyStep: number;
  /** The same seed draws the same shares of a run's length. */
  readonly seed: string;
  readonly help: boolean;
}

export const usage = `npm run kill -- [OPTION...]
  --moments N      kill at random moments until so many have met a run that still went on (200)
  --every-step N   kill at every Nth step of the journal only (1)
  --seed TEXT      of the random moments (1)
`;

export function readOptions(args: readonly string[]): KillOptions {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      moments: text('200'),
      'every-step': text('1'),
      seed: text('1'),
      help: { type: 'boolean', default: false },
    },
  });
  return {
    moments: wholeNumber('moments', values.moments, 0),
    everyStep: wholeNumber('every-step', values['every-step'], 1),
    seed: values.seed,
    help: values.help,
  };
}

/** What is no number would compare as false everywhere, and end well with nothing killed. */
function wholeNumber(name: string, value: string, least: number): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new Error(`--${name} is a whole number from ${least}, not ${value}`);
  return number;
}
