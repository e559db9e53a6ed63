/** The index half of a check: loads every index file, and compares what they say with the packs that are there. */
import type { StoredFile } from '../backend/backend.ts';
import { isFailure } from '../base/failure.ts';
import { type Id, idBytes, idOf } from '../format/id.ts';
import type { PackEntry } from '../format/index-file.ts';
import { packBytes } from '../format/pack-header.ts';
import { BlobIndex } from '../repo/blob-index.ts';
import { blobsIn, listIndexes, readIndexFile } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import { type CheckTelling, whyOf } from './check-telling.ts';

/** What the index says about one pack, without its blobs: there may be very many of them. */
export interface PackFacts {
  readonly blobCount: number;
  /** The size that the file must have. */
  readonly expectedBytes: number;
}

export interface CheckedIndex {
  readonly index: BlobIndex;
  readonly packs: ReadonlyMap<Id, PackFacts>;
}

interface PackSeen extends PackFacts {
  readonly isMixed: boolean;
  /** Of all its blobs and their places. */
  readonly digest: Id;
  indexes: number;
  isContradicted: boolean;
}

/** Of each blob: its id, its type, and three numbers. */
const digestedBytes = idBytes + 1 + 3 * 4;

/** A file that vanishes meanwhile was replaced by another client (which can be only where no lock is held). */
export async function checkIndexes(
  repository: Repository,
  telling: CheckTelling,
  signal: AbortSignal,
): Promise<CheckedIndex> {
  const index = new BlobIndex();
  const seen = new Map<Id, PackSeen>();
  const done = new Set<Id>();
  for (let isComplete = false; !isComplete; ) {
    isComplete = true;
    const files = await listIndexes(repository);
    index.reserve(blobsIn(files));
    telling.begin('index', files.length);
    for (const { name: id } of files) {
      signal.throwIfAborted();
      telling.advance();
      if (done.has(id)) continue;
      done.add(id);
      try {
        await readIndexFile(repository, id, (entry) => addPack(index, seen, entry));
      } catch (error) {
        if (isFailure(error, 'not-found')) isComplete = false;
        else telling.error('index-unreadable', { index: id, why: whyOf(error) });
      }
    }
  }
  for (const [pack, facts] of seen) {
    if (facts.isContradicted) telling.error('pack-entries-differ', { pack });
    else if (facts.indexes > 1) telling.hint('pack-in-several-indexes', { pack, indexes: facts.indexes });
    if (facts.isMixed) telling.hint('pack-mixed', { pack });
  }
  return { index, packs: seen };
}

function addPack(index: BlobIndex, seen: Map<Id, PackSeen>, entry: PackEntry): Iterable<void> {
  const id = entry.id.toString('hex');
  const digest = digestOf(entry);
  const known = seen.get(id);
  if (known !== undefined) {
    known.indexes++;
    if (known.digest === digest) return [];
    known.isContradicted = true;
    // All that either says is in the pack counts as there: what is missing is another finding.
    return index.addEntry(entry);
  }
  const blobs = Array.from({ length: entry.blobCount }, (_, blob) => blob);
  seen.set(id, {
    blobCount: entry.blobCount,
    expectedBytes: packBytes(blobs.map((blob) => lengthsOf(entry, blob))),
    isMixed: blobs.some((blob) => entry.typeOf(blob) !== entry.typeOf(0)),
    digest,
    indexes: 1,
    isContradicted: false,
  });
  return index.addEntry(entry);
}

function lengthsOf(entry: PackEntry, blob: number): { length: number; plainLength: number } {
  return { length: entry.lengthOf(blob), plainLength: entry.plainLengthOf(blob) };
}

/** The same for the same blobs at the same places, in whatever order they stand. */
function digestOf(entry: PackEntry): Id {
  const { ids, blobCount } = entry;
  const blobs = Array.from({ length: blobCount }, (_, blob) => blob);
  blobs.sort((a, b) => entry.offsetOf(a) - entry.offsetOf(b));
  const bytes = Buffer.alloc(blobCount * digestedBytes);
  for (const [at, blob] of blobs.entries()) {
    const start = at * digestedBytes;
    ids.copy(bytes, start, blob * idBytes, (blob + 1) * idBytes);
    bytes.writeUInt8(entry.typeOf(blob) === 'tree' ? 1 : 0, start + idBytes);
    bytes.writeUInt32LE(entry.offsetOf(blob), start + idBytes + 1);
    bytes.writeUInt32LE(entry.lengthOf(blob), start + idBytes + 5);
    bytes.writeUInt32LE(entry.plainLengthOf(blob), start + idBytes + 9);
  }
  return idOf(bytes);
}

/** The packs that are both in the index and in the repository, with the size that they have. */
export async function checkPackList(
  repository: Repository,
  packs: ReadonlyMap<Id, PackFacts>,
  telling: CheckTelling,
  signal: AbortSignal,
): Promise<StoredFile[]> {
  telling.begin('packs', packs.size);
  const found = new Map<Id, StoredFile>();
  for await (const file of repository.backend.list('pack', signal)) {
    signal.throwIfAborted();
    const facts = packs.get(file.name);
    if (facts === undefined) {
      telling.hint('pack-unreferenced', { pack: file.name, sizeBytes: file.sizeBytes });
      continue;
    }
    telling.advance();
    found.set(file.name, file);
    if (file.sizeBytes === facts.expectedBytes) continue;
    const { expectedBytes } = facts;
    telling.error('pack-size', { pack: file.name, sizeBytes: file.sizeBytes, expectedBytes });
  }
  for (const pack of packs.keys()) if (!found.has(pack)) telling.error('pack-missing', { pack });
  return [...found.values()];
}
