/**
 * The disk of a simulated machine with the journal and the spool on it. A process that dies loses what it had not handed
 * to the system; when the power fails, what was not synced is lost from some point on, a pack may be torn, and what
 * was removed may be back. What was told as durable stays.
 */
import { Failure } from '../../../engine/base/failure.ts';
import type { Id } from '../../../engine/format/id.ts';
import type { Journal } from '../../../engine/journal/journal.ts';
import type { LagSeen, LockMemory } from '../../../engine/journal/lock-memory.ts';
import type { Spool } from '../../../engine/journal/spool.ts';
import { MemoryJournal, MemorySpool, type OwnLocks } from '../../support/memory-journal.ts';
import type { Dice } from '../locks/virtual-time.ts';
import { never, type SimProcess } from './sim-process.ts';

/** A word is in the process's memory only, or the system has it, or the disk. */
type Reach = 'lazy' | 'handed' | 'durable';

type Word = Extract<
  keyof Journal | keyof OwnLocks,
  | 'begin'
  | 'own'
  | 'pack'
  | 'packStored'
  | 'packLost'
  | 'files'
  | 'indexStored'
  | 'seal'
  | 'reopen'
  | 'attemptFailed'
  | 'end'
  | 'lookedAt'
  | 'forgetPacks'
  | 'lockWritten'
  | 'lockRemoved'
>;

type Tell = (journal: MemoryJournal) => void;

export class ModelDisk {
  readonly #dice: Dice;
  readonly #tearRate: number;
  #told: Tell[] = [];
  #handed = 0;
  #synced = 0;
  #journal = new MemoryJournal();
  readonly #spool = new MemorySpool();
  readonly #torn = new Set<Id>();
  /** Packs that were removed since the last sync of anything. */
  #removed: { readonly runId: string; readonly id: Id; readonly bytes: Uint8Array }[] = [];
  readonly #lags = new Map<string, readonly LagSeen[]>();

  constructor(dice: Dice, tearRate: number, quotaBytes: number) {
    this.#dice = dice;
    this.#tearRate = tearRate;
    this.#spool.quotaBytes = quotaBytes;
  }

  /** What is there, for whoever judges. */
  get journal(): MemoryJournal {
    return this.#journal;
  }

  get spool(): MemorySpool {
    return this.#spool;
  }

  /** Words that were lost, and packs that were torn or came back. */
  async die(isPowerLost: boolean): Promise<number> {
    const least = isPowerLost ? this.#synced : this.#handed;
    const kept = least + Math.floor(this.#dice.between(0, this.#told.length - least + 1));
    let lost = this.#told.length - kept;
    this.#told = this.#told.slice(0, kept);
    this.#handed = kept;
    this.#synced = kept;
    this.#journal = new MemoryJournal();
    for (const tell of this.#told) tell(this.#journal);
    if (!isPowerLost) return lost;
    for (const { runId } of this.#journal.openRuns())
      for (const id of await this.#spool.packs(runId))
        if (this.#dice.isLucky(this.#tearRate)) lost += this.#torn.add(id).size > 0 ? 1 : 0;
    for (const { runId, id, bytes } of this.#removed)
      if (this.#dice.isLucky(0.5)) await this.#spool.put(runId, id, [bytes]).catch(() => undefined);
    this.#removed = [];
    return lost;
  }

  /** `before` and `after` each word: the process may die there. */
  journalFor(
    process: SimProcess,
    before: (word: Word, args: readonly unknown[]) => void,
  ): Journal & OwnLocks {
    const journal = (): MemoryJournal => this.#journal;
    const tell = (word: Word, reach: Reach) => {
      return (...args: never[]): void => {
        if (!process.lives(`before ${word}`)) throw new Failure('cancelled');
        before(word, args);
        this.#tell((to) => (to[word] as (...values: never[]) => void)(...args), reach);
        if (!process.lives(`after ${word}`)) throw new Failure('cancelled');
      };
    };
    return {
      begin: tell('begin', 'durable'),
      own: tell('own', 'durable'),
      pack: (runId, pack) =>
        tell('pack', pack.at === 'spooled' ? 'durable' : 'handed')(...([runId, pack] as never[])),
      packStored: tell('packStored', 'handed'),
      packLost: tell('packLost', 'lazy'),
      files: tell('files', 'lazy'),
      indexStored: tell('indexStored', 'lazy'),
      seal: tell('seal', 'durable'),
      reopen: tell('reopen', 'durable'),
      attemptFailed: tell('attemptFailed', 'durable'),
      end: tell('end', 'durable'),
      lookedAt: tell('lookedAt', 'durable'),
      forgetPacks: tell('forgetPacks', 'lazy'),
      lockWritten: tell('lockWritten', 'durable'),
      lockRemoved: tell('lockRemoved', 'lazy'),
      openRuns: (repositoryId) => journal().openRuns(repositoryId),
      run: (runId) => journal().run(runId),
      packs: (runId) => journal().packs(runId),
      fileRecords: (runId) => journal().fileRecords(runId),
      endedPacks: (repositoryId) => journal().endedPacks(repositoryId),
      lateLooks: (repositoryId) => journal().lateLooks(repositoryId),
      ownLocks: (repositoryId) => journal().ownLocks(repositoryId),
      flush: () => this.#reach('durable'),
      close: () => this.#reach('durable'),
    };
  }

  locksFor(journal: OwnLocks): LockMemory {
    return {
      lockWritten: journal.lockWritten,
      lockRemoved: journal.lockRemoved,
      ownLocks: journal.ownLocks,
      lags: (repositoryId) => [...(this.#lags.get(repositoryId) ?? [])],
      rememberLags: (repositoryId, lags) => void this.#lags.set(repositoryId, lags),
      looks: () => [],
      rememberLooks: () => undefined,
      queue: () => [],
      changeQueue: () => [],
      close: () => undefined,
    };
  }

  spoolFor(process: SimProcess): Spool {
    const spool = this.#spool;
    const taking = <Result>(what: string, work: () => Promise<Result>): Promise<Result> =>
      process.lives(`before spool ${what}`)
        ? new Promise((resolve, reject) =>
            process.after(this.#dice.between(0, 3), () => {
              work().then((result) => process.lives(`after spool ${what}`) && resolve(result), reject);
            }),
          )
        : never();
    return {
      put: (runId, id, parts) =>
        taking('put', async () => {
          await spool.put(runId, id, parts);
          this.#torn.delete(id);
        }),
      get: (runId, id) =>
        taking('get', async () => (this.#torn.has(id) ? undefined : await spool.get(runId, id))),
      remove: (runId, id) => taking('remove', async () => await this.#remove(runId, [id])),
      removeRun: (runId) =>
        taking('removeRun', async () => await this.#remove(runId, await spool.packs(runId))),
      packs: (runId) => taking('packs', () => spool.packs(runId)),
      removeAllBut: (runIds) => taking('removeAllBut', () => spool.removeAllBut(runIds)),
      usedBytes: () => spool.usedBytes(),
    };
  }

  async #remove(runId: string, ids: readonly Id[]): Promise<void> {
    for (const id of ids) {
      const bytes = await this.#spool.get(runId, id);
      if (bytes !== undefined) this.#removed.push({ runId, id, bytes });
      await this.#spool.remove(runId, id);
    }
  }

  #tell(tell: Tell, reach: Reach): void {
    this.#told.push(tell);
    tell(this.#journal);
    this.#reach(reach);
  }

  #reach(reach: Reach): void {
    if (reach !== 'lazy') this.#handed = this.#told.length;
    if (reach !== 'durable') return;
    this.#synced = this.#told.length;
    this.#removed = [];
  }
}
