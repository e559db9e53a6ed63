/**
 * Loads every index file of a repository into one blob index: fetched ahead a few at a time, read pack by pack, and
 * with turns for others in between.
 */
import type { StoredFile } from '../backend/backend.ts';
import { isFailure } from '../base/failure.ts';
import { giveBack } from '../base/give-back.ts';
import { inAdvance } from '../base/in-advance.ts';
import { limits } from '../base/limits.ts';
import { Turn } from '../compute/turn.ts';
import { type Id, shortId } from '../format/id.ts';
import { type PackEntry, readIndex } from '../format/index-file.ts';
import { BlobIndex } from './blob-index.ts';
import type { Repository } from './repository.ts';
import { decodeFile, fetchFile, type SealedFile, unpackFile, unsealFile } from './unpacked-files.ts';

export interface LoadedIndex {
  readonly index: BlobIndex;
  /** The files that it is made of. */
  readonly ids: ReadonlySet<Id>;
  /** Packs that they name and that were left out. */
  readonly leftOut: ReadonlySet<Id>;
}

/**
 * Snapshots must be listed before the index is loaded: then everything that they refer to is in it. A file that
 * vanished since it was listed was replaced by another client, so the list is taken anew. Fails with `damaged`.
 */
export async function loadIndex(repository: Repository): Promise<BlobIndex> {
  return (await loadIndexFiles(repository)).index;
}

export interface IndexWanted {
  /** What a listing of just now named. */
  readonly listed?: readonly StoredFile[];
  /** Packs that are known to be gone: left out, whatever index names them. */
  readonly gonePacks?: ReadonlySet<Id>;
  /**
   * A file that is damaged is told and left out: for whoever stores again what no index names. A store may cut off what it
   * takes, and nobody could ever back up to it again.
   */
  readonly passesOverDamaged?: boolean;
}

/** The same, and which files it is made of. */
export async function loadIndexFiles(
  repository: Repository,
  { gonePacks = new Set(), passesOverDamaged = false, listed }: IndexWanted = {},
): Promise<LoadedIndex> {
  const index = new BlobIndex();
  const turn = new Turn(repository.world.clock);
  const loaded = new Set<Id>();
  const gone = new Set<Id>();
  const leftOut = new Set<Id>();
  const addPack = (entry: PackEntry): Iterable<void> => {
    const id = gonePacks.size > 0 ? entry.id.toString('hex') : '';
    if (!gonePacks.has(id)) return index.addEntry(entry);
    leftOut.add(id);
    return [];
  };
  for (let isComplete = false, known = listed; !isComplete; known = undefined) {
    isComplete = true;
    const files = known ?? (await listIndexes(repository));
    index.reserve(blobsIn(files));
    const ids = files.map(({ name }) => name).filter((id) => !loaded.has(id));
    const fetch = (id: Id): Promise<Fetched> => fetchUnlessGone(repository, id, passesOverDamaged);
    for await (const [id, file] of inAdvance(ids, limits.indexLoadsMax, fetch)) {
      loaded.add(id);
      if (file === undefined) isComplete = false;
      if (file === undefined || file === 'damaged') gone.add(id);
      else await readFile(repository, file, turn, addPack);
    }
  }
  return { index, ids: new Set([...loaded].filter((id) => !gone.has(id))), leftOut };
}

export async function listIndexFiles(repository: Repository): Promise<Id[]> {
  return (await listIndexes(repository)).map(({ name }) => name);
}

export async function listIndexes({ backend }: Pick<Repository, 'backend'>): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const file of backend.list('index')) files.push(file);
  return files;
}

/** About how many blobs index files of these sizes name. */
export function blobsIn(files: readonly StoredFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + Math.ceil(sizeBytes / limits.indexedBlobBytes), 0);
}

/** Reads one file pack by pack: `take` keeps nothing of an entry, and does its work in pieces. */
export async function readIndexFile(
  repository: Repository,
  id: Id,
  take: (entry: PackEntry) => Iterable<void>,
): Promise<void> {
  const file = await fetchFile(repository, 'index', id);
  await readFile(repository, file, new Turn(repository.world.clock), take);
}

/** Undefined where the file has vanished. */
type Fetched = SealedFile | 'damaged' | undefined;

async function fetchUnlessGone(repository: Repository, id: Id, passesOverDamaged: boolean): Promise<Fetched> {
  try {
    return await fetchFile(repository, 'index', id);
  } catch (error) {
    if (isFailure(error, 'not-found')) return undefined;
    if (!passesOverDamaged || !isFailure(error, 'damaged')) throw error;
    repository.world.log.warn(
      `index ${shortId(id)} is damaged; what it named is stored again where it is needed`,
    );
    return 'damaged';
  }
}

/** Hands every pack to `take`, which does its work in pieces. Others run between them. The file's bytes are gone afterwards. */
async function readFile(
  repository: Repository,
  file: SealedFile,
  turn: Turn,
  take: (entry: PackEntry) => Iterable<void>,
): Promise<void> {
  await turn.pass();
  const plaintext = unsealFile(repository, file);
  await turn.pass();
  const json = unpackFile(file, plaintext);
  giveBack(file.bytes);
  await turn.pass();
  const pieces = readPieces(repository, json, take);
  while (!decodeFile('index', file.id, pieces, nextPiece).done) if (turn.isOver) await turn.pass();
  giveBack(json);
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
