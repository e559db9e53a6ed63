/**
 * Walks what a tree holds, in restic's order: each entry before what lies below it, names by their bytes. Keeps only
 * the folders on the way in memory. Used by all that lists, searches and counts.
 */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { damaged, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex } from './blob-index.ts';
import { loadTree } from './load-blob.ts';
import type { Repository } from './repository.ts';

export interface TreeEntry {
  /** From the root of the walk, beginning with `/`. */
  readonly path: ByteString;
  readonly node: Node;
  /** The tree that the node stands in. */
  readonly parentTree: Id;
}

export interface WalkOptions {
  /** Whether to go into a folder; all, where it is left out. It is asked after the folder itself was given out. */
  readonly mayEnter?: (entry: TreeEntry) => boolean;
  /** Hears of a tree that cannot be loaded; the walk goes on without it. Where it is left out, the walk fails. */
  readonly onBadTree?: (tree: Id, path: ByteString, error: unknown) => void;
  readonly signal?: AbortSignal | undefined;
}

interface OpenFolder {
  readonly nodes: readonly Node[];
  readonly tree: Id;
  /** Its path with a slash at the end. */
  readonly prefix: string;
  at: number;
}

/** Fails with `damaged` or `not-found` for a tree that cannot be loaded, and `damaged` for one without end. */
export async function* walkTree(
  repository: Repository,
  index: BlobIndex,
  root: Id,
  options: WalkOptions = {},
): AsyncGenerator<TreeEntry> {
  const { mayEnter = () => true, onBadTree, signal } = options;
  const open: OpenFolder[] = [];

  async function enter(tree: Id, path: string): Promise<void> {
    if (open.length >= limits.treeDepthMax) throw tooDeep(tree);
    try {
      const prefix = path === '/' ? path : `${path}/`;
      open.push({ nodes: await loadTree(repository, index, tree), tree, prefix, at: 0 });
    } catch (error) {
      if (onBadTree === undefined || !isFailure(error) || error.code === 'cancelled') throw error;
      onBadTree(tree, fromLatin1(path), error);
    }
  }

  await enter(root, '/');
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    signal?.throwIfAborted();
    const node = folder.nodes[folder.at++];
    if (node === undefined) {
      open.pop();
      continue;
    }
    const entry = { path: fromLatin1(folder.prefix + node.name), node, parentTree: folder.tree };
    yield entry;
    if (node.type === 'dir' && mayEnter(entry)) await enter(subtreeOf(node, folder.tree), entry.path);
  }
}

/** A folder's tree. Fails with `damaged` where it has none. */
export function subtreeOf(node: Node, parentTree: Id): Id {
  if (node.subtree === undefined) throw damaged('tree', parentTree, 'a folder in it has no tree');
  return node.subtree;
}

export function tooDeep(tree: Id): Error {
  return damaged('tree', tree, `it lies more than ${limits.treeDepthMax} folders deep`);
}
