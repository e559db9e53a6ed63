/** Loads every index file of a repository into one blob index. */
import { damaged, isFailure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import { decodeIndex, type IndexedPack } from '../format/index-file.ts';
import { BlobIndex } from './blob-index.ts';
import type { Repository } from './repository.ts';
import { decodeFile, loadFile } from './unpacked-files.ts';

/**
 * Snapshots must be listed before the index is loaded: then everything that they refer to is in it. A file that
 * vanished since it was listed was replaced by another client, so the list is taken anew. Fails with `damaged`.
 */
export async function loadIndex(repository: Repository): Promise<BlobIndex> {
  const index = new BlobIndex();
  const loaded = new Set<Id>();
  for (let isComplete = false; !isComplete; ) {
    isComplete = true;
    for (const id of await listIndexFiles(repository)) {
      if (loaded.has(id)) continue;
      const packs = await loadUnlessGone(repository, id);
      if (packs === undefined) isComplete = false;
      loaded.add(id);
      for (const pack of packs ?? []) index.addPack(pack);
    }
  }
  return index;
}

export async function listIndexFiles({ backend }: Repository): Promise<Id[]> {
  const ids: Id[] = [];
  for await (const { name } of backend.list('index')) ids.push(name);
  return ids;
}

async function loadUnlessGone(repository: Repository, id: Id): Promise<IndexedPack[] | undefined> {
  try {
    return await loadIndexFile(repository, id);
  } catch (error) {
    if (isFailure(error, 'not-found')) return undefined;
    throw error;
  }
}

export async function loadIndexFile(repository: Repository, id: Id): Promise<IndexedPack[]> {
  const json = await loadFile(repository, 'index', id);
  const packs = decodeFile('index', id, json, decodeIndex);
  if (
    repository.config.version === 1 &&
    packs.some(({ blobs }) => blobs.some((blob) => blob.plainLength !== 0))
  ) {
    throw damaged('index', id, 'it lists compressed blobs, which version 1 of the format does not know');
  }
  return packs;
}
