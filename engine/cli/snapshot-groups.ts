/** Puts snapshots that belong together into groups: by host, by paths, by tags, as restic does. Pure. */
import type { ByteString } from '../base/byte-string.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';
import type { GroupKey } from './snapshot-options.ts';

export interface SnapshotGroup {
  readonly key: {
    readonly host?: string;
    readonly paths?: readonly ByteString[];
    readonly tags?: readonly string[];
  };
  readonly snapshots: readonly NamedSnapshot[];
}

/** One group, also an empty one, where no keys are given. */
export function groupSnapshots(
  snapshots: readonly NamedSnapshot[],
  keys: readonly GroupKey[],
): SnapshotGroup[] {
  if (keys.length === 0) return [{ key: {}, snapshots }];
  const groups = new Map<string, { key: SnapshotGroup['key']; snapshots: NamedSnapshot[] }>();
  for (const snapshot of snapshots) {
    const key = {
      ...(keys.includes('host') ? { host: snapshot.hostname } : {}),
      ...(keys.includes('paths') ? { paths: snapshot.paths.toSorted() } : {}),
      ...(keys.includes('tags') ? { tags: snapshot.tags.toSorted() } : {}),
    };
    const name = JSON.stringify(key);
    const group = groups.get(name) ?? { key, snapshots: [] };
    group.snapshots.push(snapshot);
    groups.set(name, group);
  }
  return [...groups.values()];
}

/** Of snapshots that are sorted by time, the last `count`: of the whole group, or of each host and set of paths. */
export function newestOfEach(
  snapshots: readonly NamedSnapshot[],
  count: number | undefined,
  isGrouped: boolean,
): readonly NamedSnapshot[] {
  if (count === undefined || count === 0) return snapshots;
  if (isGrouped) return snapshots.slice(-count);
  const kept = groupSnapshots(snapshots, ['host', 'paths']).flatMap((group) => group.snapshots.slice(-count));
  return snapshots.filter((snapshot) => kept.includes(snapshot));
}
