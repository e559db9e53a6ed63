/**
 * Loads every index file of a repository into one blob index: fetched ahead a few at a time, read pack by pack, and
 * with turns for others in between.
 */
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { Turn } from '../compute/turn.ts';
import type { Id } from '../format/id.ts';
import { type IndexedPack, indexedPack, type PackEntry, readIndex } from '../format/index-file.ts';
import { BlobIndex } from './blob-index.ts';
import type { Repository } from './repository.ts';
import { decodeFile, loadFileBytes } from './unpacked-files.ts';

/**
 * Snapshots must be listed before the index is loaded: then everything that they refer to is in it. A file that
 * vanished since it was listed was replaced by another client, so the list is taken anew. Fails with `damaged`.
 */
export async function loadIndex(repository: Repository): Promise<BlobIndex> {
  const index = new BlobIndex();
  const turn = new Turn(repository.world.clock);
  const loaded = new Set<Id>();
  for (let isComplete = false; !isComplete; ) {
    isComplete = true;
    const ids = (await listIndexFiles(repository)).filter((id) => !loaded.has(id));
    for await (const { id, json } of loadAhead(repository, ids)) {
      loaded.add(id);
      if (json === undefined) isComplete = false;
      else await readFile(repository, id, json, turn, (entry) => index.addEntry(entry));
    }
  }
  return index;
}

export async function listIndexFiles({ backend }: Repository): Promise<Id[]> {
  const ids: Id[] = [];
  for await (const { name } of backend.list('index')) ids.push(name);
  return ids;
}

/** All that one file says. */
export async function loadIndexFile(repository: Repository, id: Id): Promise<IndexedPack[]> {
  const packs: IndexedPack[] = [];
  const json = await loadFileBytes(repository, 'index', id);
  await readFile(repository, id, json, new Turn(repository.world.clock), (entry) => {
    packs.push(indexedPack(entry));
    return [];
  });
  return packs;
}

interface Loaded {
  readonly id: Id;
  /** Undefined where the file has vanished. */
  readonly json: Uint8Array | undefined;
}

/** The files in this order; a few more are on their way while one is being read. */
async function* loadAhead(repository: Repository, ids: readonly Id[]): AsyncGenerator<Loaded> {
  const onTheirWay: Promise<Loaded>[] = [];
  for (const id of ids) {
    const loading = loadUnlessGone(repository, id);
    // What fails is told when its turn comes.
    loading.catch(() => undefined);
    onTheirWay.push(loading);
    if (onTheirWay.length >= limits.indexLoadsMax) yield await onTheirWay.shift()!;
  }
  for (const loading of onTheirWay) yield await loading;
}

async function loadUnlessGone(repository: Repository, id: Id): Promise<Loaded> {
  try {
    return { id, json: await loadFileBytes(repository, 'index', id) };
  } catch (error) {
    if (isFailure(error, 'not-found')) return { id, json: undefined };
    throw error;
  }
}

/** Hands every pack to `take`, which does its work in pieces. Others run between them. */
async function readFile(
  repository: Repository,
  id: Id,
  json: Uint8Array,
  turn: Turn,
  take: (entry: PackEntry) => Iterable<void>,
): Promise<void> {
  const pieces = readPieces(repository, json, take);
  while (!decodeFile('index', id, pieces, nextPiece).done) if (turn.isOver) await turn.pass();
}

const nextPiece = (pieces: Generator<void>): IteratorResult<void> => pieces.next();

function* readPieces(
  { config }: Repository,
  json: Uint8Array,
  take: (entry: PackEntry) => Iterable<void>,
): Generator<void> {
  for (const entry of readIndex(json)) {
    yield;
    if (entry === undefined) continue;
    if (config.version === 1 && entry.hasCompressed()) {
      throw new Error('it lists compressed blobs, which version 1 of the format does not know');
    }
    yield* take(entry);
  }
}
