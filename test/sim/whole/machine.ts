/** A simulated machine: one process of ours after the other, crashes at any step, power cuts, sleep, and a person. */
import type { Scene } from './scene.ts';
import { SimApp } from './sim-app.ts';
import { SimProcess } from './sim-process.ts';

const minuteMs = 60_000;
const napsMs = [5_000, 2 * minuteMs, 25 * minuteMs, 40 * minuteMs, 180 * minuteMs];

export class Machine {
  readonly #scene: Scene;
  #pid = 100;
  #process: SimProcess | undefined;
  #app: SimApp | undefined;
  readonly #dead: SimApp[] = [];
  #crashesLeft: number;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#crashesLeft = scene.chaos.crashes;
  }

  get isDone(): boolean {
    return this.#app?.isDone === true;
  }

  get committedMs(): number | undefined {
    return this.#app?.committedMs;
  }

  start(): void {
    const { chaos, dice, time } = this.#scene;
    this.#boot();
    for (let i = 0; i < chaos.sleeps; i++)
      time.at(dice.between(0, chaos.chaosMs), () => this.#nap(dice.pick(napsMs)));
    const pokes = Math.floor(dice.between(0, 4));
    for (let i = 0; i < pokes; i++) {
      const what = dice.pick(['cancel', 'finish-now', 'moved'] as const);
      time.at(dice.between(0, chaos.chaosMs), () => this.#app?.poke(what));
    }
    time.at(chaos.chaosMs, () => this.#app?.hearCalm());
    for (const { fromMs, untilMs, isTold } of chaos.outages) {
      if (!isTold) continue;
      time.at(fromMs, () => this.#app?.hearRoute(false));
      time.at(untilMs, () => this.#app?.hearRoute(true));
    }
  }

  /** Nothing of it acts any more, and nothing of it is kept. */
  bury(): void {
    if (this.#process !== undefined) this.#process.isDead = true;
    for (const app of this.#dead) app.bury();
    this.#app?.bury();
  }

  /** Later, a process that backs up once. Whether that ended well. */
  async bootOnce(): Promise<boolean> {
    if (this.#process !== undefined) this.#process.isDead = true;
    return await this.#makeApp(this.#makeProcess()).act('backup');
  }

  #makeProcess(): SimProcess {
    const process = new SimProcess(this.#pid++, this.#scene.time);
    this.#process = process;
    this.#scene.note(`process ${process.pid} starts`);
    return process;
  }

  #makeApp(process: SimProcess): SimApp {
    if (this.#app !== undefined) this.#dead.push(this.#app);
    this.#app = new SimApp(this.#scene, process);
    return this.#app;
  }

  #boot(): void {
    const { dice, counts, watch } = this.#scene;
    const process = this.#makeProcess();
    if (this.#crashesLeft > 0 && !this.#scene.isCalm)
      process.stepsLeft = Math.floor(dice.between(1, dice.pick([60, 250, 600])));
    process.onDeath = (step) => void this.#died(step);
    const app = this.#makeApp(process);
    counts.add('processes');
    app
      .live()
      .catch((error: unknown) => watch.fail(error instanceof Error ? String(error.stack) : String(error)));
  }

  async #died(step: string): Promise<void> {
    const { dice, counts, disk, time } = this.#scene;
    this.#crashesLeft--;
    const isPowerLost = dice.isLucky(0.5);
    counts.add(isPowerLost ? 'power cut' : 'process killed');
    counts.add(`death ${step}`);
    this.#scene.note(`dies ${step}${isPowerLost ? ', power cut' : ''}`);
    const lost = await disk.die(isPowerLost);
    counts.add('words lost or packs torn', lost);
    // Somebody starts it at the latest when all is calm.
    const bootMs = Math.min(
      time.nowMs + dice.pick([1_000, 2 * minuteMs, 40 * minuteMs]),
      this.#scene.chaos.chaosMs,
    );
    time.at(bootMs, () => this.#boot());
  }

  #nap(ms: number): void {
    const { counts, chaos, time } = this.#scene;
    const leftMs = chaos.chaosMs - time.nowMs;
    if (this.#process === undefined || this.#process.isDead || leftMs < 1_000) return;
    counts.add('naps');
    this.#scene.note(`sleeps ${ms} ms`);
    this.#process.nap(Math.min(ms, leftMs));
  }
}
