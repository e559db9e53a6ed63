/** The options by which commands choose snapshots, and the snapshot objects that `--json` prints. */
import { Failure } from '../base/failure.ts';
import { shortId } from '../format/id.ts';
import { encodeSnapshot } from '../format/snapshot-file.ts';
import type { NamedSnapshot, SnapshotFilter } from '../repo/snapshots.ts';
import { type OptionTable, type OptionValues, texts } from './option-table.ts';

export const snapshotFilterOptions = {
  host: texts('HOST', 'only snapshots of this host', { short: 'H', environment: 'HOST' }),
  tag: texts('TAG[,TAG]', 'only snapshots that have all these tags'),
  path: texts('PATH', 'only snapshots of this absolute path'),
} satisfies OptionTable;

export function snapshotFilter(values: OptionValues<typeof snapshotFilterOptions>): SnapshotFilter {
  return {
    // An empty name takes back the one from the environment.
    hosts: values.host.filter((host) => host !== ''),
    tagLists: values.tag.map(splitTags),
    paths: values.path,
  };
}

/** `a, b`: as in restic, the spaces around a tag are not part of it. */
export function splitTags(list: string): string[] {
  return list.split(',').map((tag) => tag.trim());
}

export function snapshotJson(snapshot: NamedSnapshot): Record<string, unknown> {
  const json = JSON.parse(encodeSnapshot(snapshot)) as Record<string, unknown>;
  return { ...json, id: snapshot.id, short_id: shortId(snapshot.id) };
}

export type GroupKey = 'host' | 'paths' | 'tags';

/** `host,paths,tags` or a part of it. Fails with `usage`. */
export function parseGroupBy(text: string): GroupKey[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const key = (['host', 'paths', 'tags'] as const).find((each) => each === part || each === `${part}s`);
      if (key !== undefined) return key;
      throw new Failure('usage', { why: `--group-by takes host, paths and tags, not "${part}".` });
    });
}
