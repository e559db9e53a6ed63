/**
 * Shows progress as long as a run goes on: a status message of JSON, lines drawn in place on a terminal, or on one that
 * cannot draw a line now and then. Where stderr is no terminal, people's progress is not printed.
 */
import type { Clock } from '../base/clock.ts';
import { type Rate, startRate, withSample } from '../machine/rate.ts';
import type { Moment } from './backup-frame.ts';
import type { Output } from './output.ts';
import type { Environment } from './parse-options.ts';

export interface ProgressView<Progress> {
  /** Bytes that the rate is made of. */
  bytes(progress: Progress): number;
  frame(progress: Progress, moment: Moment): string[];
  line(progress: Progress, moment: Moment): string;
  /** Undefined where restic tells programs no progress. */
  readonly json: ((progress: Progress, moment: Moment) => unknown) | undefined;
}

const framesPerSecondDefault = 10;
const framesPerSecondMax = 60;
const calmLineMs = 15_000;

export function framesPerSecond(environment: Environment): number {
  const { SLACKWATER_PROGRESS_FPS: own, RESTIC_PROGRESS_FPS: restic } = environment;
  const wanted = Number(own || restic || framesPerSecondDefault);
  return wanted > 0 ? Math.min(wanted, framesPerSecondMax) : framesPerSecondDefault;
}

export class ProgressDisplay<Progress> {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #view: ProgressView<Progress>;
  readonly #environment: Environment;
  readonly #ended = new AbortController();
  readonly #startMs: number;
  #loop: Promise<void> = Promise.resolve();
  #rate: Rate;
  #latest: Progress | undefined;
  #calmLineAtMs: number;

  constructor(output: Output, clock: Clock, view: ProgressView<Progress>, environment: Environment) {
    this.#output = output;
    this.#clock = clock;
    this.#view = view;
    this.#environment = environment;
    this.#startMs = clock.elapsedMs();
    this.#rate = startRate(this.#startMs);
    this.#calmLineAtMs = this.#startMs + calmLineMs;
  }

  /** Begins to draw what `tell` tells, until `end`. */
  start(): void {
    if (this.#output.verbosity === 0) return;
    const everyMs = 1000 / framesPerSecond(this.#environment);
    this.#loop = this.#draw(everyMs);
  }

  tell(progress: Progress): void {
    this.#latest = progress;
  }

  /** Takes the lines away. Call it before the summary is printed, and in every case. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#loop;
    if (this.#canDraw) this.#output.showLive([]);
  }

  async #draw(everyMs: number): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#clock.sleep(everyMs, this.#ended.signal);
      if (this.#latest === undefined || this.#ended.signal.aborted) continue;
      this.#drawOnce(this.#latest);
    }
  }

  get #canDraw(): boolean {
    const { json, columns } = this.#output;
    return !json && columns !== undefined && this.#environment.TERM !== 'dumb';
  }

  #drawOnce(progress: Progress): void {
    const nowMs = this.#clock.elapsedMs();
    this.#rate = withSample(this.#rate, nowMs, this.#view.bytes(progress));
    const { columns = 0 } = this.#output;
    const moment = { rate: this.#rate, elapsedMs: nowMs - this.#startMs, columns };
    if (this.#output.json) this.#sayJson(progress, moment);
    else if (this.#canDraw) this.#output.showLive(this.#view.frame(progress, moment));
    else if (this.#output.columns !== undefined && nowMs >= this.#calmLineAtMs) {
      this.#calmLineAtMs = nowMs + calmLineMs;
      this.#output.note(this.#view.line(progress, moment));
    }
  }

  #sayJson(progress: Progress, moment: Moment): void {
    if (this.#view.json !== undefined) this.#output.sayJson(this.#view.json(progress, moment));
  }
}
