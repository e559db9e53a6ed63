/**
 * Runs `machine/repo-lock.ts` against a repository: makes the requests that it asks for, tells it what came of them, and
 * wakes it. What it learns goes into this machine's memory of locks. `hold-lock.ts` makes one for each lock.
 */
import { assertNever } from '../base/assert.ts';
import { Failure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import { proofOf } from '../machine/keep-lock.ts';
import { lagBoundMs } from '../machine/list-lag.ts';
import type { Ending, LockEffect, LockEvent, LockStep, RepoLock } from '../machine/lock-states.ts';
import { startLock, stepLock } from '../machine/repo-lock.ts';
import type { LockRequest } from './hold-lock.ts';
import { noteLag, rememberedLag } from './lag-memory.ts';
import { LockFiles, nowOf } from './lock-files.ts';
import { type OwnMarks, ownLeftovers, ownMarks, removeArrived } from './own-locks.ts';
import type { Repository } from './repository.ts';

export class LockDriver {
  readonly held = Promise.withResolvers<void>();
  readonly ended = Promise.withResolvers<Ending>();
  readonly lost = new AbortController();
  readonly #repository: Repository;
  readonly #exclusive: boolean;
  readonly #files: LockFiles;
  readonly #marks: OwnMarks;
  /** Of a process of ours that is no more; not there when we came. */
  #missed: readonly Id[] = [];
  #whileSettling: (() => void) | undefined;
  #whenWithdrawn: (() => void) | undefined;
  /** Asked once, instead of the first look. */
  #sawNoLock: (() => Promise<boolean>) | undefined;
  #lags = false;
  #isHeld = false;
  /** That our lock can be read back: no look counts before. */
  #proof: Promise<void> | undefined;
  /** Aborted by leaving: what is on its way need not arrive. */
  readonly #left = new AbortController();
  #state: RepoLock = { at: 'ended' };
  #timer = new AbortController();
  /** What the requests of the store failed with last. */
  #error: unknown;
  #thawed: PromiseWithResolvers<void> | undefined;
  #running = new Set<Promise<void>>();

  /**
   * `whileSettling`: begins, each time that a lock is written which is not held yet, what may be read meanwhile. Where
   * listings lag, somebody who works alone may come and go unseen meanwhile: there it begins when the lock is held.
   */
  constructor(repository: Repository, { exclusive, whileSettling, whenWithdrawn, sawNoLock }: LockRequest) {
    this.#repository = repository;
    this.#whileSettling = whileSettling;
    this.#whenWithdrawn = whenWithdrawn;
    this.#sawNoLock = sawNoLock;
    this.#exclusive = exclusive;
    this.#files = new LockFiles(repository);
    this.#marks = ownMarks(repository);
  }

  async start(retryMs: number): Promise<void> {
    const { clock } = this.#repository.world;
    const { over, missed } = await ownLeftovers(this.#repository);
    this.#missed = missed;
    for (const id of over) this.#marks.proven(id);
    // Those are removed first, and looked for.
    if (over.length > 0) this.#sawNoLock = undefined;
    const lag = rememberedLag(this.#repository);
    this.#lags = lagBoundMs(lag, nowOf(clock).wallMs) > 0;
    const start = { exclusive: this.#exclusive, retryMs, lag, leftovers: over };
    this.#follow(startLock(start, nowOf(clock)));
  }

  leave(): void {
    this.#left.abort();
    this.#hear({ type: 'leave' });
  }

  /** Everything that was under way is over. */
  async rest(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    const isAllGone = this.#marks.ended();
    if (isAllGone) await removeArrived(this.#repository, this.#missed);
  }

  /** Resolves when the lock is not in doubt; looks at the clock first, then at its file. Fails with `lock-lost`. */
  async stands(): Promise<void> {
    if (this.#state.at === 'held' || this.#state.at === 'refreshing') this.#hear({ type: 'tick' });
    if (this.#state.at === 'held' || this.#state.at === 'refreshing') {
      const id = proofOf(this.#state);
      if (id !== undefined) this.#hear(await this.#ask({ do: 'check', id }));
    }
    await this.#thawed?.promise;
    if (this.lost.signal.aborted) throw this.lost.signal.reason;
  }

  get isFrozen(): boolean {
    return this.#thawed !== undefined;
  }

  failureOf(ending: Ending): unknown {
    switch (ending.because) {
      case 'conflict':
        return lockedBy(this.#files, ending.id);
      case 'unreadable':
        return new Failure('damaged', { what: 'lock', id: ending.id, why: 'it cannot be read' });
      case 'store':
        return this.#error;
      case 'unlisted':
        return new Failure('not-the-store', { what: 'lock', why: 'what we write is never listed' });
      case 'cancelled':
      case 'left':
        return new Failure('cancelled');
      case 'lost':
        return new Failure('lock-lost');
      default:
        return assertNever(ending);
    }
  }

  #hear(event: LockEvent): void {
    const { clock, chance } = this.#repository.world;
    const [a = 0, b = 0] = event.type === 'tick' ? [] : chance.bytes(2);
    this.#follow(stepLock(this.#state, event, nowOf(clock), (a * 256 + b) / 65_536));
  }

  #follow([state, ...effects]: LockStep): void {
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: LockEffect): void {
    switch (effect.do) {
      case 'remove':
        this.#whenWithdrawn?.();
        this.#request(effect);
        return;
      case 'look':
      case 'write':
      case 'check':
        this.#request(effect);
        return;
      case 'wake':
        this.#wake(effect.inMs);
        return;
      case 'hold':
        if (this.#lags) this.#whileSettling?.();
        this.#whileSettling = undefined;
        this.#whenWithdrawn = undefined;
        this.#isHeld = true;
        this.held.resolve();
        return;
      case 'freeze':
        this.#thawed = Promise.withResolvers();
        this.#repository.world.log.note('our lock is in doubt: nothing is written until it is proven');
        return;
      case 'thaw':
        this.#thaw();
        return;
      case 'lose':
        this.lost.abort(new Failure('lock-lost'));
        this.#thaw();
        return;
      case 'end':
        this.#timer.abort();
        this.ended.resolve(effect.ending);
        this.#thaw();
        return;
      case 'learn':
        this.#lags = true;
        noteLag(this.#repository, effect.lagMs);
        return;
      case 'tell':
        this.#tell(effect);
        return;
      default:
        assertNever(effect);
    }
  }

  #request(effect: Extract<LockEffect, { do: 'look' | 'write' | 'check' | 'remove' }>): void {
    const request = this.#ask(effect).then((event) => this.#hear(event));
    const tracked = request.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #ask(effect: Extract<LockEffect, { do: 'look' | 'write' | 'check' | 'remove' }>): Promise<LockEvent> {
    switch (effect.do) {
      case 'look':
        return await this.#look(effect.known);
      case 'write':
        return await this.#write();
      case 'check':
        return { type: 'checked', id: effect.id, is: await this.#files.check(effect.id) };
      case 'remove':
        return await this.#remove(effect.id);
      default:
        return assertNever(effect);
    }
  }

  async #look(known: readonly Id[]): Promise<LockEvent> {
    const sawNoLock = this.#sawNoLock;
    this.#sawNoLock = undefined;
    if (await sawNoLock?.())
      return { type: 'looked', askedMs: this.#repository.world.clock.elapsedMs(), seen: [] };
    try {
      const looked = await this.#files.look(new Set(known), this.#left.signal);
      await this.#proof;
      return { type: 'looked', ...looked };
    } catch (error) {
      this.#proof = undefined;
      this.#error = error;
      return { type: 'look-failed' };
    }
  }

  async #write(): Promise<LockEvent> {
    const written = await this.#files.write(this.#exclusive, this.#marks, this.#left.signal);
    const { id, asked } = written;
    try {
      if ('error' in written) throw written.error;
      // Until it is held, others are looked for meanwhile: across an ocean, each question takes its time.
      this.#proof = written.prove();
      this.#proof.catch(() => undefined);
      if (this.#isHeld) await this.#proof;
      if (!this.#lags) this.#whileSettling?.();
      return { type: 'written', id, asked, putMs: written.putMs };
    } catch (error) {
      this.#error = error;
      return { type: 'write-failed', id };
    }
  }

  async #remove(id: Id): Promise<LockEvent> {
    try {
      await this.#files.remove(id);
      this.#marks.removed(id);
      return { type: 'removed', id };
    } catch {
      return { type: 'remove-failed', id };
    }
  }

  #wake(inMs: number): void {
    this.#timer.abort();
    const timer = new AbortController();
    this.#timer = timer;
    void this.#repository.world.clock.sleep(inMs, timer.signal).then(() => {
      if (!timer.signal.aborted) this.#hear({ type: 'tick' });
    });
  }

  #thaw(): void {
    this.#thawed?.resolve();
    this.#thawed = undefined;
  }

  #tell({ what }: Extract<LockEffect, { do: 'tell' }>): void {
    const { log } = this.#repository.world;
    const [loudness, sentence] = sentences[what];
    log[loudness](sentence);
  }
}

type Told = Extract<LockEffect, { do: 'tell' }>['what'];

const sentences: Readonly<Record<Told, readonly ['note' | 'warn', string]>> = {
  conflict: ['note', 'the repository is locked by somebody else; trying again'],
  unclear: ['note', 'a lock of somebody else cannot be read; looking again'],
  'passed-over': ['warn', 'a lock of somebody else cannot be read; going on beside it'],
  'refresh-failed': ['warn', 'our lock on the repository could not be refreshed; trying again'],
  'left-behind': ['warn', 'a lock file of ours could not be removed from the repository; it is tried again'],
};

function lockedBy(files: LockFiles, id: Id): Failure {
  const lock = files.lock(id);
  if (lock === undefined) return new Failure('repository-locked', {}, { next: 'later' });
  const { hostname, username, pid, time, exclusive } = lock;
  return new Failure(
    'repository-locked',
    { hostname, username, pid, since: time, exclusive },
    { next: 'later' },
  );
}
