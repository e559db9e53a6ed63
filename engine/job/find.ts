/** Searches snapshots for files by name, as restic's `find` does. */
import type { ByteString } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { parseTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import type { Repository } from '../repo/repository.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';
import { walkTree } from '../repo/walk-tree.ts';
import { compileBytePatterns, matchPatterns } from '../source/pattern.ts';

export interface FindRequest {
  /** Each by itself: a path that any of them matches is found. */
  readonly patterns: readonly ByteString[];
  readonly ignoreCase?: boolean;
  /** Bounds of the modification time, both included, in nanoseconds since 1970 UTC. */
  readonly oldestNs?: bigint | undefined;
  readonly newestNs?: bigint | undefined;
}

/** Hears of a tree that cannot be loaded; the search goes on without it. */
export type OnBadTree = (snapshot: NamedSnapshot, tree: Id, path: ByteString, error: unknown) => void;

export interface FoundFile {
  readonly snapshot: NamedSnapshot;
  readonly path: ByteString;
  readonly node: Node;
}

/** What is found, snapshot by snapshot in the order given. Fails with `usage` for a pattern that is malformed. */
export async function* findFiles(
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly NamedSnapshot[],
  request: FindRequest,
  onBadTree: OnBadTree,
  signal?: AbortSignal,
): AsyncGenerator<FoundFile> {
  const match = compileMatch(request);
  const isInTime = compileTime(request);
  for (const snapshot of snapshots) {
    const walk = walkTree(repository, index, snapshot.tree, {
      mayEnter: ({ path }) => match(path).childMayMatch,
      onBadTree: (tree, path, error) => onBadTree(snapshot, tree, path, error),
      signal,
    });
    for await (const { path, node } of walk) {
      if (match(path).matched && isInTime(node)) yield { snapshot, path, node };
    }
  }
}

type Match = (path: ByteString) => { readonly matched: boolean; readonly childMayMatch: boolean };

/** Patterns are compiled one by one: here, other than in excludes, none has a say over another. */
function compileMatch({ patterns, ignoreCase = false }: FindRequest): Match {
  if (patterns.length === 0 || patterns.includes('' as ByteString)) {
    throw new Failure('usage', { why: 'A pattern to search for is needed.' });
  }
  const compiled = patterns.map((pattern) => compileBytePatterns([pattern], { ignoreCase }));
  return (path) => {
    const matches = compiled.map((pattern) => matchPatterns(pattern, path));
    return {
      matched: matches.some(({ matched }) => matched),
      childMayMatch: matches.some(({ childMayMatch }) => childMayMatch),
    };
  };
}

function compileTime({ oldestNs, newestNs }: FindRequest): (node: Node) => boolean {
  if (oldestNs === undefined && newestNs === undefined) return () => true;
  if (oldestNs !== undefined && newestNs !== undefined && oldestNs > newestNs) {
    throw new Failure('usage', { why: 'The oldest time lies after the newest: nothing can be found.' });
  }
  return ({ mtime }) => {
    const timeNs = parseTime(mtime);
    return (oldestNs === undefined || timeNs >= oldestNs) && (newestNs === undefined || timeNs <= newestNs);
  };
}
