/**
 * Stores what is new in a repository: a crew of compute threads reads files, makes packs and hands them over; here they
 * are uploaded. The first thing that goes wrong with the repository is the store's failure, and ends it.
 */
import { limits } from '../base/limits.ts';
import type { StoredBlob } from '../compute/blob-packer.ts';
import { makeClaims } from '../compute/claim-table.ts';
import type { Crew } from '../compute/crew.ts';
import type { PartOutcome } from '../compute/file-parts.ts';
import type { FullPack } from '../compute/open-pack.ts';
import { freePack, makeUnderWay, packArrived, sharedWord } from '../compute/pack-memory.ts';
import {
  type FileOutcome,
  type StoreFiles,
  type StorePart,
  type StoreSetup,
  type StoreTerms,
  seenWords,
  storeSkill,
} from '../compute/store-skill.ts';
import type { Compression } from '../format/compression.ts';
import type { Id } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';
import { evenPackBytes, nextPackBytes, smallPackBytes } from '../machine/pack-size.ts';
import type { BlobIndex } from './blob-index.ts';
import type { Repository } from './repository.ts';
import type { ClosedPack } from './run-notes.ts';
import type { SealedFile } from './unpacked-files.ts';
import { PackUploader, type UploadOptions } from './upload-packs.ts';

export interface StoreOptions extends UploadOptions {
  readonly compression: Compression;
  readonly packBytesTarget: number;
  /** Nothing is kept, but all is counted. */
  readonly isDry?: boolean;
}

export class BlobStore {
  readonly #uploader: PackUploader;
  readonly #crew: Crew<StoreTerms>;
  /** For a run that has hardly anything to store. */
  readonly #ownHand: Crew<StoreTerms>;
  #hasThreads = false;
  /** Of plaintext. */
  #bytesAsked = 0;
  readonly #bytesRead = new BigInt64Array(new SharedArrayBuffer(8));
  readonly #packsUnderWay = makeUnderWay();
  /** Connections on a long way, each of which takes its time to be fast; 0 on a short one. */
  readonly #connections: number;
  readonly #dataPackBytes: Int32Array;
  #dataPacks = 0;
  /** Of all files that are read, once that is known, and what follows from it. */
  #known: { readonly bytesToRead: number; readonly evenBytes: number } | undefined;
  /** How many requests keep all hands busy. */
  readonly requestsMax: number;
  readonly handsMax: number;
  readonly packBytesTarget: number;

  constructor(repository: Repository, index: BlobIndex, options: StoreOptions) {
    const { compute } = repository.world;
    this.#uploader = new PackUploader(repository, index, options);
    const { folder, connectionsMax } = repository.backend;
    const isLongWay = folder === undefined && connectionsMax > limits.restConnectionsMax;
    this.#connections = isLongWay && options.isDry !== true ? connectionsMax : 0;
    this.packBytesTarget = options.packBytesTarget;
    this.#dataPackBytes = sharedWord(options.packBytesTarget);
    this.handsMax = compute.handsMax;
    this.requestsMax = 2 * compute.handsMax;
    const setup = this.#setupOf(repository, index, options);
    const send = (pack: FullPack): void => {
      const free = (): void => freePack(pack.memory);
      if (pack.type === 'data') this.#dataPacks++;
      this.#uploader.send(pack, free).then(
        () => {
          packArrived(this.#packsUnderWay, pack.length);
          this.#tellEach('stored');
        },
        (error) => this.#closeCrews(error),
      );
      this.#chooseSize();
    };
    this.#crew = compute.hire(storeSkill, setup, send);
    this.#crew.limitTo(1);
    this.#ownHand = compute.hireHere(storeSkill, setup, send);
  }

