/** Where the files of a snapshot came from: for a restore in place. */
import type { ByteString } from '../base/byte-string.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { loadIndex } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';
import { resolvePath } from '../repo/tree-path.ts';
import { parentPath } from '../source/path.ts';

/**
 * The folder into which a restore of `path` (within the snapshot) must go for everything to be where it was. A backup of
 * relative paths does not say where they were, and fails with `usage`; a path that is not there with `not-found`.
 */
export async function originalPlace(
  repository: Repository,
  snapshot: NamedSnapshot,
  path: ByteString,
): Promise<ByteString> {
  const index = await loadIndex(repository);
  for (const source of snapshot.paths) {
    try {
      await resolvePath(repository, index, snapshot.tree, source);
    } catch (error) {
      if (!isFailure(error, 'not-found')) throw error;
      throw new Failure('usage', { why: 'place-unknown' }, { cause: error });
    }
  }
  const found = await resolvePath(repository, index, snapshot.tree, path);
  return found.at === 'leaf' ? parentPath(path) : path;
}
