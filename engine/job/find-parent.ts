/** Chooses the snapshot that a backup compares with, by restic's rule. Pure. */
import type { ByteString } from '../base/byte-string.ts';
import { parseTime } from '../format/go-time.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';

export interface ParentWanted {
  readonly hostname: string;
  /** Absolute paths of the new backup's targets: a parent has all of them, and may have more. */
  readonly paths: readonly ByteString[];
  /** A parent is not younger than the new snapshot. */
  readonly timeNs: bigint;
}

/** The newest that fits; of two of the same time, the later in the list. */
export function findParent(
  snapshots: readonly NamedSnapshot[],
  wanted: ParentWanted,
): NamedSnapshot | undefined {
  let best: NamedSnapshot | undefined;
  let bestNs = 0n;
  for (const snapshot of snapshots) {
    const timeNs = parseTime(snapshot.time);
    if (timeNs > wanted.timeNs || snapshot.hostname !== wanted.hostname) continue;
    if (!wanted.paths.every((path) => snapshot.paths.includes(path))) continue;
    if (best === undefined || timeNs >= bestNs) {
      best = snapshot;
      bestNs = timeNs;
    }
  }
  return best;
}
