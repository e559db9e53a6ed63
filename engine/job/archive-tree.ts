/**
 * Walks the sources and stores what it finds: files as data blobs, each folder as a tree blob once all below it
 * is stored. An item that cannot be read is told and left out; the walk goes on.
 */
import { type ByteString, toText } from '../base/byte-string.ts';
import { Failure, isFailure, systemCode } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { FileOutcome } from '../compute/store-skill.ts';
import { Turn } from '../compute/turn.ts';
import { type Id, idOf } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import { encodeTree } from '../format/tree.ts';
import type { FinishedFiles } from '../journal/file-records.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import type { Repository } from '../repo/repository.ts';
import { TreeReader } from '../repo/tree-reader.ts';
import type { Excluder } from '../source/exclude.ts';
import type { Item } from '../source/item.ts';
import { joinPath } from '../source/path.ts';
import { reading, type SourceFiles } from '../source/source-files.ts';
import type { TargetNode } from '../source/targets.ts';
import { AheadQueues } from './archive-ahead.ts';
import { type BackupCounts, compareNodes, type ItemAction } from './backup-counts.ts';
import { nodeFromItem } from './node-from-item.ts';
import { OpenFolder, type Place } from './open-folder.ts';
import { type ChangeRule, isAsRead, isUnchanged } from './unchanged.ts';

/** Who hears what happens to each item. */
export interface ArchiveListener {
  began(path: ByteString): void;
  stored(path: ByteString, node: Node, action: ItemAction): void;
  failed(path: ByteString, error: unknown): void;
  changedWhileReading(path: ByteString): void;
  warned(path: ByteString, sentence: string): void;
}

/** An item that may turn out to be unreadable. */
interface Missed {
  readonly path: ByteString;
  readonly isTarget: boolean;
  readonly place: Place;
}

export interface ArchiveParts {
  readonly repository: Repository;
  readonly index: BlobIndex;
  readonly store: BlobStore;
  readonly files: SourceFiles;
  readonly excluder: Excluder;
  readonly rule: ChangeRule;
  readonly counts: BackupCounts;
  readonly listener: ArchiveListener;
  readonly signal: AbortSignal;
  /** Files that an earlier run read to their end. */
  readonly finished?: FinishedFiles | undefined;
  /** Hears of each file that was read to its end, and did not change meanwhile. */
  readonly note?: ((path: ByteString, item: Item, content: readonly Id[]) => void) | undefined;
}

export class TreeArchiver {
  readonly #parts: ArchiveParts;
  readonly #turn: Turn;
  readonly #ahead: AheadQueues;
  readonly #parents: TreeReader;

  constructor(parts: ArchiveParts) {
    this.#parts = parts;
    this.#turn = new Turn(parts.repository.world.clock, limits.walkTurnMsMax);
    this.#ahead = new AheadQueues(parts.store);
    this.#parents = new TreeReader(parts.repository, parts.index);
  }

  /** Stores the targets and the folders above them; the id of the root tree, or undefined where nothing was found. */
  async saveTargets(root: TargetNode, parentTree: Id | undefined): Promise<Id | undefined> {
    let id: Id | undefined;
    const top = new OpenFolder((nodes) => {
      if (nodes.length > 0) id = this.#saveTree(nodes, () => undefined);
    });
    await this.#walkTargets(root, parentTree, top);
    await this.#ahead.drained();
    return id;
  }

