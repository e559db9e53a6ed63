/** The snapshots of a repository: listed, loaded, and found by what a person types. */
import { fromText } from '../base/byte-string.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { parseTime } from '../format/go-time.ts';
import { type Id, shortId } from '../format/id.ts';
import { decodeSnapshot, type Snapshot } from '../format/snapshot-file.ts';
import type { Repository } from './repository.ts';
import { decodeFile, loadFile } from './unpacked-files.ts';

export interface NamedSnapshot extends Snapshot {
  readonly id: Id;
}

/** Which snapshots are meant: empty lists mean all. Tag lists: a snapshot has all tags of any one list. */
export interface SnapshotFilter {
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly tagLists?: readonly (readonly string[])[];
}

export async function listSnapshotIds({ backend }: Pick<Repository, 'backend'>): Promise<Id[]> {
  const ids: Id[] = [];
  for await (const { name } of backend.list('snapshot')) ids.push(name);
  return ids;
}

/** Fails with `not-found` or `damaged`. */
export async function loadSnapshot(repository: Repository, id: Id): Promise<NamedSnapshot> {
  const json = await loadFile(repository, 'snapshot', id);
  return { id, ...decodeFile('snapshot', id, json, decodeSnapshot) };
}

/**
 * All that can be read, oldest first. One that cannot is told through the log and passed over: a damaged
 * snapshot must not stand in the way of the others. `listed`: what a listing of just now named.
 */
export async function loadSnapshots(
  repository: Repository,
  listed?: readonly Id[],
): Promise<NamedSnapshot[]> {
  const snapshots: NamedSnapshot[] = [];
  for (const id of listed ?? (await listSnapshotIds(repository))) {
    try {
      snapshots.push(await loadSnapshot(repository, id));
    } catch (error) {
      if (!isFailure(error)) throw error;
      // Gone since it was listed: another client removed it.
      if (error.code !== 'not-found')
        repository.world.log.warn(`snapshot ${shortId(id)} cannot be read; it is passed over`);
    }
  }
  return sortByTime(snapshots);
}

export function sortByTime(snapshots: readonly NamedSnapshot[]): NamedSnapshot[] {
  const dated = snapshots.map((snapshot) => ({ snapshot, timeNs: parseTime(snapshot.time) }));
  dated.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
  return dated.map(({ snapshot }) => snapshot);
}

export function matchesFilter(snapshot: Snapshot, filter: SnapshotFilter): boolean {
  const { hosts = [], paths = [], tagLists = [] } = filter;
  if (hosts.length > 0 && !hosts.includes(snapshot.hostname)) return false;
  if (!paths.every((path) => snapshot.paths.includes(fromText(path)))) return false;
  return tagLists.length === 0 || tagLists.some((tags) => hasTags(snapshot, tags));
}

/** A list with one empty tag means: without tags. */
function hasTags(snapshot: Snapshot, tags: readonly string[]): boolean {
  if (tags.length === 1 && tags[0] === '') return snapshot.tags.length === 0;
  return tags.every((tag) => snapshot.tags.includes(tag));
}

/**
 * The snapshot that `latest` (newest that passes the filter), `latest~N`, an id or the unique beginning of one
 * names. Fails with `not-found`, `ambiguous-id` or `damaged`.
 */
export async function findSnapshot(
  repository: Repository,
  name: string,
  filter: SnapshotFilter = {},
): Promise<NamedSnapshot> {
  const back = /^latest(?:~(\d+))?$/.exec(name);
  if (back === null) return await loadSnapshot(repository, await resolveId(repository, name));
  const matching = (await loadSnapshots(repository)).filter((snapshot) => matchesFilter(snapshot, filter));
  const found = matching[matching.length - 1 - Number(back[1] ?? 0)];
  if (found === undefined) throw new Failure('not-found', { what: 'snapshot', id: name });
  return found;
}

async function resolveId(repository: Repository, prefix: string): Promise<Id> {
  return chooseId(await listSnapshotIds(repository), prefix, 'snapshot');
}

/** The one id that begins so. Fails with `not-found` or `ambiguous-id`. */
export function chooseId(ids: readonly Id[], prefix: string, what: string): Id {
  const matching = /^[0-9a-f]+$/.test(prefix) ? ids.filter((id) => id.startsWith(prefix)) : [];
  if (matching.length > 1) throw new Failure('ambiguous-id', { what, id: prefix });
  if (matching[0] === undefined) throw new Failure('not-found', { what, id: prefix });
  return matching[0];
}
