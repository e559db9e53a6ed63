/** One of our clients: the machine itself, with a store that lags and fails in place of the driver's requests. */
import { limits } from '../../../engine/base/limits.ts';
import { startListLag } from '../../../engine/machine/list-lag.ts';
import type { LockEffect, LockEvent, LockStep, Now, RepoLock } from '../../../engine/machine/lock-states.ts';
import { startLock, stepLock } from '../../../engine/machine/repo-lock.ts';
import { Client } from './client.ts';

/** A poll a second would be most of what is simulated. */
const pollMs = 10_000;
const retryMs = 600_000;
/** A listing, and reading what it names. */
const requestMsMax = 400;

export class OurClient extends Client {
  #state: RepoLock = { at: 'ended' };
  #exclusive = false;
  /** The journal. */
  readonly #noted = new Set<string>();
  #sessionsLeft = 0;
  #wakes = 0;
  #beganMs = 0;
  #requestsMs = 0;
  #isDelayed = false;
  #skewMs = 0;
  #sleptMs = 0;
  #fellAsleepMs = 0;

  begin(sessions: number): void {
    const { dice } = this.scene;
    this.#sessionsLeft = sessions;
    this.#skewMs = dice.isLucky(0.3) ? dice.between(-86_400_000, 86_400_000) : 0;
    this.after(dice.between(0, 10_000), () => this.#session());
  }

  override sleep(ms: number): void {
    this.#fellAsleepMs = ms;
    this.#isDelayed = true;
    super.sleep(ms);
  }

  protected onWake(): void {
    // The steady clock of most systems stands still meanwhile.
    if (this.scene.dice.isLucky(0.7)) this.#sleptMs += this.#fellAsleepMs;
    this.#hear({ type: 'tick' });
  }

  protected onDeath(): void {
    this.#state = { at: 'ended' };
    this.#wakes++;
    this.after(this.scene.dice.between(1_000, 120_000), () => this.#session());
  }

  #now(): Now {
    const { nowMs } = this.scene.time;
    return { elapsedMs: nowMs - this.#sleptMs, wallMs: 1_700_000_000_000 + nowMs + this.#skewMs };
  }

  #session(): void {
    const { dice, floorMs, time } = this.scene;
    if (this.#sessionsLeft-- <= 0 && this.#noted.size === 0) return;
    this.#exclusive = dice.isLucky(0.5);
    this.#beganMs = time.nowMs;
    this.#requestsMs = 0;
    this.#isDelayed = false;
    const start = {
      exclusive: this.#exclusive,
      retryMs,
      lag: startListLag(floorMs),
      leftovers: [...this.#noted],
    };
    this.#follow(startLock(start, this.#now()));
  }

  #hear(event: LockEvent): void {
    this.#follow(stepLock(this.#state, event, this.#now(), this.scene.dice.next()));
  }

  #follow([state, ...effects]: LockStep): void {
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LockEffect): void {
    switch (effect.do) {
      case 'look':
        this.#look(new Set(effect.known));
        return;
      case 'write':
        this.#write();
        return;
      case 'check':
        this.#check(effect.id);
        return;
      case 'remove':
        this.#remove(effect.id);
        return;
      case 'wake': {
        const wake = ++this.#wakes;
        const inMs = this.#state.at === 'held' ? pollMs : effect.inMs;
        this.after(inMs, () => {
          if (wake === this.#wakes) this.#hear({ type: 'tick' });
        });
        return;
      }
      case 'hold':
        this.#hold();
        return;
      case 'freeze':
        this.isFrozen = true;
        return;
      case 'thaw':
        this.isFrozen = false;
        this.judge();
        return;
      case 'lose':
        this.holds = undefined;
        return;
      case 'end':
        this.holds = undefined;
        this.isFrozen = false;
        this.after(this.scene.dice.between(0, 20_000), () => this.#session());
        return;
      case 'tell':
        this.#isDelayed = true;
        return;
      case 'learn':
        return;
    }
  }

  #hold(): void {
    const { dice, boundMs, time, violations } = this.scene;
    this.holds = { exclusive: this.#exclusive };
    this.judge();
    // A lag is learned by looking again and again: a quarter and a request too long at most.
    const learnedMs = 1.25 * boundMs + limits.lockLookMsMin + requestMsMax;
    const longestMs = 4 * learnedMs + limits.lockSettleMs + this.#requestsMs;
    const tookMs = time.nowMs - this.#beganMs;
    if (!this.#isDelayed && tookMs > longestMs) violations.push(`X4: ${this.number} took ${tookMs} ms`);
    const holdMs = dice.isLucky(0.6)
      ? dice.between(0, 30_000)
      : dice.between(30_000, dice.pick([300_000, 1_500_000]));
    this.after(holdMs, () => {
      this.holds = undefined;
      this.#hear({ type: 'leave' });
    });
  }

  #fails(): boolean {
    const fails = this.scene.isFaulty && this.scene.dice.isLucky(0.02);
    if (fails) this.#isDelayed = true;
    return fails;
  }

  #timed<Answer>(effect: () => Answer, answered: (answer: Answer) => void): void {
    const fromMs = this.scene.time.nowMs;
    this.request(effect, (answer) => {
      this.#requestsMs += this.scene.time.nowMs - fromMs;
      answered(answer);
    });
  }

  #answer(event: LockEvent): void {
    this.#timed(
      () => undefined,
      () => this.#hear(event),
    );
  }

