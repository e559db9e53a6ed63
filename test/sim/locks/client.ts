/** What our clients and restic's have in common: a process that sleeps and dies, requests that take time, a duty. */
import type { LaggingStore } from './lagging-store.ts';
import type { Dice, VirtualTime } from './virtual-time.ts';

export interface Scene {
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly store: LaggingStore;
  readonly clients: Client[];
  /** The lag that our clients reckon with at least. */
  readonly floorMs: number;
  readonly boundMs: number;
  readonly isFaulty: boolean;
  readonly violations: string[];
}

export abstract class Client {
  readonly number: number;
  readonly isOurs: boolean;
  protected readonly scene: Scene;
  /** It works now, as far as it knows. */
  protected holds: { readonly exclusive: boolean } | undefined;
  protected isFrozen = false;
  /** Somebody removed its locks, or a listing deceived it as none may deceive one of ours: it answers for nothing. */
  isExcused = false;
  #sleepsUntilMs = 0;
  #life = 0;

  constructor(scene: Scene, number: number, isOurs: boolean) {
    this.scene = scene;
    this.number = number;
    this.isOurs = isOurs;
  }

  abstract begin(sessions: number): void;
  protected abstract onWake(): void;
  protected abstract onDeath(): void;

  get works(): { readonly exclusive: boolean } | undefined {
    return this.isFrozen || this.isAsleep ? undefined : this.holds;
  }

  get isAsleep(): boolean {
    return this.scene.time.nowMs < this.#sleepsUntilMs;
  }

  sleep(ms: number): void {
    this.#sleepsUntilMs = this.scene.time.nowMs + ms;
    this.scene.time.at(this.#sleepsUntilMs, () => {
      this.onWake();
      this.judge();
    });
  }

  die(): void {
    this.#life++;
    this.holds = undefined;
    this.isFrozen = false;
    this.onDeath();
  }

  /** Runs it after so long, or when the process is awake again; never when it has died meanwhile. */
  protected after(ms: number, run: () => void): void {
    const life = this.#life;
    const arrive = (): void => {
      if (life !== this.#life) return;
      if (this.isAsleep) this.scene.time.at(this.#sleepsUntilMs, arrive);
      else run();
    };
    this.scene.time.at(this.scene.time.nowMs + ms, arrive);
  }

  /** The request has its effect at some time before its answer is there, even when the process dies or sleeps. */
  protected request<Answer>(effect: () => Answer, answered: (answer: Answer) => void): void {
    const { dice, time } = this.scene;
    const [outMs, backMs] = [dice.between(2, 100), dice.between(2, 100)];
    let answer: Answer | undefined;
    time.at(time.nowMs + outMs, () => {
      answer = effect();
    });
    this.after(outMs + backMs, () => answered(answer as Answer));
  }

  /** X1: whoever works alone is alone. */
  judge(): void {
    const mine = this.works;
    if (mine === undefined || this.isExcused) return;
    for (const other of this.scene.clients) {
      const theirs = other === this || other.isExcused ? undefined : other.works;
      if (theirs === undefined || !(mine.exclusive || theirs.exclusive) || !(this.isOurs || other.isOurs))
        continue;
      this.scene.violations.push(`X1: ${this.number} and ${other.number} at ${this.scene.time.nowMs}`);
    }
  }

  /** X2: whoever lists sees everybody of ours who works. */
  protected list(): ReturnType<LaggingStore['list']> {
    const { store, time, clients, violations } = this.scene;
    const listed = store.list(this.number, time.nowMs);
    for (const other of clients) {
      const isHidden = other !== this && other.isOurs && other.works !== undefined && !other.isExcused;
      if (isHidden && !listed.some(({ owner }) => owner === other.number))
        violations.push(`X2: ${this.number} does not see ${other.number} at ${time.nowMs}`);
    }
    return listed;
  }
}