  /** Bytes that were read of files, also of those that then failed. */
  get bytesRead(): number {
    return Number(Atomics.load(this.#bytesRead, 0));
  }

  /** Bytes that the backend has acknowledged. */
  get storedBytes(): number {
    return this.#uploader.storedBytes;
  }

  /** The store may have packs, whatever has become of our lock. */
  get hasSent(): boolean {
    return this.#uploader.hasSent;
  }

  /** Threads are at work, or begin. Without them, trees may wait until all are there: then they may be few enough. */
  get hasThreads(): boolean {
    return this.#hasThreads;
  }

  /**
   * Lets a thread begin before there is work for it, and has the way to the store open. A thread that cannot begin fails
   * what is asked of it later.
   */
  warmUp(): void {
    if (this.#connections > 0) this.#uploader.makeReady();
    this.#hasThreads = true;
    this.#allHands();
    this.#crew.ask({ do: 'flush' }).catch(() => undefined);
  }

  /** There are no files but those that were handed over, which have so many bytes in all. */
  knowAll(bytes: number): void {
    if (this.#connections === 0) return;
    const evenBytes = evenPackBytes({
      bytesLeft: bytes - this.bytesRead,
      smallPacks: Math.max(0, this.#connections - this.#dataPacks),
      connections: this.#connections,
      packBytesTarget: this.packBytesTarget,
    });
    this.#known = { bytesToRead: bytes, evenBytes };
    this.#chooseSize();
  }

  #chooseSize(): void {
    if (this.#known === undefined) return;
    const bytes = nextPackBytes({
      bytesLeft: this.#known.bytesToRead - this.bytesRead,
      evenBytes: this.#known.evenBytes,
      packsWaiting: this.#uploader.packsWaiting,
      connections: this.#connections,
      packBytesTarget: this.packBytesTarget,
    });
    Atomics.store(this.#dataPackBytes, 0, bytes);
  }

  #allHands(): void {
    this.#crew.limitTo(Number.POSITIVE_INFINITY);
  }

  /** Where there is little to do, one hand does it: each has a heap of its own, and packs that it fills. */
  #expect(bytes: number): void {
    this.#bytesAsked += bytes;
    if (this.#bytesAsked > limits.oneHandBytesMax) this.#allHands();
  }

  async storeFiles(files: StoreFiles): Promise<readonly FileOutcome[]> {
    this.#hasThreads = true;
    this.#expect(bytesOf(files));
    return (await this.#crew.ask(files)) as readonly FileOutcome[];
  }

  /** See `compute/file-parts.ts`. */
  async storePart(request: StorePart): Promise<PartOutcome> {
    this.#hasThreads = true;
    this.#expect(request.part.partBytes);
    const [outcome] = (await this.#crew.ask(request)) as readonly [PartOutcome];
    return outcome;
  }

  /** What was read is read once more. */
  forgetRead(bytes: number): void {
    Atomics.sub(this.#bytesRead, 0, BigInt(bytes));
  }

  /** Whoever hands a blob over whose memory is its own cannot use it any more. */
  async storeBlobs(type: BlobType, blobs: readonly Uint8Array[]): Promise<readonly StoredBlob[]> {
    const isLittle = !this.#hasThreads && type === 'tree' && blobs.length < limits.batchFilesMax;
    if (!isLittle) {
      this.#hasThreads = true;
      this.#expect(blobs.reduce((sum, { length }) => sum + length, 0));
    }
    const crew = isLittle ? this.#ownHand : this.#crew;
    const answer = await crew.ask({ do: 'blobs', type, blobs }, blobs.flatMap(ownMemory));
    return answer as readonly StoredBlob[];
  }

  /** Packs of a run that this one goes on from. */
  takeOver(stored: readonly ClosedPack[], kept: readonly ClosedPack[]): void {
    this.#uploader.takeOver(stored, kept);
  }

  /** Hands over what is in open packs, and waits until every pack is stored, or kept on this machine. */
  async allKept(): Promise<void> {
    await Promise.all([this.#crew, this.#ownHand].map((crew) => crew.askEach({ do: 'flush' })));
    await this.#uploader.allKept();
  }

  /** Waits until the store says of every pack that it has it; `flush` waits until it has shown them all. */
  async allTaken(): Promise<void> {
    await this.allKept();
    await this.#uploader.allTaken();
  }

  /** Waits until every pack is stored. */
  async flush(): Promise<void> {
    await this.allKept();
    await this.#uploader.flush();
  }

  /** Packs that the store has shown us so shortly ago that it need not be asked for them again. */
  seenJustNow(): ReadonlySet<Id> {
    return this.#uploader.seenJustNow();
  }

  async writeIndex(signal?: AbortSignal): Promise<void> {
    await this.#uploader.writeIndex(signal);
  }

  /** Index files for all that is in none: see `PackUploader`. */
  async sealIndexes(): Promise<SealedFile[]> {
    return await this.#uploader.sealIndexes();
  }

  async writeDueIndex(): Promise<void> {
    await this.#uploader.writeDueIndex();
  }

  /** Ends all work at once, but for packs that are on their way. */
  async close(): Promise<void> {
    await this.#closeCrews();
    await this.#uploader.settle();
  }

  #tellEach(word: 'stored'): void {
    for (const crew of [this.#crew, this.#ownHand]) crew.tellEach(word);
  }

  async #closeCrews(reason?: unknown): Promise<void> {
    await Promise.all([this.#crew, this.#ownHand].map((crew) => crew.close(reason)));
  }

  #setupOf(
    { key, config, world }: Repository,
    index: BlobIndex,
    { compression, packBytesTarget, isDry = false }: StoreOptions,
  ): StoreSetup {
    return {
      key,
      version: config.version,
      compression,
      polynomial: config.chunkerPolynomial,
      packBytesTarget,
      smallPacks: Math.ceil(this.#connections / world.compute.handsMax),
      smallPackBytes: smallPackBytes(packBytesTarget),
      dataPackBytes: this.#dataPackBytes,
      packsUnderWay: this.#packsUnderWay,
      isDry,
      known: index.handle,
      claims: makeClaims(),
      bytesRead: this.#bytesRead,
    };
  }
}

/** As they were when the walk saw them. */
function bytesOf({ seen }: StoreFiles): number {
  let bytes = 0;
  for (let at = seenWords - 1; at < seen.length; at += seenWords) bytes += Number(seen[at]);
  return bytes;
}

/** Small buffers share their memory with others, and are copied instead. */
function ownMemory({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