  async #walkTargets(target: TargetNode, parentTree: Id | undefined, folder: OpenFolder): Promise<void> {
    const parents = await this.#parentNodes(parentTree);
    for (const child of target.children?.values() ?? []) {
      await this.#saveTarget(child, parents.get(child.name), folder.place());
    }
    folder.end();
  }

  async #saveTarget(target: TargetNode, parent: Node | undefined, place: Place): Promise<void> {
    const { path, name, isTarget, children } = target;
    if (children === undefined) return await this.#saveItem(path, name, parent, isTarget, place);
    const { files, listener } = this.#parts;
    try {
      // Folders above a target are what the path leads to, links followed.
      const item = reading(path, () => files.followed(path, name));
      const folder = new OpenFolder((nodes) => this.#finishFolder(path, item, nodes, parent, place));
      await this.#walkTargets(target, parent?.subtree, folder);
    } catch (error) {
      this.#report(path, error);
      place(undefined);
    } finally {
      listener.began(path);
    }
  }

  /** Sees to it that the place gets its node, or nothing where the item is left out. */
  async #saveItem(
    path: ByteString,
    name: ByteString,
    parent: Node | undefined,
    isTarget: boolean,
    place: Place,
  ): Promise<void> {
    const { signal, excluder, files, listener, store } = this.#parts;
    signal.throwIfAborted();
    if (this.#turn.isOver) {
      this.#ahead.flush();
      await this.#turn.pass();
      await store.writeDueIndex();
    }
    if (!isTarget && excluder.byPath(path)) return place(undefined);
    const missed: Missed = { path, isTarget, place };
    let item: Item;
    try {
      item = reading(path, () => files.item(path, name));
    } catch (error) {
      return this.#miss(missed, error);
    }
    if (!isTarget && excluder.byItem(path, item)) return place(undefined);
    for (const { error } of item.attributeErrors) listener.warned(path, `its attributes: ${error.message}`);
    listener.began(path);
    if (item.kind === 'file') return await this.#saveFile(missed, item, parent);
    if (item.kind === 'dir') return await this.#saveFolder(missed, item, parent);
    if (item.kind === 'socket') return place(undefined);
    if (item.kind === 'irregular') {
      const why = 'it is of no kind that can be saved';
      return this.#miss(missed, new Failure('source-unreadable', { path: toText(path), why }));
    }
    const node = nodeFromItem(item);
    listener.stored(path, node, compareNodes(node, parent));
    place(node);
  }

  async #saveFolder(at: Missed, item: Item, parent: Node | undefined): Promise<void> {
    const { path, place } = at;
    let names: ByteString[];
    try {
      names = reading(path, () => this.#parts.files.names(path));
    } catch (error) {
      return this.#miss(at, error);
    }
    const parents = await this.#parentNodes(parent?.subtree);
    const folder = new OpenFolder((nodes) => this.#finishFolder(path, item, nodes, parent, place));
    for (const name of names) {
      await this.#saveItem(joinPath(path, name), name, parents.get(name), false, folder.place());
    }
    folder.end();
  }

  #finishFolder(
    path: ByteString,
    item: Item,
    nodes: readonly Node[],
    parent: Node | undefined,
    place: Place,
  ): void {
    const { counts, listener } = this.#parts;
    let node: Node | undefined;
    const subtree = this.#saveTree(nodes, (stored) => {
      node ??= nodeFromItem(item, { subtree: stored });
      const action = compareNodes(node, parent);
      counts.dirs[action]++;
      listener.stored(path, node, action);
    });
    node ??= nodeFromItem(item, { subtree });
    place(node);
  }

  async #saveFile(at: Missed, item: Item, parent: Node | undefined): Promise<void> {
    const { rule, index, counts, listener } = this.#parts;
    const { path, place } = at;
    if (isUnchanged(item, parent, rule)) {
      const content = parent.content ?? [];
      if (content.every((id) => index.has('data', id))) {
        counts.bytesUnread += item.sizeBytes;
        counts.countFile('unmodified', item.sizeBytes);
        const node = nodeFromItem(item, { content });
        listener.stored(path, node, 'unmodified');
        return place(node);
      }
      listener.warned(path, 'parts of it are missing in the repository; it is read again');
    }
    const finished = this.#finishedContent(path, item);
    if (finished !== undefined) {
      counts.bytesUnread += item.sizeBytes;
      const node = nodeFromItem(item, { content: finished });
      const action = compareNodes(node, parent);
      counts.countFile(action, item.sizeBytes);
      listener.stored(path, node, action);
      return place(node);
    }
    const room = this.#ahead.room();
    if (room !== undefined) await room;
    this.#ahead.files.add(path, item, {
      stored: (outcome) => place(this.#nodeOfFile(path, item, outcome, parent)),
      failed: (error) => this.#miss(at, error),
    });
  }

  /** The blobs of a file that an earlier run has read, where it is as it was then and all of them are there. */
  #finishedContent(path: ByteString, item: Item): readonly Id[] | undefined {
    const { finished, rule, index } = this.#parts;
    const record = finished?.find(path);
    if (record === undefined || !isAsRead(item, record.fingerprint, rule)) return undefined;
    return record.content.every((id) => index.has('data', id)) ? record.content : undefined;
  }

  #nodeOfFile(path: ByteString, item: Item, outcome: FileOutcome, parent: Node | undefined): Node {
    const { counts, listener, note } = this.#parts;
    const { content, sizeBytes, newBlobs, addedBytes, addedPackedBytes } = outcome;
    if (outcome.changed) {
      counts.changedWhileReading++;
      listener.changedWhileReading(path);
    }
    counts.countBlobs('data', newBlobs, addedBytes, addedPackedBytes);
    const read = outcome.item ?? item;
    if (outcome.changed !== true && sizeBytes === read.sizeBytes) note?.(path, read, content);
    const node = nodeFromItem(read, { content, sizeBytes });
    const action = compareNodes(node, parent);
    counts.countFile(action, node.size);
    listener.stored(path, node, action);
    return node;
  }

  /** The id of the tree; what is told `onStored` comes later, where it is new. */
  #saveTree(nodes: readonly Node[], onStored: (id: Id) => void): Id {
    const { index, counts } = this.#parts;
    const bytes = encodeTree(nodes);
    const id = idOf(bytes);
    if (index.has('tree', id)) {
      onStored(id);
      return id;
    }
    this.#ahead.trees.add(bytes, ({ addedBytes, addedPackedBytes }) => {
      counts.countBlobs('tree', addedPackedBytes > 0 ? 1 : 0, addedBytes, addedPackedBytes);
      onStored(id);
    });
    return id;
  }

  /** What the parent snapshot has in this folder. A tree that cannot be read makes all of it new, no more. */
  async #parentNodes(tree: Id | undefined): Promise<Map<ByteString, Node>> {
    if (tree === undefined) return new Map();
    const { repository } = this.#parts;
    try {
      const nodes = await this.#parents.load(tree);
      return new Map(nodes.map((node) => [node.name, node]));
    } catch (error) {
      if (!isFailure(error)) throw error;
      repository.world.log.warn('a tree of the parent snapshot cannot be read; its files are read again');
      return new Map();
    }
  }

  /** What vanished since its folder was listed was not there to be saved; all else is told. */
  #miss({ path, isTarget, place }: Missed, error: unknown): void {
    const isGone = isFailure(error, 'source-unreadable') && systemCode(error.cause) === 'ENOENT';
    if (isTarget || !isGone) this.#report(path, error);
    place(undefined);
  }

  /** An item that cannot be read is one thing; a repository that fails, or a cancel, ends the run. */
  #report(path: ByteString, error: unknown): void {
    this.#parts.signal.throwIfAborted();
    if (!isFailure(error, 'source-unreadable')) throw error;
    this.#parts.counts.errors++;
    this.#parts.listener.failed(path, error);
  }
}
