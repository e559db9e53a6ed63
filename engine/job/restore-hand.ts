/** The target as a restore handles it: metadata taken from nodes, what may make way, and nothing at all in a dry run. */
import type { ByteString } from '../base/byte-string.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { toUnixPermissions } from '../format/file-mode.ts';
import { parseTime } from '../format/go-time.ts';
import type { Node } from '../format/node.ts';
import type { EntryMetadata, MetadataRules } from '../target/metadata.ts';
import type { Draft, Placed, Replace, SafeFolder, Stat } from '../target/safe-folder.ts';
import type { TargetPath } from '../target/safe-name.ts';
import type { RestoreTelling } from './restore-telling.ts';
import type { WalkedFolder } from './restore-walk.ts';

export class RestoreHand {
  /** Nothing where a dry run is to a target that does not exist. */
  readonly target: SafeFolder | undefined;
  readonly #root: ByteString;
  readonly #rules: MetadataRules;
  readonly #replace: Replace;
  readonly #dryRun: boolean;
  readonly #telling: RestoreTelling;
  /** The folders that are there for sure, and whether they are new. */
  readonly #made = new WeakMap<WalkedFolder, boolean>();

  constructor(
    target: SafeFolder | undefined,
    options: {
      readonly root: ByteString;
      readonly rules: MetadataRules;
      readonly replace: Replace;
      readonly dryRun: boolean;
    },
    telling: RestoreTelling,
  ) {
    this.target = target;
    this.#root = options.root;
    this.#rules = options.rules;
    this.#replace = options.replace;
    this.#dryRun = options.dryRun;
    this.#telling = telling;
  }

  /** For other hands that write to the same target. Not to be asked in a dry run. */
  settings(): { target: ByteString; seen: Stat; rules: MetadataRules; replace: Replace } {
    const seen = this.folderFor([]).look([]);
    if (seen === undefined) throw new Failure('target-unsafe', { why: 'it is gone' });
    return { target: this.#root, seen, rules: this.#rules, replace: this.#replace };
  }

  /** Where to write. Not to be asked in a dry run. */
  folderFor(path: TargetPath): SafeFolder {
    if (this.target === undefined || this.#dryRun)
      throw new Error(`a dry run wants to write ${path.length} folders deep`);
    return this.target;
  }

  look(path: TargetPath): Stat | undefined {
    try {
      return this.target?.look(path);
    } catch (error) {
      // What is in the way of a folder would have been replaced by one.
      if (this.#dryRun && isFailure(error, 'target-unsafe')) return undefined;
      throw error;
    }
  }

  /** What is in the place of an entry of the folder: in a new one nothing is. */
  existing(folder: WalkedFolder, path: TargetPath): Stat | undefined {
    return this.#made.get(folder) ? undefined : this.look(path);
  }

  /** Makes the folder and those above it, as far as they are not there. Only what is restored replaces anything. */
  makeFolder(folder: WalkedFolder): void {
    if (this.#dryRun || this.#made.has(folder)) return;
    if (folder.parent !== undefined) this.makeFolder(folder.parent);
    const replace = folder.selected ? this.#replace : 'nothing';
    this.#made.set(folder, this.folderFor(folder.path).ensureFolder(folder.path, replace));
  }

  /** Gives a draft its metadata and then its name. */
  finish(draft: Draft, node: Node, location: ByteString): void {
    this.describe(draft, node, location);
    this.folderFor(draft.path).publish(draft, this.#replace);
  }

  describe(entry: Draft | Placed, node: Node, location: ByteString): void {
    if (this.#dryRun) return;
    for (const problem of this.folderFor(entry.path).describe(entry, metadataOf(node), this.#rules)) {
      if (problem.expected) continue;
      this.#telling.failed(location, problem.error);
    }
  }

  /** The metadata of a folder, once all in it is done. */
  describeFolder(folder: WalkedFolder): void {
    if (this.#dryRun || folder.node === undefined) return;
    const stat = this.look(folder.path);
    if (stat?.kind !== 'dir') throw new Failure('target-unsafe', { why: 'it is no folder any more' });
    this.describe({ path: folder.path, stat }, folder.node, folder.location);
  }

  remove(path: TargetPath): void {
    if (!this.#dryRun) this.folderFor(path).remove(path, 'entry');
  }
}

/** What a node says about its entry besides its content. */
export type NodeMetadata = Pick<Node, 'mode' | 'uid' | 'gid' | 'mtime' | 'atime' | 'extendedAttributes'>;

export function metadataOf(node: NodeMetadata): EntryMetadata {
  const mtimeNs = parseTime(node.mtime);
  return {
    permissions: toUnixPermissions(node.mode),
    uid: node.uid,
    gid: node.gid,
    mtimeNs,
    atimeNs: node.atime === node.mtime ? mtimeNs : parseTime(node.atime),
    extendedAttributes: node.extendedAttributes,
  };
}
