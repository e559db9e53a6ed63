/**
 * What goes along with a call to a backend: a way to end it, and a way to hear how it goes on. Wrappers link a
 * signal of their own to the caller's, so that each can end the call and none hides the progress from another.
 */
import type { CancelSignal } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';

export type Direction = 'up' | 'down';

/**
 * Bytes that have moved. A promise in answer means "not so fast": nothing more is sent or taken before it resolves.
 */
export type OnProgress = (bytes: number, direction: Direction) => Promise<void> | undefined;

/** A plain AbortSignal is one as well. */
export interface CallSignal extends CancelSignal {
  readonly onProgress?: OnProgress | undefined;
  /** Asked before a call that failed is made again; where it fails, so does the call. */
  readonly beforeAgain?: (() => Promise<void>) | undefined;
  /** Of a save: the store says that it has all of it. What is left is to see it there; the call may fail still. */
  readonly onTaken?: (() => void) | undefined;
}

export function stopIfAborted(signal: CancelSignal | undefined): void {
  if (signal?.aborted) throw new Failure('cancelled');
}

/** Aborted when the caller's signal is, or by itself. `release` it when the call has ended. */
export class LinkedSignal implements CallSignal {
  readonly onProgress: OnProgress | undefined;
  beforeAgain: (() => Promise<void>) | undefined;
  onTaken: (() => void) | undefined;
  readonly #own = new AbortController();
  readonly #caller: CallSignal | undefined;
  readonly #follow = (): void => this.#own.abort(this.#caller?.reason);

  /** Without an `onProgress` of its own, it passes progress to the caller's. */
  constructor(caller: CallSignal | undefined, onProgress: OnProgress | undefined = onProgressOf(caller)) {
    this.#caller = caller;
    this.onProgress = onProgress;
    this.beforeAgain = caller?.beforeAgain;
    this.onTaken = caller?.onTaken;
    if (caller?.aborted) this.#follow();
    else caller?.addEventListener('abort', this.#follow, { once: true });
  }

  get aborted(): boolean {
    return this.#own.signal.aborted;
  }

  get reason(): unknown {
    return this.#own.signal.reason;
  }

  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void {
    this.#own.signal.addEventListener(type, listener, options);
  }

  removeEventListener(type: 'abort', listener: () => void): void {
    this.#own.signal.removeEventListener(type, listener);
  }

  abort(reason?: unknown): void {
    this.#own.abort(reason);
  }

  release(): void {
    this.#caller?.removeEventListener('abort', this.#follow);
  }
}

function onProgressOf(caller: CallSignal | undefined): OnProgress | undefined {
  return caller?.onProgress === undefined
    ? undefined
    : (bytes, direction) => caller.onProgress?.(bytes, direction);
}
