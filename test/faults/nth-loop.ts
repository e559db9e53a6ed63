/**
 * For n = 1, 2, 3 ...: fails the nth request of a whole backup, once or from then on for a while, until a run passes
 * untouched. For every kind of fault.
 */
import type { NthBackups, NthRun } from './nth-backup.ts';
import type { Fault } from './proxy/fault.ts';
import { any, fromThen, nth, type Plan } from './proxy/plan.ts';

export const everyFault: Readonly<Record<string, Fault>> = {
  reset: { do: 'reset' },
  'reset in the body': { do: 'reset', bodyBytes: 1_000 },
  'lost answer': { do: 'lose-answer' },
  'black hole': { do: 'black-hole' },
  'black hole after it was done': { do: 'black-hole', isCarriedOut: true },
  'answer cut': { do: 'cut-answer', bytes: 10 },
  'answer too short': { do: 'shorten-answer', bytes: 1 },
  'answer too long': { do: 'lengthen-answer', bytes: 10 },
  'wrong bytes down': { do: 'change-answer', at: 20 },
  'wrong bytes up': { do: 'change-upload', at: 20 },
  'status 401': { do: 'answer', status: 401 },
  'status 403': { do: 'answer', status: 403 },
  'status 404': { do: 'answer', status: 404 },
  'status 429': { do: 'answer', status: 429, retryAfter: '3' },
  'status 500': { do: 'answer', status: 500 },
  'status 503': { do: 'answer', status: 503 },
  'status 503, and when': { do: 'answer', status: 503, retryAfter: '2' },
  'status 507': { do: 'answer', status: 507 },
  portal: { do: 'portal' },
  redirect: { do: 'redirect' },
  // On a clock that goes fast: for the engine, ten seconds, and some 50 bytes a second.
  delay: { do: 'delay', ms: 500 },
  'trickle up': { do: 'trickle', bytesPerSecond: 1_000, way: 'up' },
  'trickle down': { do: 'trickle', bytesPerSecond: 1_000, way: 'down' },
};

export type Stretch = 'once' | 'for a while';

/** On a clock that goes fast: half a minute for the engine. */
const whileMs = 1_500;
const requestsMax = 80;
const triesMax = 3;

export interface NthResult extends NthRun {
  readonly fault: string;
  readonly stretch: Stretch;
  readonly n: number;
}

/** Each result is told as it comes; ends after the first n at which nothing is struck any more. */
export async function nthLoop(
  backups: NthBackups,
  fault: string,
  stretch: Stretch,
  tell: (result: NthResult) => void,
): Promise<void> {
  const step = async (n: number): Promise<boolean> => {
    // On a machine under load the fast clock may end a run before its fault comes: then it is made again.
    for (let tries = 0; tries < triesMax; tries++) {
      const run = await backups.run(planOf(everyFault[fault]!, stretch, n));
      if (run.isStruck) tell({ ...run, fault, stretch, n });
      if (run.isStruck) return true;
      if (run.outcome.at === 'well') return false;
    }
    throw new Error(`a backup without a fault does not end well: ${fault}, ${stretch}, ${n}`);
  };
  let isOver = false;
  let next = 1;
  const walk = async (): Promise<void> => {
    while (!isOver && next <= requestsMax) if (!(await step(next++))) isOver = true;
  };
  await Promise.all(Array.from({ length: 4 }, walk));
  if (!isOver) throw new Error(`a small backup makes more than ${requestsMax} requests`);
}

function planOf(fault: Fault, stretch: Stretch, n: number): Plan {
  return stretch === 'once' ? nth(any, n, fault) : fromThen(any, n, whileMs, fault);
}
