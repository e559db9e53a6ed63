/**
 * How much is under way at once, and how fast: uploads in a window that follows the line, other requests as many as
 * the store serves well, bytes at the pace that a person allows. Lock files pass always: a lock that comes late is lost.
 */
import type { Clock } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { paced, startPace } from '../machine/bandwidth.ts';
import { startWindow, stepWindow, windowFor } from '../machine/upload-window.ts';
import { type CallSignal, type Direction, LinkedSignal, type OnProgress } from './call-signal.ts';
import { bytesIn } from './http/http-request.ts';
import { Slots } from './slots.ts';
import type { StoreLine } from './store-line.ts';
import type { Around, Call, Operation } from './wrapped-backend.ts';

export function withLimits(line: StoreLine, clock: Clock, connectionsMax: number): Around {
  const requests = new Slots(connectionsMax);
  const uploads = new Uploads(line, clock);
  const pacer = new Pacer(line, clock);
  return async (operation, call, signal) => {
    if (operation.type === 'lock') return await call(signal);
    const slowed = new LinkedSignal(signal, pacer.onProgress(signal));
    try {
      if (operation.kind === 'save') return await uploads.run(operation, call, slowed);
      // What was found to take more uploads answers more questions.
      const found = line.uploadsAtOnce > startWindow.size ? line.uploadsAtOnce : 0;
      requests.resize(Math.max(connectionsMax, found));
      return await requests.run(() => call(slowed), slowed);
    } finally {
      slowed.release();
    }
  };
}

class Uploads {
  readonly #line: StoreLine;
  readonly #clock: Clock;
  readonly #slots = new Slots(startWindow.size);
  #window = startWindow;
  #hasBegun = false;

  constructor(line: StoreLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  /** What the store has taken makes room for the next one: to see it there is a question like others. */
  async run<Result>({ parts = [] }: Operation, call: Call<Result>, signal: LinkedSignal): Promise<Result> {
    if (!this.#hasBegun) this.#use(windowFor(this.#line.facts.roundTrip?.smoothMs));
    this.#hasBegun = true;
    return await this.#slots.run(async (leave) => {
      const startMs = this.#clock.elapsedMs();
      const inFlight = this.#slots.taken;
      const { onTaken } = signal;
      let isTaken = false;
      const taken = (): void => {
        if (isTaken) return;
        isTaken = true;
        this.#sent(bytesIn(parts), this.#clock.elapsedMs() - startMs, inFlight);
        leave();
        onTaken?.();
      };
      signal.onTaken = taken;
      try {
        const result = await call(signal);
        taken();
        return result;
      } catch (error) {
        if (isFailure(error, 'store-unreachable') || isFailure(error, 'store-busy')) this.#trouble();
        throw error;
      }
    }, signal);
  }

  #sent(bytes: number, tookMs: number, inFlight: number): void {
    if (bytes < limits.goodputBytesMin || !(tookMs > 0)) return;
    const bytesPerSecond = (bytes / tookMs) * 1000 * inFlight;
    const wasFull = inFlight >= this.#window.size;
    this.#use(stepWindow(this.#window, { type: 'sent', bytesPerSecond, wasFull }));
  }

  #trouble(): void {
    this.#use(stepWindow(this.#window, { type: 'trouble' }));
  }

  #use(window: typeof startWindow): void {
    this.#window = window;
    this.#slots.resize(window.size);
    this.#line.uploadsAtOnce = window.size;
  }
}

class Pacer {
  readonly #line: StoreLine;
  readonly #clock: Clock;
  readonly #paces = { up: startPace, down: startPace };

  constructor(line: StoreLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  onProgress(signal: CallSignal | undefined): OnProgress {
    return (bytes, direction) => {
      const theirs = signal?.onProgress?.(bytes, direction);
      const ours = this.#hold(bytes, direction, signal);
      return theirs !== undefined && ours !== undefined
        ? Promise.all([theirs, ours]).then(() => {})
        : (theirs ?? ours);
    };
  }

  #hold(bytes: number, direction: Direction, signal: CallSignal | undefined): Promise<void> | undefined {
    const { pace, waitMs } = paced(
      this.#paces[direction],
      bytes,
      this.#clock.elapsedMs(),
      this.#line.bytesPerSecondMax[direction],
    );
    this.#paces[direction] = pace;
    return waitMs > 0 ? this.#clock.sleep(waitMs, signal) : undefined;
  }
}
