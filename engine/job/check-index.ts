/** The index half of a check: loads every index file, and compares what they say with the packs that are there. */
import type { StoredFile } from '../backend/backend.ts';
import { isFailure } from '../base/failure.ts';
import { type Id, idOf } from '../format/id.ts';
import type { IndexedPack } from '../format/index-file.ts';
import { type PackBlob, packBytes } from '../format/pack-header.ts';
import { BlobIndex } from '../repo/blob-index.ts';
import { listIndexFiles, loadIndexFile } from '../repo/load-index.ts';
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
    const ids = await listIndexFiles(repository);
    telling.begin('index', ids.length);
    for (const id of ids) {
      signal.throwIfAborted();
      telling.advance();
      if (done.has(id)) continue;
      done.add(id);
      try {
        for (const pack of await loadIndexFile(repository, id)) addPack(index, seen, pack);
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

function addPack(index: BlobIndex, seen: Map<Id, PackSeen>, pack: IndexedPack): void {
  const digest = digestOf(pack.blobs);
  const known = seen.get(pack.id);
  if (known !== undefined) {
    known.indexes++;
    if (known.digest === digest) return;
    known.isContradicted = true;
    // All that either says is in the pack counts as there: what is missing is another finding.
    index.addPack(pack);
    return;
  }
  index.addPack(pack);
  seen.set(pack.id, {
    blobCount: pack.blobs.length,
    expectedBytes: packBytes(pack.blobs),
    isMixed: pack.blobs.some((blob) => blob.type !== pack.blobs[0]!.type),
    digest,
    indexes: 1,
    isContradicted: false,
  });
}

/** The same for the same blobs at the same places, in whatever order they stand. */
function digestOf(blobs: readonly PackBlob[]): Id {
  const byOffset = [...blobs].sort((a, b) => a.offset - b.offset);
  const lines = byOffset.map((b) => `${b.type} ${b.id} ${b.offset} ${b.length} ${b.plainLength}\n`);
  return idOf(Buffer.from(lines.join('')));
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
