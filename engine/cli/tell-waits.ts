/**
 * The way to the store as a command wants it: how long it waits for one that cannot be reached, and one line for the
 * person each time that it does. A run waits as long as it takes; who only asks something is told soon that it does not
 * go. Once the person wants an end, nothing waits for long any more.
 */
import { StoreLine, type Wait } from '../backend/store-line.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Context } from './command.ts';
import { showDuration } from './display.ts';
import type { Output } from './output.ts';
import { whyWaiting } from './sentences.ts';

export type CommandPatience = 'run' | 'ask';

export function lineForCommand(
  { output, world, signal }: Pick<Context, 'output' | 'world' | 'signal'>,
  kind: CommandPatience,
): StoreLine {
  const line = new StoreLine();
  line.patience = kind === 'run' ? { kind } : { kind, elapsedMsMax: limits.questionMsMax };
  const teller = new WaitTeller(output, world.clock);
  line.onChange = () => teller.look(line.waits);
  const stop = (): void => {
    line.patience = { kind: 'ask', elapsedMsMax: limits.stoppingMsMax };
    line.tryNow();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return line;
}

/** Many requests may wait at a time, for the same reason: that is one line. */
export class WaitTeller {
  readonly #output: Pick<Output, 'note'>;
  readonly #clock: Pick<Clock, 'elapsedMs'>;
  /** The next line may come when the wait that was told is over. */
  #toldUntilMs = 0;
  #why: string | undefined;

  constructor(output: Pick<Output, 'note'>, clock: Pick<Clock, 'elapsedMs'>) {
    this.#output = output;
    this.#clock = clock;
  }

  look(waits: readonly Wait[]): void {
    const nowMs = this.#clock.elapsedMs();
    // The first tries are nobody's concern, and so is a moment.
    const worth = waits.filter(
      ({ untilMs, failures }) => failures > 1 || untilMs - nowMs >= limits.waitToldMsMin,
    );
    const first = worth.reduce<Wait | undefined>((a, b) => (a && a.untilMs <= b.untilMs ? a : b), undefined);
    if (first === undefined) {
      if (waits.length === 0) this.#over(nowMs);
      return;
    }
    const why = whyWaiting(first.failure);
    if (nowMs < this.#toldUntilMs && why === this.#why) return;
    this.#why = why;
    this.#toldUntilMs = Math.max(first.untilMs, nowMs + limits.waitToldMsMin);
    this.#output.note(`waiting: ${why}, trying again in ${inWholeSeconds(first.untilMs - nowMs)}`);
  }

  /** Nobody waits: either all went well, or what waited is tried now, which the next look will tell. */
  #over(nowMs: number): void {
    if (nowMs >= this.#toldUntilMs) this.#why = undefined;
  }
}

function inWholeSeconds(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 60 ? `${seconds} s` : showDuration(seconds * 1000);
}