  #look(known: ReadonlySet<string>): void {
    if (this.#fails()) {
      this.#answer({ type: 'look-failed' });
      return;
    }
    const askedMs = this.#now().elapsedMs;
    const { store, time } = this.scene;
    this.#timed(
      () => this.list(),
      (listed) =>
        // What is read, is read after the listing.
        this.#timed(
          () =>
            listed.map(({ id, exclusive }) => {
              if (known.has(id)) return { id, is: 'known' } as const;
              if (store.get(id, time.nowMs) === undefined) return { id, is: 'gone' } as const;
              return { id, is: exclusive ? 'exclusive' : 'shared' } as const;
            }),
          (seen) => {
            this.#isDelayed ||= seen.some(({ is }) => is === 'gone');
            this.#hear({ type: 'looked', askedMs, seen });
          },
        ),
    );
  }

  #write(): void {
    const { store, time, dice } = this.scene;
    const asked = this.#now();
    const isFalse = this.#fails();
    const isUnheard = this.#fails();
    this.#timed(
      () => {
        // An acknowledgement by somebody else: nothing is stored.
        const id = isFalse
          ? `${this.number}-never-${dice.next()}`
          : store.put(this.number, this.#exclusive, time.nowMs);
        this.#noted.add(id);
        return id;
      },
      (id) => {
        const putMs = this.#now().elapsedMs;
        const isThere = (): boolean => store.get(id, time.nowMs) !== undefined;
        this.#timed(isThere, (isStored) =>
          this.#hear(
            isStored && !isUnheard ? { type: 'written', id, asked, putMs } : { type: 'write-failed', id },
          ),
        );
      },
    );
  }

  #check(id: string): void {
    const { store, time } = this.scene;
    const isUnheard = this.#fails();
    const ask = (): 'there' | 'gone' => (store.get(id, time.nowMs) === undefined ? 'gone' : 'there');
    this.#timed(ask, (is) => this.#hear({ type: 'checked', id, is: isUnheard ? 'unknown' : is }));
  }

  #remove(id: string): void {
    const { store, time, violations } = this.scene;
    if (this.#fails()) {
      this.#answer({ type: 'remove-failed', id });
      return;
    }
    if (!id.startsWith(`${this.number}-`)) violations.push(`X3: ${this.number} removes ${id}`);
    this.#timed(
      () => store.remove(id, time.nowMs),
      () => {
        this.#noted.delete(id);
        this.#hear({ type: 'removed', id });
      },
    );
  }
}
