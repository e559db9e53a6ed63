/**
 * Paths inside snapshots: what a person types as `SNAPSHOT:/path` taken apart, and found. A path is followed by names
 * alone, never through a symbolic link.
 */
import { type ByteString, fromLatin1, toText } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex } from './blob-index.ts';
import { loadTree } from './load-blob.ts';
import type { Repository } from './repository.ts';

/** `SNAPSHOT` or `SNAPSHOT:/path`; the path is `/` where none is given. */
export interface SnapshotPath {
  readonly snapshot: string;
  readonly path: ByteString;
}

export function parseSnapshotPath(text: ByteString): SnapshotPath {
  const colon = text.indexOf(':');
  if (colon < 0) return { snapshot: toText(text), path: fromLatin1('/') };
  return {
    snapshot: toText(fromLatin1(text.slice(0, colon))),
    path: fromLatin1(`/${namesOf(text.slice(colon + 1)).join('/')}`),
  };
}

/** The names on the way from the root; `.` and empty ones are nothing, `..` goes back, but not above the root. */
export function namesOf(path: string): ByteString[] {
  const names: ByteString[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(fromLatin1(name));
  }
  return names;
}

export type FoundPath =
  /** The root itself, which has no node. */
  | { readonly at: 'root'; readonly tree: Id }
  | { readonly at: 'folder'; readonly tree: Id; readonly node: Node }
  | { readonly at: 'leaf'; readonly node: Node };

/** Fails with `not-found` where a name on the way is not there or is no folder, and as `loadTree` does. */
export async function resolvePath(
  repository: Repository,
  index: BlobIndex,
  root: Id,
  path: ByteString,
): Promise<FoundPath> {
  let found: FoundPath = { at: 'root', tree: root };
  const names = namesOf(path);
  for (const [depth, name] of names.entries()) {
    const so = fromLatin1(`/${names.slice(0, depth + 1).join('/')}`);
    if (found.at === 'leaf') throw notFound(so);
    const nodes = await loadTree(repository, index, found.tree);
    const node = nodes.find((each) => each.name === name);
    if (node === undefined) throw notFound(so);
    found =
      node.subtree === undefined || node.type !== 'dir'
        ? { at: 'leaf', node }
        : { at: 'folder', tree: node.subtree, node };
  }
  return found;
}

/** The tree of the folder at the path. Fails as `resolvePath` does; what is no folder is `not-found` too. */
export async function resolveFolder(
  repository: Repository,
  index: BlobIndex,
  root: Id,
  path: ByteString,
): Promise<Id> {
  const found = await resolvePath(repository, index, root, path);
  if (found.at === 'leaf') throw notFound(path);
  return found.tree;
}

function notFound(path: ByteString): Failure {
  return new Failure('not-found', { what: 'folder or file', id: toText(path) });
}
