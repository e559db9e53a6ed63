/**
 * The one session that a backend holds with its program. It is opened when it is first needed, shared by calls that
 * come at the same time, and opened anew by the next call after it broke. A caller that gives up stops waiting at once.
 */
import type { CancelSignal } from '../../base/clock.ts';
import { Failure } from '../../base/failure.ts';
import { stopIfAborted } from '../call-signal.ts';
import { unlessAborted } from './give-up.ts';

export interface Session {
  /** False once it broke or was closed. */
  readonly isOpen: boolean;
  close(): Promise<void>;
}

export class KeptSession<S extends Session> {
  readonly #open: () => Promise<S>;
  #opening: Promise<S> | undefined;
  #session: S | undefined;
  #isClosed = false;

  constructor(open: () => Promise<S>) {
    this.#open = open;
  }

  async get(signal?: CancelSignal): Promise<S> {
    stopIfAborted(signal);
    if (this.#isClosed) throw new Failure('cancelled');
    if (this.#session?.isOpen) return this.#session;
    this.#opening ??= this.#openOne().finally(() => {
      this.#opening = undefined;
    });
    return await unlessAborted(this.#opening, signal);
  }

  /** Resolves when its program is gone. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => undefined);
    await this.#session?.close();
  }

  async #openOne(): Promise<S> {
    // The broken one's program is gone before another is started.
    await this.#session?.close();
    this.#session = await this.#open();
    return this.#session;
  }
}
