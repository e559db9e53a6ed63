/** Compares two trees, as restic's `diff` does: what was added, removed and changed, and what that takes in blobs. */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { loadTree } from '../repo/load-blob.ts';
import type { Repository } from '../repo/repository.ts';
import { subtreeOf, tooDeep } from '../repo/walk-tree.ts';
import { BlobSet } from './blob-set.ts';
import { isSameNode } from './same-node.ts';

export interface DiffChange {
  /** Below the compared folders, with a slash at the end for a folder. */
  readonly path: ByteString;
  /**
   * `+` added, `-` removed; or one after the other `T` other type, `M` other content, `?` though all else is the
   * same (the disk may have lost it), `U` other metadata.
   */
  readonly modifier: string;
}

/** What is on one side only. */
export interface DiffCounts {
  files: number;
  dirs: number;
  others: number;
  dataBlobs: number;
  treeBlobs: number;
  /** Of the blobs, before compression; one that no index knows counts none. */
  bytes: number;
}

export interface DiffStatistics {
  readonly changedFiles: number;
  readonly added: Readonly<DiffCounts>;
  readonly removed: Readonly<DiffCounts>;
}

export interface DiffListener {
  change(change: DiffChange): void;
  /** The folder at the path cannot be loaded on one side; the comparison goes on without it. */
  failed(path: ByteString, error: unknown): void;
}

export interface DiffOptions {
  /** Tell of changes in metadata alone, too. */
  readonly metadata?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** `before` and `after` are trees. Fails where one of these two cannot be loaded. */
export async function diffTrees(
  repository: Repository,
  index: BlobIndex,
  before: Id,
  after: Id,
  listener: DiffListener,
  options: DiffOptions = {},
): Promise<DiffStatistics> {
  const comparison = new Comparison(repository, index, listener, options);
  return await comparison.run(before, after);
}

/** One of the two sides: what is there only, and every blob that it uses. */
interface Side {
  readonly modifier: '+' | '-';
  readonly counts: DiffCounts;
  readonly blobs: BlobSet;
}

function makeSide(modifier: '+' | '-'): Side {
  const counts = { files: 0, dirs: 0, others: 0, dataBlobs: 0, treeBlobs: 0, bytes: 0 };
  return { modifier, counts, blobs: new BlobSet() };
}

class Comparison {
  readonly #repository: Repository;
  readonly #index: BlobIndex;
  readonly #listener: DiffListener;
  readonly #metadata: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #before = makeSide('-');
  readonly #after = makeSide('+');
  /** What lies in folders that are the same on both sides. */
  readonly #common = new BlobSet();
  readonly #collected = new BlobSet();
  #changedFiles = 0;

  constructor(repository: Repository, index: BlobIndex, listener: DiffListener, options: DiffOptions) {
    this.#repository = repository;
    this.#index = index;
    this.#listener = listener;
    this.#metadata = options.metadata ?? false;
    this.#signal = options.signal;
  }

  async run(before: Id, after: Id): Promise<DiffStatistics> {
    this.#before.blobs.add('tree', before);
    this.#after.blobs.add('tree', after);
    await this.#compare('/', before, after, 1);
    this.#countBlobs(this.#before, this.#after);
    this.#countBlobs(this.#after, this.#before);
    return {
      changedFiles: this.#changedFiles,
      added: this.#after.counts,
      removed: this.#before.counts,
    };
  }

