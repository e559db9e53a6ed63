/**
 * Sends packs to the backend while more are being made, and writes index files for packs that are stored: packs
 * first, index after, so an index never names a pack that is not there. Packs that are kept on this machine are
 * sent from there, so nobody who makes packs waits for the network.
 */
import { LinkedSignal } from '../backend/call-signal.ts';
import type { CancelSignal } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Gate } from '../base/gate.ts';
import { limits } from '../base/limits.ts';
import type { FullPack } from '../compute/open-pack.ts';
import type { Id } from '../format/id.ts';
import { entryCount } from '../format/pack-header.ts';
import type { BlobIndex } from './blob-index.ts';
import { findPacks } from './find-packs.ts';
import type { Repository } from './repository.ts';
import type { ClosedPack, RunNotes } from './run-notes.ts';
import { sealIndex } from './seal-index.ts';
import { storeAndSee } from './see-stored.ts';
import type { SealedFile } from './unpacked-files.ts';

export interface UploadOptions {
  /** Open once our lock is written: packs may leave from then on. Without it, they may when it is held. */
  readonly written?: Gate | undefined;
  /** What left before our lock is held is looked for once it is. Rejects where it is refused. */
  readonly held?: Promise<void> | undefined;
  /** Aborted when the lock is lost: from then on, no index is written. */
  readonly lost?: AbortSignal | undefined;
  /** How large packs are, but for the small ones at the beginning and at the end. */
  readonly packBytesTarget?: number;
  /** Who notes what becomes of packs. */
  readonly notes?: RunNotes | undefined;
}

/** One that is on this machine's disk, and perhaps still in memory. */
interface KeptPack {
  readonly pack: ClosedPack;
  readonly parts?: readonly Uint8Array[];
  readonly free?: () => void;
}

export class PackUploader {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #written: Gate | undefined;
  readonly #held: Promise<void> | undefined;
  #isHeld: boolean;
  readonly #lost: AbortSignal | undefined;
  readonly #notes: RunNotes | undefined;
  readonly #packBytesTarget: number;
  /** Whoever handed over a pack and waits. */
  readonly #handing = new Set<Promise<void>>();
  /** Packs that are kept on this machine: the ones that wait, and the sending of the others. */
  readonly #kept: KeptPack[] = [];
  readonly #underWay = new Set<ClosedPack>();
  readonly #sending = new Set<Promise<void>>();
  /** Of those, until the store says that it has the pack: to see it there takes no more of the line. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #failure: { error: unknown } | undefined;
  #unindexed: ClosedPack[] = [];
  #unindexedBlobs = 0;
  /** In an index file that is being written. */
  #indexing: readonly ClosedPack[] = [];
  #oldestUnindexedMs = 0;
  #isSealed = false;
  /** Bytes that the backend has acknowledged. */
  storedBytes = 0;
  /** The store may have packs, whatever has become of our lock. */
  hasSent = false;
  /** When it has shown us a pack, of the last ones. */
  readonly #seenMs = new Map<Id, number>();

  constructor(repository: Repository, index: BlobIndex, options: UploadOptions = {}) {
    this.#repository = repository;
    this.#index = index;
    this.#written = options.written;
    this.#held = options.held;
    this.#isHeld = options.held === undefined;
    options.held?.then(
      () => {
        this.#isHeld = true;
      },
      () => undefined,
    );
    this.#lost = options.lost;
    this.#notes = options.notes;
    this.#packBytesTarget = options.packBytesTarget ?? 0;
  }

