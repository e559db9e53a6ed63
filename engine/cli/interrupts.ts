/**
 * Being told to stop. The first time, the run ends in order: it finishes what is under way and removes its lock. The
 * second time it stops waiting. SIGHUP means nothing to us: restic's `unlock` sends it to the process named in a lock,
 * to see whether it lives.
 */

export interface Interrupts {
  readonly signal: AbortSignal;
  readonly hurry: AbortSignal;
  /** Someone wants us to stop: a signal, or Ctrl-C typed where the terminal does not make one of it. */
  interrupt(): void;
}

export function makeInterrupts(tell: (line: string) => void): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  const interrupt = (): void => {
    if (!first.signal.aborted) {
      tell('Stopping: finishing what is under way. Press Ctrl-C again to stop waiting for it.');
      first.abort();
    } else if (!second.signal.aborted) {
      tell('Stopping now.');
      second.abort();
    }
  };
  return { signal: first.signal, hurry: second.signal, interrupt };
}

/** What is needed of `process`. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
}

export function listenToSignals(source: SignalSource, interrupts: Interrupts): void {
  source.on('SIGINT', interrupts.interrupt);
  source.on('SIGTERM', interrupts.interrupt);
  source.on('SIGHUP', () => undefined);
}
