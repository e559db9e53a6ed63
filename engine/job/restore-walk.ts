/** Walks the trees that a restore takes from: what is selected, folders on entering and on leaving. */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { isFailure, systemCode } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { Turn } from '../compute/turn.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import type { Repository } from '../repo/repository.ts';
import type { FoundPath } from '../repo/tree-path.ts';
import { TreeReader } from '../repo/tree-reader.ts';
import { subtreeOf, tooDeep } from '../repo/walk-tree.ts';
import { checkName, type TargetPath } from '../target/safe-name.ts';
import { type RestoreFilter, select } from './restore-plan.ts';

/** A folder of the snapshot, on the way from the top of what is restored. */
export interface WalkedFolder {
  readonly path: TargetPath;
  /** For filters and for people: from the top, beginning with `/`. */
  readonly location: ByteString;
  /** Whether the folder itself is restored, or only something in it. */
  readonly selected: boolean;
  /** Nothing for the top itself. */
  readonly node?: Node;
  readonly parent?: WalkedFolder;
}

/** Errors that `enter` and `entry` throw are told by `failed`, and what they were about is passed over. */
export interface RestoreVisitor {
  /** A selected folder, before anything in it. */
  enter(folder: WalkedFolder): void;
  /** A selected entry that is no folder. */
  entry(folder: WalkedFolder, node: Node, location: ByteString): void;
  /** Resolves when more can be entered; undefined where nobody has to wait. What fails in it ends the walk. */
  ready(): Promise<void> | undefined;
  /**
   * A folder that was selected, or in which something was. `nodes`: all that the snapshot has in it, selected or
   * not; undefined where that is not known for sure.
   */
  leave(folder: WalkedFolder, nodes: readonly Node[] | undefined): void;
  failed(location: ByteString, error: unknown): void;
}

export class RestoreWalk {
  readonly #trees: TreeReader;
  readonly #filter: RestoreFilter | undefined;
  readonly #visitor: RestoreVisitor;
  readonly #signal: AbortSignal;
  readonly #turn: Turn;

  constructor(
    repository: Repository,
    index: BlobIndex,
    filter: RestoreFilter | undefined,
    visitor: RestoreVisitor,
    signal: AbortSignal,
  ) {
    this.#trees = new TreeReader(repository, index);
    this.#filter = filter;
    this.#visitor = visitor;
    this.#signal = signal;
    this.#turn = new Turn(repository.world.clock);
  }

  /** Fails only where nothing at all can be restored, on cancel, or with what `entry` must not hide. */
  async run(from: FoundPath): Promise<void> {
    const top: WalkedFolder = { path: [], location: fromLatin1('/'), selected: false };
    if (from.at === 'leaf') {
      this.#visitEntry(top, from.node);
      return;
    }
    const nodes = await this.#trees.nodes(from.tree);
    if (await this.#visitAll(top, nodes, from.tree)) this.#visitor.leave(top, nodes);
  }

  /** Whether anything of it was selected. */
  async #visitAll(folder: WalkedFolder, nodes: readonly Node[], tree: Id): Promise<boolean> {
    if (folder.path.length >= limits.treeDepthMax) throw tooDeep(tree);
    let hasSelected = false;
    for (const node of nodes) {
      this.#signal.throwIfAborted();
      if (this.#turn.isOver) await this.#turn.pass();
      const isFolder = node.type === 'dir';
      if (isFolder ? await this.#visitFolder(folder, node, tree) : this.#visitEntry(folder, node))
        hasSelected = true;
      const ready = this.#visitor.ready();
      if (ready !== undefined) await ready;
    }
    return hasSelected;
  }

  /** Whether it was selected. */
  #visitEntry(folder: WalkedFolder, node: Node): boolean {
    const location = locationOf(folder, node.name);
    try {
      checkName(node.name);
      const { selected } = select(this.#filter, location);
      if (selected) this.#visitor.entry(folder, node, location);
      return selected;
    } catch (error) {
      this.#report(location, error);
      return false;
    }
  }

  /** Whether it, or anything in it, was selected. */
  async #visitFolder(parent: WalkedFolder, node: Node, tree: Id): Promise<boolean> {
    const location = locationOf(parent, node.name);
    try {
      checkName(node.name);
      const { selected, childMayBe } = select(this.#filter, location);
      const folder = { path: [...parent.path, node.name], location, selected, node, parent };
      if (selected) this.#visitor.enter(folder);
      const inside = childMayBe ? await this.#visitInside(folder, tree) : undefined;
      const hasSelected = selected || inside?.hasSelected === true;
      if (hasSelected) this.#visitor.leave(folder, inside?.nodes);
      return hasSelected;
    } catch (error) {
      this.#report(location, error);
      return false;
    }
  }

  /** Undefined where it could not be visited whole, which was told. */
  async #visitInside(
    folder: WalkedFolder & { readonly node: Node },
    tree: Id,
  ): Promise<{ readonly hasSelected: boolean; readonly nodes: readonly Node[] } | undefined> {
    try {
      const subtree = subtreeOf(folder.node, tree);
      const nodes = await this.#trees.nodes(subtree);
      return { nodes, hasSelected: await this.#visitAll(folder, nodes, subtree) };
    } catch (error) {
      this.#report(folder.location, error);
      return undefined;
    }
  }

  /** An entry that fails is one thing; a cancel or a full disk ends the run. */
  #report(location: ByteString, error: unknown): void {
    this.#signal.throwIfAborted();
    if (endsRun(error)) throw error;
    this.#visitor.failed(location, error);
  }
}

/** Whether going on would only bring more of the same; what is no error of files is a fault of ours. */
export function endsRun(error: unknown): boolean {
  if (isFailure(error)) return error.code === 'cancelled' || error.code === 'lock-lost';
  const code = systemCode(error);
  return code === undefined || code === 'ENOSPC' || code === 'EDQUOT';
}

export function locationOf(folder: WalkedFolder, name: ByteString): ByteString {
  return fromLatin1(folder.location === '/' ? `/${name}` : `${folder.location}/${name}`);
}
