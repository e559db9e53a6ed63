/**
 * The trees half of a check: every snapshot loads, and every tree below it is whole and refers only to what is there.
 * Each tree is looked at once, however many snapshots share it; what is remembered of it is its id.
 */
import { type ByteString, toText } from '../base/byte-string.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { Turn } from '../compute/turn.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import type { Repository } from '../repo/repository.ts';
import { loadSnapshot } from '../repo/snapshots.ts';
import { TreeReader } from '../repo/tree-reader.ts';
import { BlobSet } from './blob-set.ts';
import { type CheckTelling, whyOf } from './check-telling.ts';

export async function checkSnapshots(
  repository: Repository,
  index: BlobIndex,
  snapshotIds: readonly Id[],
  telling: CheckTelling,
  signal: AbortSignal,
): Promise<void> {
  const trees = new TreeCheck(repository, index, telling, signal);
  telling.begin('snapshots', snapshotIds.length);
  for (const id of snapshotIds) {
    signal.throwIfAborted();
    const root = await rootOf(repository, id, telling);
    if (root !== undefined) await trees.check(root);
    telling.advance();
  }
}

async function rootOf(repository: Repository, id: Id, telling: CheckTelling): Promise<Id | undefined> {
  try {
    return (await loadSnapshot(repository, id)).tree;
  } catch (error) {
    // Gone since it was listed: where no lock is held, another client may remove it.
    if (!isFailure(error, 'not-found'))
      telling.error('snapshot-unreadable', { snapshot: id, why: whyOf(error) });
    return undefined;
  }
}

class TreeCheck {
  readonly #reader: TreeReader;
  readonly #index: BlobIndex;
  readonly #telling: CheckTelling;
  readonly #signal: AbortSignal;
  readonly #turn: Turn;
  readonly #seen = new BlobSet();

  constructor(repository: Repository, index: BlobIndex, telling: CheckTelling, signal: AbortSignal) {
    this.#reader = new TreeReader(repository, index);
    this.#index = index;
    this.#telling = telling;
    this.#signal = signal;
    this.#turn = new Turn(repository.world.clock, limits.walkTurnMsMax);
  }

  async check(root: Id): Promise<void> {
    const waiting: { tree: Id; depth: number }[] = [];
    const add = (tree: Id, depth: number): void => {
      if (this.#seen.add('tree', tree)) waiting.push({ tree, depth });
    };
    add(root, 1);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      this.#signal.throwIfAborted();
      // Threads that prove packs get their bytes from this one.
      if (this.#turn.isOver) await this.#turn.pass();
      const { tree, depth } = next;
      if (depth > limits.treeDepthMax) {
        this.#telling.error('tree-too-deep', { tree, depthMax: limits.treeDepthMax });
        continue;
      }
      for (const node of await this.#load(tree)) {
        this.#checkNode(tree, node);
        if (node.type === 'dir' && node.subtree !== undefined) add(node.subtree, depth + 1);
      }
    }
  }

  async #load(tree: Id): Promise<readonly Node[]> {
    if (!this.#index.has('tree', tree)) {
      this.#telling.error('tree-missing', { tree });
      return [];
    }
    try {
      return await this.#reader.nodes(tree);
    } catch (error) {
      this.#telling.error('tree-unreadable', { tree, why: whyOf(error) });
      return [];
    }
  }

  #checkNode(tree: Id, node: Node): void {
    const name = toText(node.name);
    if (isUnsafe(node.name)) this.#telling.error('name-unsafe', { tree, name });
    if (node.type === 'dir' && node.subtree === undefined)
      this.#telling.error('folder-without-tree', { tree, name });
    if (node.type === 'file') this.#checkContent(tree, node, name);
  }

  #checkContent(tree: Id, node: Node, name: string): void {
    let contentBytes = 0;
    const missing: Id[] = [];
    for (const id of node.content ?? []) {
      const bytes = this.#index.plainBytes('data', id);
      if (bytes === undefined) missing.push(id);
      else contentBytes += bytes;
    }
    if (missing[0] !== undefined) {
      this.#telling.error('blob-missing', { tree, name, blob: missing[0], count: missing.length });
    } else if (contentBytes !== node.size) {
      // A hint only: restic passes over it, and old snapshots that have it cannot be mended.
      this.#telling.hint('size-differs', { tree, name, sizeBytes: node.size, contentBytes });
    }
  }
}

function isUnsafe(name: ByteString): boolean {
  return name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0');
}
