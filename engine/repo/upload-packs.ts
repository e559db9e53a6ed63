/**
 * Sends packs to the backend while more are being made, and writes index files for packs that are stored: packs
 * first, index after, so an index never names a pack that is not there.
 */
import { limits } from '../base/limits.ts';
import type { FullPack } from '../compute/open-pack.ts';
import type { Id } from '../format/id.ts';
import type { BlobIndex } from './blob-index.ts';
import type { Repository } from './repository.ts';
import { sealIndex } from './seal-index.ts';
import { storeFile } from './unpacked-files.ts';

/** A pack that is stored and in no index yet; its blobs as its header has them, which takes the least memory. */
interface StoredPack {
  readonly id: Id;
  readonly isTree: boolean;
  readonly entries: Uint8Array;
}

export class PackUploader {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #lost: AbortSignal | undefined;
  readonly #sending = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;
  #unindexed: StoredPack[] = [];
  #unindexedBlobs = 0;
  #oldestUnindexedMs = 0;
  /** Bytes that the backend has acknowledged. */
  storedBytes = 0;

  /** `lost` is aborted when the lock is lost: from then on, no index is written. */
  constructor(repository: Repository, index: BlobIndex, lost?: AbortSignal) {
    this.#repository = repository;
    this.#lost = lost;
    this.#index = index;
  }

  /** Resolves when the pack is stored; fails with what keeps it from that, and so does all that is asked later. */
  send(pack: FullPack): Promise<void> {
    const stored = this.#store(pack).catch((error: unknown) => {
      this.#failure ??= { error };
      throw error;
    });
    const sending = stored
      .catch(() => undefined)
      .finally(() => {
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
    return stored;
  }

  /** Waits until every pack is stored. */
  async flush(): Promise<void> {
    await this.settle();
    if (this.#failure !== undefined) throw this.#failure.error;
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
      const file = await sealIndex(this.#repository, dataFirst(packs));
      this.#lost?.throwIfAborted();
      await storeFile(this.#repository, file);
    } catch (error) {
      this.#unindexed = [...packs, ...this.#unindexed];
      throw error;
    }
  }

  /** Writes an index where that is due: then little is lost by whatever happens next. */
  async writeDueIndex(): Promise<void> {
    if (this.#unindexed.length === 0) return;
    const ageMs = this.#repository.world.clock.elapsedMs() - this.#oldestUnindexedMs;
    if (this.#unindexedBlobs >= limits.indexBlobsMax || ageMs >= limits.indexAgeMsMax)
      await this.writeIndex();
  }

  async #store({ id, type, memory, length, header, entries }: FullPack): Promise<void> {
    const body = new Uint8Array(memory, 0, length);
    await this.#repository.backend.save({ type: 'pack', name: id, holdsTrees: type === 'tree' }, [
      body,
      header,
    ]);
    this.storedBytes += length + header.length;
    if (this.#unindexed.length === 0) this.#oldestUnindexedMs = this.#repository.world.clock.elapsedMs();
    this.#unindexed.push({ id, isTree: type === 'tree', entries });
    this.#unindexedBlobs += this.#index.addHeld({ id, entries });
    await this.writeDueIndex();
  }
}

/** restic writes packs of data before packs of trees. */
function dataFirst(packs: readonly StoredPack[]): StoredPack[] {
  return packs.toSorted((a, b) => Number(a.isTree) - Number(b.isTree));
}
