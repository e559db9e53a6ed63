/**
 * The lock files of a repository as requests to its store: what is listed, ours written and proven, ours removed. A
 * foreign file is read at every look: a listing may name what is gone. Used by `lock-driver.ts`.
 */
import { type CancelSignal, type Clock, wallMs } from '../base/clock.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { formatTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import { decodeLock, encodeLock, type Lock } from '../format/lock-file.ts';
import type { SeenLock } from '../machine/lock-looks.ts';
import type { Now } from '../machine/lock-states.ts';
import type { OwnMarks } from './own-locks.ts';
import type { Repository } from './repository.ts';
import { decodeFile, loadFile, type SealedFile, sealFile } from './unpacked-files.ts';

export function nowOf(clock: Clock): Now {
  return { elapsedMs: clock.elapsedMs(), wallMs: wallMs(clock) };
}

export type Written = {
  readonly id: Id;
  readonly asked: Now;
} /** `prove` fails where it cannot be read back: whoever acknowledged may have been somebody else. */ & (
  | { readonly putMs: number; prove(): Promise<void> }
  | { readonly error: unknown }
);

export class LockFiles {
  readonly #repository: Repository;
  readonly #read = new Map<Id, Lock>();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Undefined where it was never read. */
  lock(id: Id): Lock | undefined {
    return this.#read.get(id);
  }

  /** Fails where the listing does. Empty files are passed over, as restic does: they are locks that are being written. */
  async look(known: ReadonlySet<Id>, signal: CancelSignal): Promise<{ askedMs: number; seen: SeenLock[] }> {
    const askedMs = this.#repository.world.clock.elapsedMs();
    const seen: SeenLock[] = [];
    for await (const { name: id, sizeBytes } of this.#repository.backend.list('lock', signal)) {
      if (known.has(id)) seen.push({ id, is: 'known' });
      else if (sizeBytes > 0) seen.push({ id, is: await this.#kindOf(id, signal) });
    }
    return { askedMs, seen };
  }

  /** Writes a lock. It counts once it is proven by reading it back. `marks` gets its name first. */
  async write(exclusive: boolean, marks: OwnMarks, signal: CancelSignal): Promise<Written> {
    const { clock, host } = this.#repository.world;
    const { hostname, username, pid, uid, gid } = host;
    const asked = nowOf(clock);
    const time = formatTime(clock.wallNs());
    const lock: Lock = { time, exclusive, hostname, username, pid, uid, gid };
    const file = sealFile(this.#repository, 'lock', encodeLock(lock));
    const { id } = file;
    try {
      marks.written(id);
      await this.#save(file, signal);
      const prove = async (): Promise<void> => {
        await this.#proveStored(file, signal);
        marks.proven(id);
      };
      return { id, asked, putMs: clock.elapsedMs(), prove };
    } catch (error) {
      return { id, asked, error };
    }
  }

  async check(id: Id): Promise<'there' | 'gone' | 'unknown'> {
    try {
      await this.#repository.backend.load({ type: 'lock', name: id });
      return 'there';
    } catch (error) {
      return isFailure(error, 'not-found') ? 'gone' : 'unknown';
    }
  }

  /** One that is not there is success. */
  async remove(id: Id): Promise<void> {
    await this.#repository.backend.remove({ type: 'lock', name: id });
  }

  async #kindOf(id: Id, signal: CancelSignal): Promise<SeenLock['is']> {
    try {
      const json = await loadFile(this.#repository, 'lock', id);
      const lock = decodeFile('lock', id, json, decodeLock);
      this.#read.set(id, lock);
      return lock.exclusive ? 'exclusive' : 'shared';
    } catch (error) {
      if (signal.aborted) throw new Failure('cancelled');
      return isFailure(error, 'not-found') ? 'gone' : 'unreadable';
    }
  }

  /** An acknowledgement that was lost is no failure: what counts is what can be read. */
  async #save({ id, bytes }: SealedFile, signal: CancelSignal): Promise<void> {
    try {
      await this.#repository.backend.save({ type: 'lock', name: id }, [bytes], signal);
    } catch (error) {
      if (signal.aborted || (await this.check(id)) !== 'there') throw error;
    }
  }

  async #proveStored({ id, bytes }: SealedFile, signal: CancelSignal): Promise<void> {
    const file = { type: 'lock', name: id } as const;
    const stored = await this.#repository.backend.load(file, undefined, signal).catch((error: unknown) => {
      if (isFailure(error, 'not-found')) return undefined;
      throw error;
    });
    if (stored === undefined || Buffer.compare(stored, bytes) !== 0)
      throw new Failure('not-the-store', { what: 'lock', id, isUnproven: true });
  }
}
