/** Loads single blobs. A blob that several packs hold is tried in each before it is given up. */
import { damaged, Failure } from '../base/failure.ts';
import { checkBlobLengths, unsealBlob } from '../compute/seal-blob.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobType } from '../format/pack-header.ts';
import { decodeTree } from '../format/tree.ts';
import type { BlobIndex, BlobLocation } from './blob-index.ts';
import type { Repository } from './repository.ts';

/** The plaintext. Fails with `not-found` where no index lists the blob, `damaged` where no copy of it is whole. */
export async function loadBlob(
  repository: Repository,
  index: BlobIndex,
  type: BlobType,
  id: Id,
): Promise<Buffer> {
  let lastError: unknown;
  for (const location of index.locate(type, id)) {
    try {
      return await loadFrom(repository, location);
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError ?? new Failure('not-found', { what: `${type} blob`, id });
}

async function loadFrom(repository: Repository, location: BlobLocation): Promise<Buffer> {
  const { type, id, offset, length, plainLength, packId } = location;
  checkBlobLengths(type, id, length, plainLength);
  const pack = { type: 'pack', name: packId, holdsTrees: type === 'tree' } as const;
  const sealed = await repository.backend.load(pack, { offset, length });
  return unsealBlob(repository.key, { type, id, sealed, plainLength });
}

/** The nodes of a tree, in order of their names. */
export async function loadTree(repository: Repository, index: BlobIndex, id: Id): Promise<Node[]> {
  return nodesOf(id, await loadBlob(repository, index, 'tree', id));
}

/** What the bytes of a tree say. Fails with `damaged`. */
export function nodesOf(id: Id, bytes: Uint8Array): Node[] {
  try {
    return decodeTree(bytes);
  } catch (error) {
    throw damaged('tree', id, error instanceof Error ? error.message : String(error), error);
  }
}