  async #compare(prefix: string, before: Id, after: Id, depth: number): Promise<void> {
    const nodesBefore = await this.#load(before, depth);
    const nodesAfter = await this.#load(after, depth);
    for (const [old, now] of pairs(nodesBefore, nodesAfter)) {
      if (old !== undefined) addBlobs(this.#before.blobs, old);
      if (now !== undefined) addBlobs(this.#after.blobs, now);
      if (old !== undefined && now !== undefined)
        await this.#compareNodes(prefix, old, now, [before, after], depth);
      else if (old !== undefined) await this.#tellOneSided(this.#before, prefix, old, before, depth);
      else if (now !== undefined) await this.#tellOneSided(this.#after, prefix, now, after, depth);
    }
  }

  async #compareNodes(
    prefix: string,
    old: Node,
    now: Node,
    trees: readonly [Id, Id],
    depth: number,
  ): Promise<void> {
    const path = pathOf(prefix, now);
    const modifier = this.#modifierOf(old, now);
    if (modifier !== '') this.#listener.change({ path, modifier });
    if (old.type !== 'dir' || now.type !== 'dir') return;
    await this.#guard(path, async () => {
      const [before, after] = [subtreeOf(old, trees[0]), subtreeOf(now, trees[1])];
      if (before === after) await this.#collect(before, depth + 1);
      else await this.#compare(path, before, after, depth + 1);
    });
  }

  #modifierOf(old: Node, now: Node): string {
    const type = old.type === now.type ? '' : 'T';
    if (old.type === 'file' && now.type === 'file' && !isSameList(old.content ?? [], now.content ?? [])) {
      this.#changedFiles++;
      return isSameNode({ ...old, content: [] }, { ...now, content: [] }) ? 'M?' : 'M';
    }
    return this.#metadata && !isSameNode(old, now) ? `${type}U` : type;
  }

  /** What is on one side only, and all below it. */
  async #tellOneSided(side: Side, prefix: string, node: Node, tree: Id, depth: number): Promise<void> {
    const path = pathOf(prefix, node);
    this.#listener.change({ path, modifier: side.modifier });
    addBlobs(side.blobs, node);
    if (node.type === 'file') side.counts.files++;
    else if (node.type !== 'dir') side.counts.others++;
    else {
      side.counts.dirs++;
      await this.#guard(path, async () => {
        const subtree = subtreeOf(node, tree);
        for (const child of await this.#load(subtree, depth + 1)) {
          await this.#tellOneSided(side, path, child, subtree, depth + 1);
        }
      });
    }
  }

  /** A folder that is the same on both sides is only looked through for its blobs, and once. */
  async #collect(tree: Id, depth: number): Promise<void> {
    if (!this.#collected.add('tree', tree)) return;
    for (const node of await this.#load(tree, depth)) {
      addBlobs(this.#common, node);
      if (node.type === 'dir') await this.#collect(subtreeOf(node, tree), depth + 1);
    }
  }

  async #load(tree: Id, depth: number): Promise<readonly Node[]> {
    this.#signal?.throwIfAborted();
    if (depth > limits.treeDepthMax) throw tooDeep(tree);
    return await loadTree(this.#repository, this.#index, tree);
  }

  async #guard(path: ByteString, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isFailure(error) || error.code === 'cancelled' || error.code === 'lock-lost') throw error;
      this.#listener.failed(path, error);
    }
  }

  /** Blobs of one side that neither the other nor what is common to both uses. */
  #countBlobs(side: Side, other: Side): void {
    for (const { type, id } of side.blobs) {
      if (other.blobs.has(type, id) || this.#common.has(type, id)) continue;
      if (type === 'tree') side.counts.treeBlobs++;
      else side.counts.dataBlobs++;
      side.counts.bytes += this.#index.plainBytes(type, id) ?? 0;
    }
  }
}

function addBlobs(blobs: BlobSet, node: Node): void {
  for (const id of node.content ?? []) blobs.add('data', id);
  if (node.type === 'dir' && node.subtree !== undefined) blobs.add('tree', node.subtree);
}

/** Walks two sorted lists side by side. */
function* pairs(a: readonly Node[], b: readonly Node[]): Generator<[Node | undefined, Node | undefined]> {
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [one, other] = [a[i], b[j]];
    const isOneFirst = other === undefined || (one !== undefined && one.name <= other.name);
    const isOtherFirst = one === undefined || (other !== undefined && other.name <= one.name);
    if (isOneFirst) i++;
    if (isOtherFirst) j++;
    yield [isOneFirst ? one : undefined, isOtherFirst ? other : undefined];
  }
}

function pathOf(prefix: string, node: Node): ByteString {
  return fromLatin1(`${prefix}${node.name}${node.type === 'dir' ? '/' : ''}`);
}

function isSameList(a: readonly Id[], b: readonly Id[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
