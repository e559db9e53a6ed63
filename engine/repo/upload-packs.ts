/**
 * Collects sealed blobs into packs, uploads full packs while more are being made, and writes index files for
 * packs that are stored: packs first, index after, so an index never names a pack that is not there.
 */
import { assert } from '../base/assert.ts';
import { limits } from '../base/limits.ts';
import type { SealedBlob } from '../compute/seal-blob.ts';
import { hashOfParts, type Id } from '../format/id.ts';
import { encodeIndex, type IndexedPack } from '../format/index-file.ts';
import {
  type BlobType,
  decodePackHeader,
  encodePackHeader,
  isSameContent,
  type PackBlob,
  packedBytes,
} from '../format/pack-header.ts';
import type { BlobIndex } from './blob-index.ts';
import type { Repository } from './repository.ts';
import { saveFile } from './unpacked-files.ts';

/** A pack that is being filled. */
interface OpenPack {
  readonly parts: Uint8Array[];
  readonly blobs: PackBlob[];
  bytes: number;
}

export class PackUploader {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #packBytesTarget: number;
  readonly #lost: AbortSignal | undefined;
  readonly #open = new Map<BlobType, OpenPack>();
  /** Blobs that are on their way: in an open pack, or in one that is being sent. */
  readonly #pending: Record<BlobType, Set<Id>> = { data: new Set(), tree: new Set() };
  readonly #sending = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;
  #unindexed: IndexedPack[] = [];
  #unindexedBlobs = 0;
  #oldestUnindexedMs = 0;
  /** Bytes that the backend has acknowledged. */
  storedBytes = 0;

  /** `lost` is aborted when the lock is lost: from then on, no index is written. */
  constructor(
    repository: Repository,
    index: BlobIndex,
    packBytesTarget: number = limits.packBytesTarget,
    lost?: AbortSignal,
  ) {
    this.#repository = repository;
    this.#lost = lost;
    this.#index = index;
    this.#packBytesTarget = packBytesTarget;
  }

  has(type: BlobType, id: Id): boolean {
    return this.#pending[type].has(id) || this.#index.has(type, id);
  }

  /** Adds a blob; returns what it will take in the repository, its header entry included. */
  add(blob: SealedBlob): number {
    const { type, id, sealed, plainLength } = blob;
    assert(!this.has(type, id), 'a blob is stored once');
    const pack = this.#open.get(type) ?? { parts: [], blobs: [], bytes: 0 };
    this.#open.set(type, pack);
    const entry = { type, id, offset: pack.bytes, length: sealed.length, plainLength };
    pack.parts.push(sealed);
    pack.blobs.push(entry);
    pack.bytes += sealed.length;
    this.#pending[type].add(id);
    const isHeaderFull = (pack.blobs.length + 1) * 41 + 36 > limits.packHeaderBytesMax;
    if (pack.bytes >= this.#packBytesTarget || isHeaderFull) this.#send(type, pack);
    return packedBytes(entry);
  }

  /** Resolves when there is room for more; throws what an upload has failed with. */
  async ready(): Promise<void> {
    // A store across a network serves more at a time than a disk does.
    const most = Math.max(limits.packsInFlightMax, this.#repository.backend.connectionsMax);
    while (this.#sending.size >= most && this.#failure === undefined) {
      await Promise.race(this.#sending);
    }
    this.#throwFailure();
    if (this.#isIndexDue()) await this.writeIndex();
  }

  /** Sends what is open and waits until every pack is stored. */
  async flush(): Promise<void> {
    for (const [type, pack] of this.#open) this.#send(type, pack);
    await this.settle();
    this.#throwFailure();
  }

  /** Waits for what is under way, whatever becomes of it. */
  async settle(): Promise<void> {
    await Promise.all(this.#sending);
  }

  /** Writes an index file for the packs that are stored and not yet in one. */
  async writeIndex(): Promise<void> {
    if (this.#unindexed.length === 0) return;
    // Without our lock, a prune may have removed what no index names: to name it now would feign that it is there.
    this.#lost?.throwIfAborted();
    const packs = this.#unindexed;
    this.#unindexed = [];
    this.#unindexedBlobs = 0;
    try {
      await saveFile(this.#repository, 'index', encodeIndex(dataFirst(packs)));
    } catch (error) {
      this.#unindexed = [...packs, ...this.#unindexed];
      throw error;
    }
  }

  #isIndexDue(): boolean {
    if (this.#unindexed.length === 0) return false;
    const ageMs = this.#repository.world.clock.elapsedMs() - this.#oldestUnindexedMs;
    return this.#unindexedBlobs >= limits.indexBlobsMax || ageMs >= limits.indexAgeMsMax;
  }

  #send(type: BlobType, pack: OpenPack): void {
    this.#open.delete(type);
    const { key, world } = this.#repository;
    const header = encodePackHeader(key, pack.blobs, world.chance);
    const listed = decodePackHeader(key, header, pack.bytes + header.length);
    assert(isSameContent(listed, pack.blobs), 'a pack header says what is in the pack');
    const parts = [...pack.parts, header];
    const sending = this.#store({ id: hashOfParts(parts), blobs: pack.blobs }, parts)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  async #store(pack: IndexedPack, parts: readonly Uint8Array[]): Promise<void> {
    const holdsTrees = pack.blobs[0]?.type === 'tree';
    await this.#repository.backend.save({ type: 'pack', name: pack.id, holdsTrees }, parts);
    for (const part of parts) this.storedBytes += part.length;
    if (this.#unindexed.length === 0) this.#oldestUnindexedMs = this.#repository.world.clock.elapsedMs();
    this.#unindexed.push(pack);
    this.#unindexedBlobs += pack.blobs.length;
    this.#index.addPack(pack);
    for (const { type, id } of pack.blobs) this.#pending[type].delete(id);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** restic writes packs of data before packs of trees. */
function dataFirst(packs: readonly IndexedPack[]): IndexedPack[] {
  const isTree = (pack: IndexedPack): number => (pack.blobs[0]?.type === 'tree' ? 1 : 0);
  return [...packs].sort((a, b) => isTree(a) - isTree(b));
}
