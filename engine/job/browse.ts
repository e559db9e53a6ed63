/** Lists what a snapshot holds, as restic's `ls` does. */
import type { ByteString } from '../base/byte-string.ts';
import type { Id } from '../format/id.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import type { Repository } from '../repo/repository.ts';
import { namesOf, resolvePath } from '../repo/tree-path.ts';
import { type TreeEntry, walkTree } from '../repo/walk-tree.ts';

export interface ListOptions {
  /** Only these and what is in them; everything, at any depth, where there are none. */
  readonly paths?: readonly ByteString[];
  /** Also what lies deeper below the paths. */
  readonly recursive?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The entries below a tree, each once, in restic's order: a path that was asked for, then what is in it. Fails with
 * `not-found` for a path that is not there, before anything is given out.
 */
export async function* listTree(
  repository: Repository,
  index: BlobIndex,
  root: Id,
  options: ListOptions = {},
): AsyncGenerator<TreeEntry> {
  const { recursive = false, signal } = options;
  const paths = (options.paths ?? []).map((path) => `/${namesOf(path).join('/')}`) as ByteString[];
  for (const path of paths) await resolvePath(repository, index, root, path);
  const isWanted = (path: string): boolean =>
    paths.length === 0 || paths.some((each) => isWithin(path, each));
  const leadsOn = (path: string): boolean => paths.some((each) => isWithin(each, path));
  const mayEnter = ({ path }: TreeEntry): boolean =>
    paths.length === 0 || leadsOn(path) || (recursive && isWanted(path));
  const walk = walkTree(repository, index, root, { mayEnter, signal });
  for await (const entry of walk) if (isWanted(entry.path)) yield entry;
}

/** Whether the path is the folder or lies below it; both are clean. */
function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}
