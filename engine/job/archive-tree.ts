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
import { completeNode, encodeNode } from '../format/node.ts';
import { type EncodedNode, joinTree } from '../format/tree.ts';
import type { FinishedFiles } from '../journal/file-records.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import type { Repository } from '../repo/repository.ts';
import { TreeReader } from '../repo/tree-reader.ts';
import type { Excluder } from '../source/exclude.ts';
import type { Item } from '../source/item.ts';
import { reading, type SourceFiles } from '../source/source-files.ts';
import type { TargetNode } from '../source/targets.ts';
import { AheadQueues } from './archive-ahead.ts';
import { type BackupCounts, compareNodes, type ItemAction } from './backup-counts.ts';
import type { Child, FolderLooks } from './folder-looks.ts';
import { nodeFromItem } from './node-from-item.ts';
import { OpenFolder, type Place } from './open-folder.ts';
import { type Former, isSame, ParentFolder } from './parent-folder.ts';
import { type SeenItem, WholeItem } from './seen-item.ts';
import { type ChangeRule, isAsRead, isUnchanged } from './unchanged.ts';

/** Who hears what happens to each item. */
export interface ArchiveListener {
  began(path: ByteString): void;
  stored(path: ByteString, isFolder: boolean, action: ItemAction): void;
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
  readonly looks: FolderLooks;
  /** Hears of each file that was read to its end, and did not change meanwhile. */
  readonly note?: ((path: ByteString, item: Item, content: readonly Id[]) => void) | undefined;
}

export class TreeArchiver {
  readonly #parts: ArchiveParts;
  readonly #turn: Turn;
  readonly #ahead: AheadQueues;
  readonly #parents: TreeReader;
  /** Of files that are read. */
  #bytesToRead = 0;

  constructor(parts: ArchiveParts) {
    this.#parts = parts;
    this.#turn = new Turn(parts.repository.world.clock, limits.walkTurnMsMax);
    this.#ahead = new AheadQueues(parts.store);
    this.#parents = new TreeReader(parts.repository, parts.index);
  }

  /** Stores the targets and the folders above them; the id of the root tree, or undefined where nothing was found. */
  async saveTargets(root: TargetNode, parentTree: Id | undefined): Promise<Id | undefined> {
    let id: Id | undefined;
    const { store } = this.#parts;
    // Where there is a parent, there may be nothing for a thread to do: it begins with what is first found to differ.
    if (parentTree === undefined) store.warmUp();
    const parent = await this.#parentFolder(parentTree);
    const top = new OpenFolder((nodes) => {
      if (nodes.length > 0) id = this.#saveTree(nodes, parent, () => undefined);
    });
    await this.#walkTargets(root, parent, top);
    store.knowAll(this.#bytesToRead);
    await this.#ahead.drained();
    return id;
  }

  async #walkTargets(target: TargetNode, parent: ParentFolder, folder: OpenFolder): Promise<void> {
    for (const child of target.children?.values() ?? []) {
      if (this.#turn.isOver) await this.#passTurn();
      await this.#saveTarget(child, parent, folder.place());
    }
    folder.end();
  }

  async #saveTarget(target: TargetNode, parent: ParentFolder, place: Place): Promise<void> {
    const { path, name, isTarget, children } = target;
    const { files, listener } = this.#parts;
    if (children === undefined) {
      const seen = this.#look(target);
      return seen === undefined
        ? place(undefined)
        : await this.#saveItem({ path, isTarget, place }, seen, parent);
    }
    try {
      // Folders above a target are what the path leads to, links followed.
      const seen = new WholeItem(reading(path, () => files.followed(path, name)));
      const former = parent.former(seen);
      const inside = await this.#parentFolder(former?.subtree);
      const folder = new OpenFolder((nodes) => this.#finishFolder(path, seen, nodes, former, inside, place));
      await this.#walkTargets(target, inside, folder);
    } catch (error) {
      this.#report(path, error);
      place(undefined);
    } finally {
      listener.began(path);
    }
  }

  /** The item of a target, unless it is left out. */
  #look({ path, name, isTarget }: TargetNode): SeenItem | Failure | undefined {
    const { excluder, looks } = this.#parts;
    if (!isTarget && excluder.byPath(path)) return undefined;
    const seen = looks.look(path, name);
    const isLeftOut = !isTarget && !isFailure(seen) && excluder.byItem(path, seen);
    return isLeftOut ? undefined : seen;
  }

