/**
 * Where in a snapshot the targets of a backup come to stand: restic's rules, so that the same targets give the same
 * tree. Pure but for listing folders, which it is handed. Backups walk the plan that it makes.
 */
import { type ByteString, compareBytes, fromLatin1 } from '../base/byte-string.ts';
import { absolutePath, cleanPath, isAbsolutePath, joinPath } from './path.ts';

export { absolutePath, cleanPath } from './path.ts';

export interface TargetNode {
  /** In the snapshot: not always the last component of `path`. Empty for the root. */
  readonly name: ByteString;
  /** Absolute. With `children`, a folder of which only these are wanted: links are followed to read its metadata. */
  readonly path: ByteString;
  /** Somebody asked for this very path, so nothing excludes it. Else excludes apply as to any item. */
  readonly isTarget: boolean;
  /** By name, sorted by the names' bytes. Absent: the item at `path` is wanted, with all below it. */
  readonly children?: ReadonlyMap<ByteString, TargetNode>;
}

export interface TargetWorld {
  /** The absolute path of the working folder with its links resolved: `..` is cut off by its letters. */
  readonly cwd: ByteString;
  /** The names in the folder at an absolute path, a link followed, in any order. */
  listFolder(path: ByteString): ByteString[];
}

/** The items that are wanted with all below them, in the order of the plan. */
export function wantedItems(node: TargetNode): Pick<TargetNode, 'path' | 'isTarget'>[] {
  const { path, isTarget, children } = node;
  return children === undefined ? [{ path, isTarget }] : [...children.values()].flatMap(wantedItems);
}

/** One target, as given, cleaned. */
interface Target {
  readonly path: ByteString;
  readonly isExplicit: boolean;
}

/** A node while the plan is made. */
interface Draft {
  /** What its names were counted from, and the folder (`/`, `.`, `..`, `../..` …) that they stand in. */
  readonly origin: string;
  path: ByteString;
  /** The item itself is wanted, not only what is drafted below it. */
  isWanted: boolean;
  isTarget: boolean;
  readonly children: Map<ByteString, Draft>;
}

/**
 * The plan for targets, absolute or relative to `cwd`, of which none is empty. The answer is the root, which stands
 * for no item. Errors are those of `listFolder`.
 */
export function planTargets(targets: readonly ByteString[], world: TargetWorld): TargetNode {
  const root = newDraft('', fromLatin1('/'));
  const seen = new Set<ByteString>();
  for (const target of targets.flatMap((given) => replaceIfBare(cleanPath(given), world))) {
    if (!seen.has(target.path)) addTarget(root, target, world);
    seen.add(target.path);
  }
  for (const child of root.children.values()) expandOuterTargets(child, world);
  return finish(fromLatin1(''), root);
}

/** A target of no name, such as `/` or `..`, gives way to its entries, which nobody named. */
function replaceIfBare(path: ByteString, world: TargetWorld): Target[] {
  if (namesOf(path).length > 0) return [{ path, isExplicit: true }];
  const names = world.listFolder(absolutePath(world.cwd, path)).sort(compareBytes);
  return names.map((name) => ({ path: joinPath(path, name), isExplicit: false }));
}

/** The components that a cleaned path has in a snapshot: those after leading `..`. */
function namesOf(path: ByteString): ByteString[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.' && name !== '..');
  return names.map(fromLatin1);
}

/** The folder that the first of a cleaned path's names is in. */
function startOf(path: ByteString): ByteString {
  if (isAbsolutePath(path)) return fromLatin1('/');
  return fromLatin1(path.match(/^\.\.(?:\/\.\.)*(?=\/)/)?.[0] ?? '.');
}

function newDraft(origin: string, path: ByteString): Draft {
  return { origin, path, isWanted: false, isTarget: false, children: new Map() };
}

function addTarget(root: Draft, target: Target, world: TargetWorld): void {
  const [first, ...below] = namesOf(target.path);
  const start = startOf(target.path);
  let path = joinPath(start, first!);
  let draft = topDraft(root, first!, path, world);
  for (const name of below) {
    path = joinPath(path, name);
    const next = draft.children.get(name) ?? newDraft(path, absolutePath(world.cwd, path));
    draft.children.set(name, next);
    draft = next;
  }
  draft.isWanted = true;
  draft.isTarget = target.isExplicit;
}

/** The top-level node for a name. Where another folder's item has the name, it becomes `name-1`, `name-2` … */
function topDraft(root: Draft, name: ByteString, origin: ByteString, world: TargetWorld): Draft {
  for (let count = 0; ; count++) {
    const nameInTree = count === 0 ? name : fromLatin1(`${name}-${count}`);
    const draft = root.children.get(nameInTree);
    if (draft?.origin === origin) return draft;
    if (draft !== undefined) continue;
    const added = newDraft(origin, absolutePath(world.cwd, origin));
    root.children.set(nameInTree, added);
    return added;
  }
}

/** A target with others below it becomes its entries, so that those others keep their right to be included. */
function expandOuterTargets(draft: Draft, world: TargetWorld): void {
  if (draft.isWanted && draft.children.size > 0) {
    for (const name of world.listFolder(draft.path)) {
      const path = joinPath(draft.path, name);
      const child = draft.children.get(name) ?? newDraft(path, path);
      child.isWanted = true;
      draft.children.set(name, child);
    }
    draft.isWanted = false;
    draft.isTarget = false;
  }
  for (const child of draft.children.values()) expandOuterTargets(child, world);
}

function finish(name: ByteString, { path, isTarget, children }: Draft): TargetNode {
  if (children.size === 0 && name !== '') return { name, path, isTarget };
  const names = [...children.keys()].sort(compareBytes);
  const finished = names.map((child) => [child, finish(child, children.get(child)!)] as const);
  return { name, path, isTarget, children: new Map(finished) };
}
