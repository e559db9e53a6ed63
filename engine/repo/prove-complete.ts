/**
 * Proves that everything that trees need is in the repository: each blob that is reachable from them stands in an index,
 * in a pack that the store lists with the size that the index says. What a commit relies on after anything may have
 * been removed behind its back.
 */
import { isFailure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import { packBytes } from '../format/pack-header.ts';
import type { BlobIndex, BlobLocation } from './blob-index.ts';
import type { PackWanted } from './find-packs.ts';
import { loadTree } from './load-blob.ts';
import type { Repository } from './repository.ts';

export interface Missing {
  /** Blobs that no pack holds which is really there. */
  readonly blobs: number;
  /** Packs that an index names and the store does not have, or has with another size. */
  readonly packs: readonly PackWanted[];
}

/** Undefined where nothing is missing. Trees that cannot be read count as missing, failures of the store are thrown. */
export async function findMissing(
  repository: Repository,
  index: BlobIndex,
  roots: readonly Id[],
  signal: AbortSignal,
): Promise<Missing | undefined> {
  const proof = new Proof(repository, index, signal);
  await proof.listPacks();
  await proof.walk(roots);
  return proof.missing;
}

class Proof {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #signal: AbortSignal;
  readonly #listedBytes = new Map<Id, number>();
  readonly #indexedBytes: ReadonlyMap<Id, number>;
  readonly #isThere = new Map<Id, Promise<boolean>>();
  readonly #missingPacks = new Set<Id>();
  readonly #missingBlobs = new Set<Id>();

  constructor(repository: Repository, index: BlobIndex, signal: AbortSignal) {
    this.#repository = repository;
    this.#index = index;
    this.#signal = signal;
    this.#indexedBytes = bytesOfPacks(index);
  }

  get missing(): Missing | undefined {
    if (this.#missingBlobs.size === 0) return undefined;
    const packs = [...this.#missingPacks].map((id) => ({ id, sizeBytes: this.#indexedBytes.get(id) ?? 0 }));
    return { blobs: this.#missingBlobs.size, packs };
  }

  async listPacks(): Promise<void> {
    const { backend } = this.#repository;
    for await (const { name, sizeBytes } of backend.list('pack', this.#signal))
      this.#listedBytes.set(name, sizeBytes);
  }

  /** Each tree once, however often it is used. */
  async walk(roots: readonly Id[]): Promise<void> {
    const seen = new Set<Id>(roots);
    const waiting = [...seen];
    for (let tree = waiting.pop(); tree !== undefined; tree = waiting.pop()) {
      this.#signal.throwIfAborted();
      if (!(await this.#check('tree', tree))) continue;
      for (const node of await this.#nodesOf(tree)) {
        for (const id of node.content ?? []) await this.#check('data', id);
        if (node.subtree === undefined || seen.has(node.subtree)) continue;
        seen.add(node.subtree);
        waiting.push(node.subtree);
      }
    }
  }

  async #nodesOf(tree: Id): ReturnType<typeof loadTree> {
    try {
      return await loadTree(this.#repository, this.#index, tree);
    } catch (error) {
      if (!isFailure(error, 'damaged') && !isFailure(error, 'not-found')) throw error;
      this.#missingBlobs.add(tree);
      return [];
    }
  }

  async #check(type: 'data' | 'tree', id: Id): Promise<boolean> {
    for (const location of this.#index.locate(type, id)) {
      if (await this.#packIsThere(location)) return true;
    }
    this.#missingBlobs.add(id);
    return false;
  }

  #packIsThere({ packId }: BlobLocation): Promise<boolean> {
    let known = this.#isThere.get(packId);
    if (known === undefined) {
      known = this.#lookForPack(packId);
      this.#isThere.set(packId, known);
    }
    return known;
  }

  /** A listing may lag: a pack that it has not is asked for by its name before it counts as missing. */
  async #lookForPack(packId: Id): Promise<boolean> {
    const listed = this.#listedBytes.get(packId) ?? (await this.#statPack(packId));
    // A store that cut a pack off has it no more.
    const isThere = listed !== undefined && listed === this.#indexedBytes.get(packId);
    if (!isThere) this.#missingPacks.add(packId);
    return isThere;
  }

  async #statPack(packId: Id): Promise<number | undefined> {
    try {
      return await this.#repository.backend.stat({ type: 'pack', name: packId }, this.#signal);
    } catch (error) {
      if (isFailure(error, 'not-found')) return undefined;
      throw error;
    }
  }
}

function bytesOfPacks(index: BlobIndex): Map<Id, number> {
  const headers = packBytes([]);
  const bytes = new Map<Id, number>();
  for (const blob of index.blobs())
    bytes.set(blob.packId, (bytes.get(blob.packId) ?? headers) + packBytes([blob]) - headers);
  return bytes;
}
