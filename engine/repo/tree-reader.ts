/**
 * Reads many trees of one snapshot. Trees of a backup lie side by side in few packs, so a piece of a pack is read at a
 * time and kept while its neighbours are asked for; where anything is wrong with it, the tree is loaded alone. Holds
 * `treePiecesMax` pieces at most.
 */
import { limits } from '../base/limits.ts';
import { unsealBlob } from '../compute/seal-blob.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex, BlobLocation } from './blob-index.ts';
import { loadBlob, nodesOf } from './load-blob.ts';
import type { Repository } from './repository.ts';

export class TreeReader {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #packBytes = new Map<Id, number>();
  /** By pack and number; the one that was used last is the last. */
  readonly #pieces = new Map<string, Uint8Array>();

  constructor(repository: Repository, index: BlobIndex) {
    this.#repository = repository;
    this.#index = index;
  }

  /** The bytes of a tree, proven to be what its id names. Fails as `loadBlob` does. */
  async load(id: Id): Promise<Buffer> {
    const [location] = this.#index.locate('tree', id);
    const sealed = location === undefined ? undefined : await this.#sealed(location);
    if (location !== undefined && sealed !== undefined) {
      try {
        const { plainLength } = location;
        return unsealBlob(this.#repository.key, { type: 'tree', id, sealed, plainLength });
      } catch {
        // Loaded alone, it may be read right, or from another pack; else that says what is wrong.
      }
    }
    return await loadBlob(this.#repository, this.#index, 'tree', id);
  }

  /** The nodes of a tree, in order of their names. Fails as `loadTree` does. */
  async nodes(id: Id): Promise<Node[]> {
    return nodesOf(id, await this.load(id));
  }

  /** The bytes of a blob out of one piece; undefined where it does not lie in one, or that cannot be read. */
  async #sealed({ packId, offset, length }: BlobLocation): Promise<Uint8Array | undefined> {
    const first = Math.floor(offset / limits.treePieceBytes);
    // Every piece reaches into the next one, so that a tree of common size lies in one.
    const start = first * limits.treePieceBytes;
    if (offset + length > start + limits.treePieceBytes + limits.treePieceOverlapBytes) return undefined;
    try {
      const piece = await this.#piece(packId, start);
      return offset + length <= start + piece.length
        ? piece.subarray(offset - start, offset - start + length)
        : undefined;
    } catch {
      return undefined;
    }
  }

  async #piece(packId: Id, start: number): Promise<Uint8Array> {
    const name = `${packId}/${start}`;
    let piece = this.#pieces.get(name);
    if (piece === undefined) {
      const { backend } = this.#repository;
      const file = { type: 'pack', name: packId, holdsTrees: true } as const;
      const packBytes = this.#packBytes.get(packId) ?? (await backend.stat(file));
      this.#packBytes.set(packId, packBytes);
      const most = limits.treePieceBytes + limits.treePieceOverlapBytes;
      piece = await backend.load(file, { offset: start, length: Math.min(most, packBytes - start) });
    }
    this.#pieces.delete(name);
    this.#pieces.set(name, piece);
    for (const [oldest] of this.#pieces) {
      if (this.#pieces.size <= limits.treePiecesMax) break;
      this.#pieces.delete(oldest);
    }
    return piece;
  }
}
