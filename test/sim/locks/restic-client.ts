/**
 * restic 0.19.1 as its sources say: look, write, wait 200 ms, look again; refresh every five minutes by writing a new
 * file and removing the old one at once; after 22.5 minutes without one freeze, and prove by the listing that the old
 * file is still there.
 */
import { Client } from './client.ts';

const settleMs = 200;
const refreshMs = 5 * 60_000;
const staleRefreshMs = 22.5 * 60_000;
const rereadMs = [5_000, 10_000, 20_000];
const retryMs = 600_000;

export class ResticClient extends Client {
  #exclusive = false;
  #id: string | undefined;
  #freshMs = 0;
  #sessionsLeft = 0;
  #giveUpMs = 0;
  #holdNumber = 0;

  begin(sessions: number): void {
    this.#sessionsLeft = sessions;
    this.after(this.scene.dice.between(0, 10_000), () => this.#session());
  }

  protected onWake(): void {
    if (this.holds !== undefined) this.#poll();
  }

  /** Somebody finds out, and runs `unlock` when the lock is old enough. */
  protected onDeath(): void {
    const { store, time } = this.scene;
    const left = store.left(time.nowMs).filter(({ owner }) => owner === this.number);
    time.at(time.nowMs + 31 * 60_000, () => {
      for (const { id } of left) store.remove(id, time.nowMs);
    });
  }

  #session(): void {
    const { dice, time } = this.scene;
    if (this.#sessionsLeft-- <= 0) return;
    this.#exclusive = dice.isLucky(0.5);
    this.#giveUpMs = time.nowMs + retryMs;
    this.#try(5_000);
  }

  #try(waitMs: number): void {
    const { store, time } = this.scene;
    this.#look(0, (isFree) => {
      if (!isFree) {
        this.#tryAgain(waitMs);
        return;
      }
      this.request(
        () => store.put(this.number, this.#exclusive, time.nowMs),
        (id) => {
          this.#id = id;
          this.#freshMs = time.nowMs;
          this.after(settleMs, () =>
            this.#look(0, (isStillFree) => {
              if (isStillFree) {
                this.#hold();
                return;
              }
              this.request(
                () => store.remove(id, time.nowMs),
                () => this.#tryAgain(waitMs),
              );
            }),
          );
        },
      );
    });
  }

  #tryAgain(waitMs: number): void {
    const { dice, time } = this.scene;
    if (time.nowMs < this.#giveUpMs) this.after(waitMs, () => this.#try(Math.min(60_000, waitMs * 2)));
    else this.after(dice.between(0, 20_000), () => this.#session());
  }

  /** A listed lock that cannot be read makes it look again, three times, and then fail. */
  #look(round: number, answered: (isFree: boolean) => void): void {
    const { store, time } = this.scene;
    this.request(
      () => this.list().filter(({ id }) => id !== this.#id),
      (listed) =>
        this.request(
          () => {
            const there = listed.filter(({ id }) => store.get(id, time.nowMs) !== undefined);
            if (there.some(({ exclusive }) => exclusive || this.#exclusive)) return 'conflict';
            return there.length < listed.length ? 'unreadable' : 'free';
          },
          (found) => {
            const waitMs = found === 'unreadable' ? rereadMs[round] : undefined;
            if (waitMs === undefined) answered(found === 'free');
            else this.after(waitMs, () => this.#look(round + 1, answered));
          },
        ),
    );
  }

  #hold(): void {
    const { dice } = this.scene;
    this.holds = { exclusive: this.#exclusive };
    this.#poll();
    this.judge();
    const holdMs = dice.isLucky(0.6)
      ? dice.between(0, 30_000)
      : dice.between(30_000, dice.pick([300_000, 900_000]));
    this.after(holdMs, () => this.#leave());
    const hold = ++this.#holdNumber;
    this.after(refreshMs, () => this.#refresh(hold));
  }

  #leave(): void {
    const { store, time, dice } = this.scene;
    if (this.holds === undefined) return;
    this.holds = undefined;
    const id = this.#id!;
    this.#id = undefined;
    this.request(
      () => store.remove(id, time.nowMs),
      () => this.after(dice.between(0, 20_000), () => this.#session()),
    );
  }

  #refresh(hold: number): void {
    const { store, time } = this.scene;
    if (this.holds === undefined || this.isFrozen || hold !== this.#holdNumber) return;
    const old = this.#id!;
    this.request(
      () => store.put(this.number, this.#exclusive, time.nowMs),
      (id) => {
        this.#freshMs = time.nowMs;
        const left = this.holds === undefined ? id : old;
        if (this.holds !== undefined) this.#id = id;
        this.request(
          () => store.remove(left, time.nowMs),
          () => undefined,
        );
      },
    );
    this.after(refreshMs, () => this.#refresh(hold));
  }

  /** After a sleep: the listing decides, and where it deceives, that is restic's own risk. */
  #poll(): void {
    const { store, time } = this.scene;
    if (time.nowMs - this.#freshMs < staleRefreshMs || this.isFrozen) return;
    this.isFrozen = true;
    const id = this.#id!;
    this.request(
      () => ({
        isListed: this.list().some((lock) => lock.id === id),
        isThere: store.get(id, time.nowMs) !== undefined,
      }),
      ({ isListed, isThere }) => {
        this.isFrozen = false;
        this.#freshMs = time.nowMs;
        if (!isListed) {
          this.#leave();
          return;
        }
        this.isExcused ||= !isThere;
        this.judge();
      },
    );
  }
}