  /**
   * Resolves when the pack is stored, or kept on this machine: then another one may come. Fails with what keeps it from
   * that, and so does all that is asked later. `free` is called when its memory is needed no more.
   */
  send(pack: FullPack, free: () => void = () => undefined): Promise<void> {
    const handed = this.#take(pack, free).catch((error: unknown) => {
      this.#fail(error);
      throw error;
    });
    track(this.#handing, handed);
    return handed;
  }

  /** Has the way open before there is a pack: nothing leaves before our lock is written, but connections may stand by then. */
  makeReady(): void {
    // Where it fails, the first upload meets the same, and tells it.
    this.#repository.backend.makeReady?.(this.#atOnce).catch(() => undefined);
  }

  /** Packs that the store has not taken yet. */
  get packsWaiting(): number {
    return this.#handing.size + this.#kept.length + this.#leaving.size;
  }

  /** Packs of a run that this one goes on from: the store has some already, others wait in the spool. */
  takeOver(stored: readonly ClosedPack[], kept: readonly ClosedPack[]): void {
    for (const pack of stored) this.#noteStored(pack);
    for (const pack of kept) {
      this.#index.addHeld(pack);
      this.#notes?.tookOver(pack);
      this.#kept.push({ pack });
    }
    this.#pump();
  }

  /** Waits until every pack is stored, or kept on this machine. */
  async allKept(): Promise<void> {
    await Promise.all(this.#handing);
    this.#failIfFailed();
  }

  /** Waits until the store says of every pack that it has it: then what is left is to see the last of them there. */
  async allTaken(): Promise<void> {
    await this.allKept();
    // Those that are only to be seen still take memory: others may wait for that.
    const isLeft = (): boolean => this.#leaving.size > 0 || (this.#kept.length > 0 && this.#sending.size > 0);
    while (isLeft() && this.#failure === undefined) await Promise.race([...this.#leaving, ...this.#sending]);
    this.#failIfFailed();
  }

  /** Waits until every pack is stored. */
  async flush(): Promise<void> {
    await this.allKept();
    while (this.#sending.size > 0 && this.#failure === undefined) await Promise.race(this.#sending);
    this.#failIfFailed();
  }

  /** Packs that the store has shown us so shortly ago that it need not be asked for them again. */
  seenJustNow(): ReadonlySet<Id> {
    this.#forgetSeen();
    return new Set(this.#seenMs.keys());
  }

  #forgetSeen(): void {
    const sinceMs = this.#repository.world.clock.elapsedMs() - limits.packSeenMsMax;
    for (const [id, seenMs] of this.#seenMs) {
      // They are in the order of their times.
      if (seenMs >= sinceMs) return;
      this.#seenMs.delete(id);
    }
  }

  /** Ends what can be ended, and waits for what is under way, whatever becomes of it. */
  async settle(): Promise<void> {
    this.#notes?.close();
    this.#kept.length = 0;
    // What is kept here can be sent later.
    this.#stopped.abort();
    await Promise.all([...this.#handing, ...this.#sending]);
  }

  /** Writes an index file for the packs that are stored and not yet in one. */
  async writeIndex(signal?: AbortSignal): Promise<void> {
    if (this.#unindexed.length === 0 || this.#isSealed) return;
    // Without our lock, a prune may have removed what no index names: to name it now would feign that it is there.
    this.#lost?.throwIfAborted();
    const packs = this.#unindexed;
    this.#unindexed = [];
    this.#unindexedBlobs = 0;
    this.#indexing = [...this.#indexing, ...packs];
    try {
      const file = await sealIndex(this.#repository, dataFirst(packs));
      this.#lost?.throwIfAborted();
      await storeAndSee(this.#repository, file, { signal });
      this.#notes?.indexStored(file.id);
    } catch (error) {
      this.#unindexed = [...packs, ...this.#unindexed];
      throw error;
    } finally {
      this.#indexing = this.#indexing.filter((pack) => !packs.includes(pack));
    }
  }

  /** Writes an index where that is due: then little is lost by whatever happens next. */
  async writeDueIndex(): Promise<void> {
    if (this.#unindexed.length === 0) return;
    const ageMs = this.#repository.world.clock.elapsedMs() - this.#oldestUnindexedMs;
    if (this.#unindexedBlobs >= limits.indexBlobsMax || ageMs >= limits.indexAgeMsMax)
      await this.writeIndex();
  }

  /**
   * Index files for all packs that are in none for sure, also for those that are still to be sent. From now on none
   * is written here.
   */
  async sealIndexes(): Promise<SealedFile[]> {
    this.#isSealed = true;
    const kept = this.#kept.map(({ pack }) => pack);
    const packs = [...this.#unindexed, ...this.#indexing, ...kept, ...this.#underWay];
    return await sealIndexes(this.#repository, [...new Set(packs)]);
  }

  async #take({ id, type, memory, length, header, entries }: FullPack, free: () => void): Promise<void> {
    const parts = [new Uint8Array(memory, 0, length), header];
    const pack = { id, isTree: type === 'tree', sizeBytes: length + header.length, entries };
    this.#failIfFailed();
    if (await this.#notes?.keep(pack, parts)) {
      // One that goes soon need not be read again.
      const goesSoon = this.#isInReach(pack);
      if (!goesSoon) free();
      this.#kept.push(goesSoon ? { pack, parts, free } : { pack });
      this.#pump();
      return;
    }
    this.#failIfFailed();
    // Across a network that may take for ever; what is near is soon there, and who is away refuses at once.
    const { folder, isAway } = this.#repository.backend;
    const signal = folder === undefined && isAway !== true ? this.#stopped.signal : undefined;
    await this.#save(pack, parts, signal);
    free();
    await this.#arrived(pack);
  }

  get #atOnce(): number {
    return Math.min(this.#repository.backend.connectionsMax, limits.uploadsInFlightMax);
  }

  /** Whether it stays in memory: as long as all that wait are no more bytes than as many packs that go at once may have. */
  #isInReach({ sizeBytes }: ClosedPack): boolean {
    const before = bytesOf(this.#underWay) + bytesOf(this.#kept.map(({ pack }) => pack));
    const bytesEach = Math.max(sizeBytes, this.#packBytesTarget);
    const bytesMax = Math.min(this.#atOnce * bytesEach, limits.uploadBytesInFlightMax);
    return before === 0 || before + sizeBytes <= bytesMax;
  }

  #hasRoom({ sizeBytes }: ClosedPack): boolean {
    if (this.#stopped.signal.aborted || this.#failure !== undefined) return false;
    if (this.#leaving.size >= this.#atOnce) return false;
    const bytes = bytesOf(this.#underWay) + sizeBytes;
    return this.#sending.size === 0 || bytes <= limits.uploadBytesInFlightMax;
  }

  #pump(): void {
    for (;;) {
      const [next] = this.#kept;
      if (next === undefined || !this.#hasRoom(next.pack)) return;
      this.#kept.shift();
      this.#underWay.add(next.pack);
      const taken = Promise.withResolvers<void>();
      track(this.#leaving, taken.promise, () => this.#pump());
      track(this.#sending, this.#sendKept(next, taken.resolve).finally(taken.resolve), () => this.#pump());
    }
  }

  async #sendKept({ pack, parts, free }: KeptPack, onTaken: () => void): Promise<void> {
    try {
      await this.#save(pack, parts ?? [await this.#fetch(pack)], this.#stopped.signal, onTaken);
      // Where that failed, somebody may still be reading it.
      free?.();
      this.#underWay.delete(pack);
      await this.#arrived(pack);
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#fail(error);
    }
  }

  async #fetch({ id, entries }: ClosedPack): Promise<Uint8Array> {
    const bytes = await this.#notes?.fetch(id);
    if (bytes !== undefined) return bytes;
    throw new Failure('commit-incomplete', { blobs: entryCount(entries) }, { next: 'now' });
  }

  async #save(
    pack: ClosedPack,
    parts: readonly Uint8Array[],
    signal?: CancelSignal,
    onTaken?: () => void,
  ): Promise<void> {
    await this.#mayLeave();
    this.hasSent = true;
    while (!(await this.#saveOnce(pack, parts, signal, onTaken)));
    this.storedBytes += pack.sizeBytes;
    this.#forgetSeen();
    this.#notes?.stored(pack);
  }

  /** False where it has to be sent again: before our lock was held, somebody who works alone may have removed it. */
  async #saveOnce(
    pack: ClosedPack,
    parts: readonly Uint8Array[],
    signal?: CancelSignal,
    onTaken?: () => void,
  ): Promise<boolean> {
    const { backend, world } = this.#repository;
    let isSeen = this.#isHeld;
    // Without one, who is away refuses at once.
    const call = signal && new LinkedSignal(signal);
    if (call !== undefined)
      call.onTaken = () => {
        // It is seen after that.
        isSeen ||= this.#isHeld && backend.asksForPacks === true;
        onTaken?.();
      };
    try {
      await backend.save({ type: 'pack', name: pack.id, holdsTrees: pack.isTree }, parts, call);
      await this.#held;
      isSeen ||= (await findPacks(this.#repository, [pack], call)).has(pack.id);
    } finally {
      call?.release();
    }
    if (isSeen && backend.asksForPacks) this.#seenMs.set(pack.id, world.clock.elapsedMs());
    return isSeen;
  }

  /** Fails where our lock is refused. */
  async #mayLeave(): Promise<void> {
    if (!this.#isHeld) await Promise.race([this.#held, this.#written?.opened ?? this.#held]);
  }

  async #arrived(pack: ClosedPack): Promise<void> {
    this.#noteStored(pack);
    await this.writeDueIndex();
  }

  #noteStored(pack: ClosedPack): void {
    if (this.#unindexed.length === 0) this.#oldestUnindexedMs = this.#repository.world.clock.elapsedMs();
    this.#unindexed.push(pack);
    this.#unindexedBlobs += this.#index.addHeld(pack);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#notes?.close();
  }

  #failIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function bytesOf(packs: Iterable<ClosedPack>): number {
  let bytes = 0;
  for (const { sizeBytes } of packs) bytes += sizeBytes;
  return bytes;
}

/** Index files that name these packs, none of them too large. */
export async function sealIndexes(
  repository: Repository,
  packs: readonly ClosedPack[],
): Promise<SealedFile[]> {
  const files: SealedFile[] = [];
  let some: ClosedPack[] = [];
  let blobs = 0;
  const seal = async (): Promise<void> => {
    if (some.length > 0) files.push(await sealIndex(repository, dataFirst(some)));
    some = [];
    blobs = 0;
  };
  for (const pack of packs) {
    some.push(pack);
    blobs += entryCount(pack.entries);
    if (blobs >= limits.indexBlobsMax) await seal();
  }
  await seal();
  return files;
}

/** restic writes packs of data before packs of trees. */
function dataFirst(packs: readonly ClosedPack[]): ClosedPack[] {
  return packs.toSorted((a, b) => Number(a.isTree) - Number(b.isTree));
}

/** Keeps the promise in the set until it is settled. */
function track(set: Set<Promise<void>>, promise: Promise<void>, then: () => void = () => {}): void {
  const tracked = promise
    .catch(() => undefined)
    .finally(() => {
      set.delete(tracked);
      then();
    });
  set.add(tracked);
}
