/**
 * Walks the sources and stores what it finds: files as data blobs, each folder as a tree blob once all below it
 * is stored. An item that cannot be read is told and left out; the walk goes on.
 */
import { type ByteString, toText } from '../base/byte-string.ts';
import { Failure, isFailure, systemCode } from '../base/failure.ts';
import type { SealSettings } from '../compute/seal-blob.ts';
import { type BlobSink, storeBlob } from '../compute/store-blob.ts';
import { Turn } from '../compute/turn.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import { encodeTree } from '../format/tree.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { loadTree } from '../repo/load-blob.ts';
import type { Repository } from '../repo/repository.ts';
import type { Excluder } from '../source/exclude.ts';
import type { Item } from '../source/item.ts';
import { joinPath } from '../source/path.ts';
import { reading, type SourceFiles } from '../source/source-files.ts';
import type { TargetNode } from '../source/targets.ts';
import type { ContentStorer } from './archive-file.ts';
import { type BackupCounts, compareNodes, type ItemAction } from './backup-counts.ts';
import { nodeFromItem } from './node-from-item.ts';
import { type ChangeRule, isUnchanged } from './unchanged.ts';

/** Who hears what happens to each item. */
export interface ArchiveListener {
  began(path: ByteString): void;
  stored(path: ByteString, node: Node, action: ItemAction): void;
  failed(path: ByteString, error: unknown): void;
  changedWhileReading(path: ByteString): void;
  warned(path: ByteString, sentence: string): void;
}

export interface ArchiveParts {
  readonly repository: Repository;
  readonly index: BlobIndex;
  readonly sink: BlobSink;
  readonly settings: SealSettings;
  readonly files: SourceFiles;
  readonly storer: ContentStorer;
  readonly excluder: Excluder;
  readonly rule: ChangeRule;
  readonly counts: BackupCounts;
  readonly listener: ArchiveListener;
  readonly signal: AbortSignal;
}

export class TreeArchiver {
  readonly #parts: ArchiveParts;
  readonly #turn: Turn;

  constructor(parts: ArchiveParts) {
    this.#parts = parts;
    this.#turn = new Turn(parts.repository.world.clock);
  }

  /** Stores the targets and the folders above them; the id of the root tree, or undefined where nothing was found. */
  async saveTargets(root: TargetNode, parentTree: Id | undefined): Promise<Id | undefined> {
    const nodes = await this.#saveTargetChildren(root, parentTree);
    return nodes.length === 0 ? undefined : await this.#saveTree(nodes);
  }

