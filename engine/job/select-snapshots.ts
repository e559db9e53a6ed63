/** Chooses the snapshots that a search or a count goes over. */
import type { Repository } from '../repo/repository.ts';
import {
  findSnapshot,
  loadSnapshots,
  matchesFilter,
  type NamedSnapshot,
  type SnapshotFilter,
  sortByTime,
} from '../repo/snapshots.ts';

/**
 * Those that are named (`latest`, ids or beginnings of ids), each once; where none is named, all that pass the filter.
 * Oldest first. Fails as `findSnapshot` does.
 */
export async function selectSnapshots(
  repository: Repository,
  names: readonly string[],
  filter: SnapshotFilter = {},
): Promise<NamedSnapshot[]> {
  if (names.length === 0) {
    return (await loadSnapshots(repository)).filter((snapshot) => matchesFilter(snapshot, filter));
  }
  const named = new Map<string, NamedSnapshot>();
  for (const name of names) {
    const snapshot = await findSnapshot(repository, name, filter);
    named.set(snapshot.id, snapshot);
  }
  return sortByTime([...named.values()]);
}
