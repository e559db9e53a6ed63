/**
 * Ends requests on which nothing moves any more, so that a dead connection costs seconds and not minutes. How long
 * silence may last follows from what was measured: see `machine/watchdog.ts`.
 */
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { StoreOperation } from '../machine/store-facts.ts';
import {
  afterHold,
  afterStop,
  patienceLeftMs,
  startWatch,
  type Watched,
  withProgress,
} from '../machine/watchdog.ts';
import { type CallSignal, type Direction, LinkedSignal } from './call-signal.ts';
import type { StoreLine } from './store-line.ts';
import type { Around } from './wrapped-backend.ts';

/** Who is watched: where it is, and how to drop the connections that may be as dead as the one that was silent. */
export interface WatchedBackend {
  readonly location: string;
  readonly dropIdle?: (() => void) | undefined;
}

export function withWatchdog(line: StoreLine, clock: Clock, { location, dropIdle }: WatchedBackend): Around {
  /** By kind: how many were ended since the last that went well. */
  const silences: Partial<Record<StoreOperation, number>> = {};
  return async ({ kind }, call, signal) => {
    const watch = new Watch(kind, line, clock, signal);
    try {
      const result = await Promise.race([
        call(watch.signal),
        watch.untilSilent((watched, nowMs) => {
          const leftMs = patienceLeftMs(watched, nowMs, line.facts, silences[kind] ?? 0);
          // Who waits only so long waits no longer for a request that is silent.
          const { patience } = line;
          return patience.kind === 'run'
            ? leftMs
            : Math.min(leftMs, watched.movedMs + patience.elapsedMsMax - nowMs);
        }),
      ]);
      silences[kind] = 0;
      return result;
    } catch (error) {
      // Whether our end or the silence that it follows from comes first: it is the silence that counts.
      if (!watch.isSilent) throw error;
      silences[kind] = (silences[kind] ?? 0) + 1;
      dropIdle?.();
      const why = 'nothing moved on the connection, or hardly anything';
      throw new Failure('store-unreachable', { location, errno: 'SILENT', why }, { next: 'now' });
    } finally {
      watch.end();
    }
  };
}

class Watch {
  readonly signal: LinkedSignal;
  isSilent = false;
  readonly #line: StoreLine;
  readonly #clock: Clock;
  readonly #caller: CallSignal | undefined;
  readonly #ended = new AbortController();
  #watched: Watched;
  /** Times that the caller asked to wait, and has not let go yet: that silence is ours. */
  #holds = 0;

  constructor(kind: StoreOperation, line: StoreLine, clock: Clock, caller: CallSignal | undefined) {
    this.#line = line;
    this.#clock = clock;
    this.#caller = caller;
    this.#watched = startWatch(kind, clock.elapsedMs());
    this.signal = new LinkedSignal(caller, (bytes, direction) => this.#moved(bytes, direction));
  }

  /** Ends the request and rejects when it has been silent for too long; otherwise it goes on for ever. */
  async untilSilent(leftMs: (watched: Watched, nowMs: number) => number): Promise<never> {
    for (;;) {
      const ms = leftMs(this.#watched, this.#clock.elapsedMs());
      if (ms <= 0 && this.#holds === 0) break;
      // Not for all of it at once: meanwhile somebody may have lost patience.
      const stepMs = Math.min(Math.max(ms, limits.watchStepMsMin), limits.watchStepMsMax);
      const dueMs = this.#clock.elapsedMs() + stepMs;
      await this.#clock.sleep(stepMs, this.#ended.signal);
      if (this.#ended.signal.aborted) await new Promise<never>(() => {});
      const lateMs = this.#clock.elapsedMs() - dueMs;
      if (lateMs >= limits.stoppedMsMin) this.#wasStopped(lateMs);
    }
    this.isSilent = true;
    this.signal.abort();
    throw new Failure('cancelled');
  }

  #wasStopped(stoppedMs: number): void {
    this.#line.stoppedUntilMs = this.#clock.elapsedMs();
    this.#watched = afterStop(this.#watched, stoppedMs);
  }

  end(): void {
    this.#ended.abort();
    this.signal.release();
  }

  #moved(bytes: number, direction: Direction): Promise<void> | undefined {
    this.#watched = withProgress(this.#watched, this.#clock.elapsedMs(), bytes, direction);
    const hold = this.#caller?.onProgress?.(bytes, direction);
    if (hold === undefined) return undefined;
    this.#holds++;
    return hold.finally(() => {
      this.#holds--;
      this.#watched = afterHold(this.#watched, this.#clock.elapsedMs());
    });
  }
}
