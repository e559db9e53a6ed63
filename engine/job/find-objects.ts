/** Searches snapshots for the files and folders that use certain blobs, trees or packs: for troubleshooting. */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { type Id, isId } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';
import type { BlobIndex, BlobLocation } from '../repo/blob-index.ts';
import type { Repository } from '../repo/repository.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';
import { walkTree } from '../repo/walk-tree.ts';
import { BlobSet } from './blob-set.ts';
import type { OnBadTree } from './find.ts';

export type ObjectKind = 'blob' | 'tree' | 'pack';

export interface FoundObject {
  readonly snapshot: NamedSnapshot;
  readonly kind: 'blob' | 'tree';
  readonly id: Id;
  /** Of the file that the blob belongs to, or of the folder. */
  readonly path: ByteString;
  /** The tree that the file stands in; a blob has one. */
  readonly parentTree?: Id;
}

/**
 * The blobs and trees that are meant by ids, or beginnings of ids, of blobs, trees or packs. A whole id of a blob or
 * tree need not be known: it may be one that is missing. Fails with `not-found` or `usage`.
 */
export function chooseObjects(index: BlobIndex, kind: ObjectKind, names: readonly string[]): BlobSet {
  const chosen = new BlobSet();
  const beginnings: string[] = [];
  for (const name of names) {
    if (!/^[0-9a-f]{1,64}$/.test(name)) throw new Failure('usage', { why: `"${name}" is not an id.` });
    if (kind !== 'pack' && isId(name)) chosen.add(kind === 'tree' ? 'tree' : 'data', name);
    else beginnings.push(name);
  }
  if (beginnings.length === 0) return chosen;
  const found = new Set<string>();
  const type: BlobType | undefined = kind === 'pack' ? undefined : kind === 'tree' ? 'tree' : 'data';
  for (const blob of index.blobs()) {
    if (type !== undefined && blob.type !== type) continue;
    const id = kind === 'pack' ? blob.packId : blob.id;
    for (const beginning of beginnings) {
      if (!id.startsWith(beginning)) continue;
      found.add(beginning);
      chosen.add(blob.type, blob.id);
    }
  }
  for (const beginning of beginnings) {
    if (!found.has(beginning)) throw new Failure('not-found', { what: kind, id: beginning });
  }
  return chosen;
}

/** Every use of the chosen blobs and trees, snapshot by snapshot in the order given. */
export async function* findObjects(
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly NamedSnapshot[],
  chosen: BlobSet,
  onBadTree: OnBadTree,
  signal?: AbortSignal,
): AsyncGenerator<FoundObject> {
  for (const snapshot of snapshots) {
    if (chosen.has('tree', snapshot.tree)) {
      yield { snapshot, kind: 'tree', id: snapshot.tree, path: fromLatin1('/') };
    }
    const walk = walkTree(repository, index, snapshot.tree, {
      onBadTree: (tree, path, error) => onBadTree(snapshot, tree, path, error),
      signal,
    });
    for await (const { path, node, parentTree } of walk) {
      if (node.subtree !== undefined && chosen.has('tree', node.subtree)) {
        yield { snapshot, kind: 'tree', id: node.subtree, path };
      }
      for (const id of node.content ?? []) {
        if (chosen.has('data', id)) yield { snapshot, kind: 'blob', id, path, parentTree };
      }
    }
  }
}

/** Where the chosen blobs and trees lie; one that no index knows has no place. */
export function* placesOf(index: BlobIndex, chosen: BlobSet): Generator<BlobLocation> {
  for (const { type, id } of chosen) yield* index.locate(type, id);
}