  /** Sees to it that the place gets its node, or nothing where the item is left out. Undefined: no need to wait. */
  #saveItem(at: Missed, seen: SeenItem | Failure, parent: ParentFolder): Promise<void> | undefined {
    const { listener } = this.#parts;
    const { path, place } = at;
    if (isFailure(seen)) return void this.#miss(at, seen);
    for (const { error } of seen.item?.attributeErrors ?? [])
      listener.warned(path, `its attributes: ${error.message}`);
    listener.began(path);
    if (seen.kind === 'socket') return void place(undefined);
    if (seen.kind === 'irregular') {
      const why = 'it is of no kind that can be saved';
      return void this.#miss(at, new Failure('source-unreadable', { path: toText(path), why }));
    }
    const former = parent.former(seen);
    if (seen.kind === 'file') return this.#saveFile(at, seen, former);
    if (seen.kind === 'dir') return this.#saveFolder(at, seen, former);
    const json = isSame(former) ? former.json : completeNode(seen.head, {});
    listener.stored(path, false, compareNodes(json, former));
    return void place({ name: seen.name, json });
  }

  async #saveFolder(at: Missed, seen: SeenItem, former: Former | undefined): Promise<void> {
    const { path, place } = at;
    this.#parts.signal.throwIfAborted();
    let children: AsyncGenerator<readonly Child[]>;
    try {
      children = await this.#parts.looks.open(path);
    } catch (error) {
      return this.#miss(at, error);
    }
    const parent = await this.#parentFolder(former?.subtree);
    const folder = new OpenFolder((nodes) => this.#finishFolder(path, seen, nodes, former, parent, place));
    for await (const some of children) {
      for (const { path, seen } of some) {
        if (this.#turn.isOver) await this.#passTurn();
        const child = { path, isTarget: false, place: folder.place() };
        const wait = this.#saveItem(child, seen, parent);
        if (wait !== undefined) await wait;
      }
    }
    folder.end();
  }

  /** Only here, and with each folder, does it end for a cancel: to ask that of a signal takes longer than many an item. */
  async #passTurn(): Promise<void> {
    this.#ahead.flush();
    await this.#turn.pass();
    this.#parts.signal.throwIfAborted();
    await this.#parts.store.writeDueIndex();
  }

  #finishFolder(
    path: ByteString,
    { name, head }: SeenItem,
    nodes: readonly EncodedNode[],
    former: Former | undefined,
    parent: ParentFolder,
    place: Place,
  ): void {
    const { counts, listener } = this.#parts;
    const jsonOf = (subtree: Id): string =>
      isSame(former) && former.subtree === subtree ? former.json : completeNode(head, { subtree });
    const subtree = this.#saveTree(nodes, parent, (stored) => {
      const action = compareNodes(jsonOf(stored), former);
      counts.dirs[action]++;
      listener.stored(path, true, action);
    });
    place({ name, json: jsonOf(subtree) });
  }

  #saveFile(at: Missed, seen: SeenItem, former: Former | undefined): Promise<void> | undefined {
    const { files, rule, listener } = this.#parts;
    const { path, place } = at;
    if (isSame(former) && this.#isStored(former.content))
      return void this.#keepFile(at, seen, former.json, 'unmodified');
    let item: Item;
    try {
      item = seen.item ?? reading(path, () => files.item(path, seen.name));
    } catch (error) {
      return void this.#miss(at, error);
    }
    if (isSame(former) || isUnchanged(item, former, rule)) {
      const { content } = former;
      if (this.#isStored(content)) {
        const json = encodeNode(nodeFromItem(item, { content: content ?? [] }));
        return void this.#keepFile(at, item, json, 'unmodified');
      }
      listener.warned(path, 'parts of it are missing in the repository; it is read again');
    }
    const finished = this.#finishedContent(path, item);
    if (finished !== undefined) {
      const json = encodeNode(nodeFromItem(item, { content: finished }));
      return void this.#keepFile(at, item, json, compareNodes(json, former));
    }
    this.#bytesToRead += item.sizeBytes;
    const add = (): void =>
      this.#ahead.files.add(path, item, {
        stored: (outcome) => place(this.#nodeOfFile(path, item, outcome, former)),
        failed: (error) => this.#miss(at, error),
      });
    const room = this.#ahead.room();
    return room === undefined ? void add() : room.then(add);
  }

  /** A file that need not be read. */
  #keepFile(
    { path, place }: Missed,
    { name, sizeBytes }: Pick<Item, 'name' | 'sizeBytes'>,
    json: string,
    action: ItemAction,
  ): void {
    const { counts, listener } = this.#parts;
    counts.bytesUnread += sizeBytes;
    counts.countFile(action, sizeBytes);
    listener.stored(path, false, action);
    place({ name, json });
  }

  #isStored(content: readonly Id[] = []): boolean {
    return content.every((id) => this.#parts.index.has('data', id));
  }

  /** The blobs of a file that an earlier run has read, where it is as it was then and all of them are there. */
  #finishedContent(path: ByteString, item: Item): readonly Id[] | undefined {
    const { finished, rule } = this.#parts;
    const record = finished?.find(path);
    if (record === undefined || !isAsRead(item, record.fingerprint, rule)) return undefined;
    return this.#isStored(record.content) ? record.content : undefined;
  }

  #nodeOfFile(path: ByteString, item: Item, outcome: FileOutcome, former: Former | undefined): EncodedNode {
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
    const json = encodeNode(node);
    const action = compareNodes(json, former);
    counts.countFile(action, node.size);
    listener.stored(path, false, action);
    return { name: node.name, json };
  }

  /** The id of the tree; what is told `onStored` comes later, where it is new. */
  #saveTree(nodes: readonly EncodedNode[], parent: ParentFolder, onStored: (id: Id) => void): Id {
    const { index, counts } = this.#parts;
    const text = joinTree(nodes);
    const same = parent.idOf(text);
    if (same !== undefined) {
      onStored(same);
      return same;
    }
    const bytes = Buffer.from(text, 'utf8');
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

  /** What the parent snapshot has of this folder. A tree that cannot be read makes all of it new, no more. */
  async #parentFolder(tree: Id | undefined): Promise<ParentFolder> {
    if (tree === undefined) return new ParentFolder();
    const { log } = this.#parts.repository.world;
    const warn = (): void =>
      log.warn('a tree of the parent snapshot cannot be read; its files are read again');
    try {
      return new ParentFolder(tree, await this.#parents.load(tree), warn);
    } catch (error) {
      if (!isFailure(error)) throw error;
      warn();
      return new ParentFolder();
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
