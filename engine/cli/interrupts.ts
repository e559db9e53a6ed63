/**
 * Being told to stop. The first time, the run ends in order: it finishes what is under way and removes its lock. The
 * second time it stops waiting. SIGHUP means it only when our terminal is gone: restic's `unlock` sends it to the process
 * named in a lock, to see whether it lives.
 */
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';

/** Why a run was stopped whose answers nobody reads any more. It ends without a word, and that is no failure. */
export const nobodyReads = new Failure('cancelled', { why: 'nobody reads stdout any more' });

export interface Interrupts {
  readonly signal: AbortSignal;
  readonly hurry: AbortSignal;
  /** Someone wants us to stop: a signal, or Ctrl-C typed where the terminal does not make one of it. */
  interrupt(): void;
  /** The reader of stdout went away. */
  stopAnswering(): void;
}

/**
 * One Ctrl-C may arrive twice: from the terminal, and from a program that started us and passes it on. So what comes
 * soon after the first is the first.
 */
const sameMsMax = 500;

export function makeInterrupts(tell: (line: string) => void, clock: Pick<Clock, 'elapsedMs'>): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  let firstMs = 0;
  const interrupt = (): void => {
    if (!first.signal.aborted) {
      firstMs = clock.elapsedMs();
      tell('Stopping: finishing what is under way. Press Ctrl-C again to stop waiting for it.');
      first.abort(new Failure('cancelled'));
    } else if (!second.signal.aborted && clock.elapsedMs() - firstMs >= sameMsMax) {
      tell('Stopping now.');
      second.abort(new Failure('cancelled'));
    }
  };
  const stopAnswering = (): void => first.abort(nobodyReads);
  return { signal: first.signal, hurry: second.signal, interrupt, stopAnswering };
}

/** What is needed of `process`. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
}

export function listenToSignals(
  source: SignalSource,
  interrupts: Interrupts,
  isTerminalGone: () => boolean = () => false,
): void {
  source.on('SIGINT', interrupts.interrupt);
  source.on('SIGTERM', interrupts.interrupt);
  source.on('SIGHUP', () => {
    if (isTerminalGone()) interrupts.interrupt();
  });
}
