/** A snapshot: the root tree of one backup, and who made it, when, of what. */
import { type ByteString, fromText } from '../base/byte-string.ts';
import type { BackupTotals } from '../protocol/run-news.ts';
import { jsonByteString, jsonString } from './go-json.ts';
import { checkTime } from './go-time.ts';
import { type Id, isId } from './id.ts';
import { asArray, asCount, asObject, asOptionalText, asText, parseObject } from './json.ts';

/** What a backup did, as restic writes it since 0.17. Times are RFC 3339. */
export interface SnapshotSummary extends BackupTotals {
  readonly backupStart: string;
  readonly backupEnd: string;
  /** Bytes of the new blobs before compression. */
  readonly dataAdded: number;
  /** Bytes of the new blobs as they are stored, header entries included. */
  readonly dataAddedPacked: number;
}

export interface Snapshot {
  /** RFC 3339. */
  readonly time: string;
  readonly parent?: Id;
  readonly tree: Id;
  /** Absolute, as they were given. */
  readonly paths: readonly ByteString[];
  readonly hostname: string;
  readonly username: string;
  readonly uid: number;
  readonly gid: number;
  readonly excludes: readonly string[];
  readonly tags: readonly string[];
  readonly original?: Id;
  readonly programVersion?: string;
  readonly summary?: SnapshotSummary;
}

const summaryCounts = [
  ['files_new', 'filesNew'],
  ['files_changed', 'filesChanged'],
  ['files_unmodified', 'filesUnmodified'],
  ['dirs_new', 'dirsNew'],
  ['dirs_changed', 'dirsChanged'],
  ['dirs_unmodified', 'dirsUnmodified'],
  ['data_blobs', 'dataBlobs'],
  ['tree_blobs', 'treeBlobs'],
  ['data_added', 'dataAdded'],
  ['data_added_packed', 'dataAddedPacked'],
  ['total_files_processed', 'totalFilesProcessed'],
  ['total_bytes_processed', 'totalBytesProcessed'],
] as const;

export function encodeSnapshot(snapshot: Snapshot): string {
  const parts = [`"time":"${snapshot.time}"`];
  const add = (key: string, json: string, present: boolean): void => {
    if (present) parts.push(`"${key}":${json}`);
  };
  const texts = (list: readonly string[]): string => `[${list.map(jsonString).join(',')}]`;
  add('parent', `"${snapshot.parent}"`, snapshot.parent !== undefined);
  add('tree', `"${snapshot.tree}"`, true);
  add('paths', `[${snapshot.paths.map(jsonByteString).join(',')}]`, true);
  add('hostname', jsonString(snapshot.hostname), snapshot.hostname !== '');
  add('username', jsonString(snapshot.username), snapshot.username !== '');
  add('uid', String(snapshot.uid), snapshot.uid !== 0);
  add('gid', String(snapshot.gid), snapshot.gid !== 0);
  add('excludes', texts(snapshot.excludes), snapshot.excludes.length > 0);
  add('tags', texts(snapshot.tags), snapshot.tags.length > 0);
  add('original', `"${snapshot.original}"`, snapshot.original !== undefined);
  add('program_version', jsonString(snapshot.programVersion ?? ''), Boolean(snapshot.programVersion));
  if (snapshot.summary !== undefined) parts.push(`"summary":${encodeSummary(snapshot.summary)}`);
  return `{${parts.join(',')}}`;
}

function encodeSummary(summary: SnapshotSummary): string {
  const counts = summaryCounts.map(([key, field]) => `"${key}":${summary[field]}`);
  return `{"backup_start":"${summary.backupStart}","backup_end":"${summary.backupEnd}",${counts.join(',')}}`;
}

/** Throws a plain error that says what is malformed. */
export function decodeSnapshot(text: string): Snapshot {
  const json = parseObject(text);
  if (!isId(json.tree)) throw new Error('its tree id is not 64 hex digits');
  const parent = asOptionalId(json.parent, 'the parent');
  const original = asOptionalId(json.original, 'the original');
  const programVersion = asOptionalText(json.program_version, 'the program version');
  return {
    time: asTime(json.time),
    tree: json.tree,
    paths: asArray(json.paths, 'paths').map((path) => fromText(asText(path, 'a path'))),
    hostname: asOptionalText(json.hostname, 'the host') ?? '',
    username: asOptionalText(json.username, 'the user') ?? '',
    uid: asCount(json.uid ?? 0, 'the uid', 2 ** 32 - 1),
    gid: asCount(json.gid ?? 0, 'the gid', 2 ** 32 - 1),
    excludes: asArray(json.excludes, 'excludes').map((text) => asText(text, 'an exclude')),
    tags: asArray(json.tags, 'tags').map((text) => asText(text, 'a tag')),
    ...(parent === undefined ? {} : { parent }),
    ...(original === undefined ? {} : { original }),
    ...(programVersion === undefined ? {} : { programVersion }),
    ...(json.summary !== undefined && json.summary !== null ? { summary: decodeSummary(json.summary) } : {}),
  };
}

function asOptionalId(value: unknown, what: string): Id | undefined {
  const text = asOptionalText(value, what);
  if (text !== undefined && !isId(text)) throw new Error(`the id of ${what} is not 64 hex digits`);
  return text;
}

function asTime(value: unknown): string {
  const text = asText(value, 'a time');
  checkTime(text);
  return text;
}

function decodeSummary(value: unknown): SnapshotSummary {
  const json = asObject(value, 'the summary');
  const counts = summaryCounts.map(([key, field]) => [field, asCount(json[key] ?? 0, key)]);
  return {
    backupStart: asTime(json.backup_start),
    backupEnd: asTime(json.backup_end),
    ...(Object.fromEntries(counts) as Omit<SnapshotSummary, 'backupStart' | 'backupEnd'>),
  };
}