  async #saveTargetChildren(target: TargetNode, parentTree: Id | undefined): Promise<Node[]> {
    const parents = await this.#parentNodes(parentTree);
    const nodes: Node[] = [];
    for (const child of target.children?.values() ?? []) {
      const node = await this.#saveTarget(child, parents.get(child.name));
      if (node !== undefined) nodes.push(node);
    }
    return nodes;
  }

  async #saveTarget(target: TargetNode, parent: Node | undefined): Promise<Node | undefined> {
    if (target.children === undefined)
      return await this.#saveItem(target.path, target.name, parent, target.isTarget);
    const { files, listener } = this.#parts;
    try {
      // Folders above a target are what the path leads to, links followed.
      const item = reading(target.path, () => files.followed(target.path, target.name));
      const nodes = await this.#saveTargetChildren(target, parent?.subtree);
      return await this.#finishFolder(target.path, item, nodes, parent);
    } catch (error) {
      this.#report(target.path, error);
      return undefined;
    } finally {
      listener.began(target.path);
    }
  }

  /** The node of an item that is stored, or undefined where it was left out. */
  async #saveItem(
    path: ByteString,
    name: ByteString,
    parent: Node | undefined,
    isTarget: boolean,
  ): Promise<Node | undefined> {
    const { signal, excluder, files, listener } = this.#parts;
    signal.throwIfAborted();
    if (this.#turn.isOver) await this.#turn.pass();
    if (!isTarget && excluder.byPath(path)) return undefined;
    try {
      const item = reading(path, () => files.item(path, name));
      if (!isTarget && excluder.byItem(path, item)) return undefined;
      for (const { error } of item.attributeErrors) listener.warned(path, `its attributes: ${error.message}`);
      listener.began(path);
      return await this.#saveByKind(path, item, parent);
    } catch (error) {
      // What vanished since its folder was listed was not there to be saved.
      if (!isTarget && isFailure(error, 'source-unreadable') && systemCode(error.cause) === 'ENOENT')
        return undefined;
      this.#report(path, error);
      return undefined;
    }
  }

  async #saveByKind(path: ByteString, item: Item, parent: Node | undefined): Promise<Node | undefined> {
    switch (item.kind) {
      case 'socket':
        return undefined;
      case 'dir':
        return await this.#saveFolder(path, item, parent);
      case 'file':
        return await this.#saveFile(path, item, parent);
      case 'irregular':
        throw new Failure('source-unreadable', {
          path: toText(path),
          why: 'it is of no kind that can be saved',
        });
      default:
        return this.#tell(path, nodeFromItem(item), parent);
    }
  }

  async #saveFolder(path: ByteString, item: Item, parent: Node | undefined): Promise<Node> {
    const names = reading(path, () => this.#parts.files.names(path));
    const parents = await this.#parentNodes(parent?.subtree);
    const nodes: Node[] = [];
    for (const name of names) {
      const node = await this.#saveItem(joinPath(path, name), name, parents.get(name), false);
      if (node !== undefined) nodes.push(node);
    }
    return await this.#finishFolder(path, item, nodes, parent);
  }

  async #finishFolder(
    path: ByteString,
    item: Item,
    nodes: readonly Node[],
    parent: Node | undefined,
  ): Promise<Node> {
    const node = nodeFromItem(item, { subtree: await this.#saveTree(nodes) });
    this.#parts.counts.dirs[compareNodes(node, parent)]++;
    return this.#tell(path, node, parent);
  }

  async #saveFile(path: ByteString, item: Item, parent: Node | undefined): Promise<Node> {
    const { rule, index, counts, listener, storer } = this.#parts;
    if (isUnchanged(item, parent, rule)) {
      const content = parent.content ?? [];
      if (content.every((id) => index.has('data', id))) {
        counts.bytesRead += item.sizeBytes;
        counts.countFile('unmodified', item.sizeBytes);
        const node = nodeFromItem(item, { content });
        listener.stored(path, node, 'unmodified');
        return node;
      }
      listener.warned(path, 'parts of it are missing in the repository; it is read again');
    }
    const read = await storer.storeFile(path, item);
    if (read.changed) {
      counts.changedWhileReading++;
      listener.changedWhileReading(path);
    }
    const node = nodeFromItem(read.item, { content: read.content, sizeBytes: read.sizeBytes });
    counts.countFile(compareNodes(node, parent), node.size);
    return this.#tell(path, node, parent);
  }

  #tell(path: ByteString, node: Node, parent: Node | undefined): Node {
    this.#parts.listener.stored(path, node, compareNodes(node, parent));
    return node;
  }

  async #saveTree(nodes: readonly Node[]): Promise<Id> {
    const { settings, sink, counts, storer } = this.#parts;
    const stored = storeBlob(settings, sink, 'tree', encodeTree(nodes));
    counts.countBlob('tree', stored);
    await storer.ready();
    return stored.id;
  }

  /** What the parent snapshot has in this folder. A tree that cannot be read makes all of it new, no more. */
  async #parentNodes(tree: Id | undefined): Promise<Map<ByteString, Node>> {
    if (tree === undefined) return new Map();
    const { repository, index } = this.#parts;
    try {
      const nodes = await loadTree(repository, index, tree);
      return new Map(nodes.map((node) => [node.name, node]));
    } catch (error) {
      if (!isFailure(error)) throw error;
      repository.world.log.warn('a tree of the parent snapshot cannot be read; its files are read again');
      return new Map();
    }
  }

  /** An item that cannot be read is one thing; a repository that fails, or a cancel, ends the run. */
  #report(path: ByteString, error: unknown): void {
    this.#parts.signal.throwIfAborted();
    if (!isFailure(error, 'source-unreadable')) throw error;
    this.#parts.counts.errors++;
    this.#parts.listener.failed(path, error);
  }
}
