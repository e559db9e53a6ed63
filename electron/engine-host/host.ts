/**
 * Owns the one engine process: starts it, starts it again when it crashed, and ends it in order. Every call settles,
 * whatever becomes of the process. The decisions are in `lifecycle.ts`; this is their hand.
 */
import type { EngineState } from '../../engine/protocol/app-state.ts';
import type { Asks } from '../../engine/protocol/calls.ts';
import { type EngineCalls, type EngineNews, engineCalls } from '../../engine/protocol/engine-calls.ts';
import { ask, CallRefused, gone } from '../../engine/protocol/link.ts';
import type { EngineProcess } from './engine-process.ts';
import {
  type Lifecycle,
  type LifecycleEffect,
  type LifecycleEvent,
  type LifecycleLimits,
  lifecycleLimits,
  step,
} from './lifecycle.ts';

export type { EngineProcess } from './engine-process.ts';

export interface HostClock {
  nowMs(): number;
  /** Runs it after the time; what is given back cancels it. */
  after(ms: number, run: () => void): () => void;
}

export interface EngineHost {
  /** Refused at once, as `unavailable`, while the engine is not ready. */
  readonly calls: Asks<EngineCalls>;
  state(): EngineState;
  onState(listener: (state: EngineState) => void): void;
  onNews(listener: (news: EngineNews) => void): void;
  /** Also after it gave up. */
  start(): void;
  /** Ends every run and the process, within a limit; nothing starts after it. Whoever asks again joins in. */
  drain(): Promise<void>;
}

export interface HostParts {
  spawn(): EngineProcess;
  readonly clock: HostClock;
  readonly limits?: Partial<LifecycleLimits>;
}

export function createEngineHost(parts: HostParts): EngineHost {
  return new Host(parts);
}

interface Running {
  readonly process: EngineProcess;
  readonly calls: Asks<EngineCalls>;
}

class Host implements EngineHost {
  readonly calls: Asks<EngineCalls>;
  readonly #parts: HostParts;
  readonly #limits: LifecycleLimits;
  readonly #stateListeners: ((state: EngineState) => void)[] = [];
  readonly #newsListeners: ((news: EngineNews) => void)[] = [];
  readonly #over = Promise.withResolvers<void>();
  #state: Lifecycle = { at: 'idle' };
  #running: Running | undefined;
  #cancelTimer: () => void = () => {};

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.#limits = { ...lifecycleLimits, ...parts.limits };
    const names = Object.keys(engineCalls) as (keyof EngineCalls)[];
    const entries = names.map((name) => [name, (argument: never) => this.#call(name, argument)]);
    this.calls = Object.fromEntries(entries) as Asks<EngineCalls>;
  }

  state(): EngineState {
    return view(this.#state);
  }

  onState(listener: (state: EngineState) => void): void {
    this.#stateListeners.push(listener);
  }

  onNews(listener: (news: EngineNews) => void): void {
    this.#newsListeners.push(listener);
  }

  start(): void {
    this.#take({ type: 'start' });
  }

  async drain(): Promise<void> {
    this.#take({ type: 'drain' });
    await this.#over.promise;
  }

  async #call(name: keyof EngineCalls, argument: never): Promise<unknown> {
    if (this.#state.at !== 'ready' || this.#running === undefined) throw new CallRefused(gone);
    return await this.#running.calls[name](argument);
  }

  #take(event: LifecycleEvent): void {
    const before = this.#state;
    const [state, ...effects] = step(before, event, this.#parts.clock.nowMs(), this.#limits);
    this.#state = state;
    if (state !== before) this.#cancelTimer();
    for (const effect of effects) this.#perform(effect);
    if (state !== before) for (const listener of this.#stateListeners) listener(view(state));
  }

  #perform(effect: LifecycleEffect): void {
    switch (effect.do) {
      case 'spawn':
        this.#spawn();
        break;
      case 'wait':
        this.#takeAfter(effect.ms, { type: 'waited' });
        break;
      case 'ask-drain':
        this.#takeAfter(this.#limits.drainMsMax, { type: 'drain-timed-out' });
        // An engine that is gone before it answers is told by its exit.
        this.#running?.calls.drain(undefined).then(
          () => this.#take({ type: 'drained' }),
          () => undefined,
        );
        break;
      case 'kill':
        this.#running?.process.kill();
        break;
      case 'finish':
        this.#over.resolve();
        break;
    }
  }

  #spawn(): void {
    const process = this.#parts.spawn();
    const isCurrent = (): boolean => this.#running?.process === process;
    const tell = (news: unknown): void => {
      for (const listener of this.#newsListeners) listener(news as EngineNews);
    };
    const calls = ask(engineCalls, process.port, tell);
    this.#running = { process, calls };
    this.#takeAfter(this.#limits.startMsMax, { type: 'start-timed-out' });
    process.onExit(() => {
      if (!isCurrent()) return;
      this.#running = undefined;
      this.#take({ type: 'exited' });
    });
    // A call that does nothing: its answer shows that the engine is there.
    calls.cancel({ runId: 'none' }).then(
      () => isCurrent() && this.#take({ type: 'answered' }),
      () => undefined,
    );
  }

  #takeAfter(ms: number, event: LifecycleEvent): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.clock.after(ms, () => this.#take(event));
  }
}

/** What is not started yet will be; what has ended was drained. */
function view(state: Lifecycle): EngineState {
  switch (state.at) {
    case 'idle':
    case 'starting':
      return { at: 'starting' };
    case 'ready':
      return { at: 'ready' };
    case 'draining':
    case 'ended':
      return { at: 'draining' };
    case 'waiting':
      return { at: 'waiting', untilMs: state.untilMs, crashes: state.crashesMs.length };
    case 'gave-up':
      return { at: 'gave-up', crashes: state.crashesMs.length };
  }
}
