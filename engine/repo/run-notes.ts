/**
 * What a run notes of its packs, so that whoever goes on from there sends nothing twice. Across a network a pack is
 * on this machine's disk before it is sent, and stays there until the run has ended: then a store that loses it
 * gets it again. Where the spool is full, packs that the store has make room; else whoever wants to keep one waits.
 */
import { isFailure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import type { Journal } from '../journal/journal.ts';
import type { Spool } from '../journal/spool.ts';

/** A pack that is closed; its blobs as its header has them, which takes the least memory. */
export interface ClosedPack {
  readonly id: Id;
  readonly isTree: boolean;
  readonly sizeBytes: number;
  readonly entries: Uint8Array;
}

export interface RunNotesParts {
  readonly runId: string;
  readonly journal: Journal;
  /** Undefined where packs are not kept: the store is as near as the spool would be. */
  readonly spool: Spool | undefined;
  /** Called before the journal is told of a pack: what else it is to be told, becomes durable with that. */
  readonly beforePack?: () => void;
  /** The store cannot be asked: nothing makes room while the run lasts. */
  readonly isAway?: boolean;
}

export class RunNotes {
  readonly runId: string;
  readonly #journal: Journal;
  readonly #spool: Spool | undefined;
  readonly #beforePack: () => void;
  readonly #isAway: boolean;
  /** In the spool and not yet acknowledged. */
  readonly #waiting = new Set<Id>();
  /** In the spool, and the store has them: oldest first. Trees are what a proof reads, they go last. */
  readonly #spare: Readonly<Record<'data' | 'tree', Set<Id>>> = { data: new Set(), tree: new Set() };
  #freed = Promise.withResolvers<void>();
  #isClosed = false;

  constructor({ runId, journal, spool, beforePack = () => undefined, isAway = false }: RunNotesParts) {
    this.#beforePack = beforePack;
    this.#isAway = isAway;
    this.runId = runId;
    this.#journal = journal;
    this.#spool = spool;
  }

  /** Whether the pack is now durable on this machine. Waits while there is no room for it but will be. */
  async keep(pack: ClosedPack, parts: readonly Uint8Array[]): Promise<boolean> {
    if (this.#spool === undefined) return false;
    while (!this.#isClosed) {
      try {
        await this.#spool.put(this.runId, pack.id, parts);
        break;
      } catch (error) {
        // A disk of ours that fails must not end a backup which the store would take.
        if (!isFailure(error, 'no-space')) return false;
        if (await this.#makeRoom(this.#spool)) continue;
        if (this.#waiting.size === 0 || this.#isAway) return false;
        await this.#freed.promise;
      }
    }
    if (this.#isClosed) return false;
    this.#beforePack();
    this.#journal.pack(this.runId, { ...pack, at: 'spooled' });
    this.#waiting.add(pack.id);
    return true;
  }

  /** A pack of the spool that this run took over. */
  tookOver({ id }: ClosedPack): void {
    this.#waiting.add(id);
  }

  /** Undefined where the spool has lost it. Half of one counts as nothing: whoever goes on from here must not wait for it. */
  async fetch(packId: Id): Promise<Uint8Array | undefined> {
    const bytes = await this.#spool?.get(this.runId, packId);
    if (bytes === undefined) await this.#spool?.remove(this.runId, packId);
    return bytes;
  }

  /** The store has acknowledged the pack. */
  stored(pack: ClosedPack): void {
    if (!this.#waiting.delete(pack.id)) {
      this.#beforePack();
      this.#journal.pack(this.runId, { ...pack, at: 'stored' });
      return;
    }
    this.#journal.packStored(this.runId, pack.id);
    this.#spare[pack.isTree ? 'tree' : 'data'].add(pack.id);
    this.#wake();
  }

  indexStored(indexId: Id): void {
    this.#journal.indexStored(this.runId, indexId);
  }

  /** Nobody waits for room any more. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Once closed, whoever only now comes to wait does not. */
  #wake(): void {
    this.#freed.resolve();
    if (!this.#isClosed) this.#freed = Promise.withResolvers();
  }

  async #makeRoom(spool: Spool): Promise<boolean> {
    for (const spare of [this.#spare.data, this.#spare.tree]) {
      for (const id of spare) {
        spare.delete(id);
        await spool.remove(this.runId, id);
        return true;
      }
    }
    return false;
  }
}
