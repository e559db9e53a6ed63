/**
 * What is in a vault: its snapshots, the newest first, and their folders, page by page. No lock is taken: nothing is
 * written, and a look must not stand in the way of anybody's prune.
 */
import { type ByteString, fromLatin1, toText } from '../base/byte-string.ts';
import { parseTime } from '../format/go-time.ts';
import type { Node } from '../format/node.ts';
import type { FolderRow, Page, SnapshotRow } from '../protocol/app-calls.ts';
import type { ArgumentOf } from '../protocol/calls.ts';
import type { EngineCalls } from '../protocol/engine-calls.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { loadTree } from '../repo/load-blob.ts';
import { listIndexFiles, loadIndex } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import { findSnapshot, loadSnapshots, type NamedSnapshot } from '../repo/snapshots.ts';
import { resolveFolder } from '../repo/tree-path.ts';
import { snapshotPlace } from './snapshot-place.ts';

type Slice = { readonly start: number; readonly count: number };

export async function listSnapshots(repository: Repository, slice: Slice): Promise<Page<SnapshotRow>> {
  const snapshots = (await loadSnapshots(repository)).reverse();
  return pageOf(snapshots, slice, snapshotRow);
}

function snapshotRow({ id, time, hostname, paths, tags, summary }: NamedSnapshot): SnapshotRow {
  return {
    id,
    timeMs: msOf(time),
    hostname,
    paths: paths.map(toText),
    tags,
    ...(summary === undefined
      ? {}
      : { files: summary.totalFilesProcessed, bytes: summary.totalBytesProcessed }),
  };
}

export class FolderLister {
  /** The index that was read last: a person opens many folders of one vault, one after the other. */
  #last: { readonly repository: Repository; readonly files: string; readonly index: BlobIndex } | undefined;

  /** Folders first, each kind by the bytes of its names. Fails with `not-found`, or `damaged`. */
  async list(
    repository: Repository,
    { snapshotId, path, ...slice }: Omit<ArgumentOf<EngineCalls['listFolder']>, 'access'>,
  ): Promise<Page<FolderRow>> {
    const folder = snapshotPlace(path);
    const snapshot = await findSnapshot(repository, snapshotId);
    const index = await this.#indexOf(repository);
    const nodes = await loadTree(
      repository,
      index,
      await resolveFolder(repository, index, snapshot.tree, folder),
    );
    const rank = ({ type }: Node): number => (type === 'dir' ? 0 : 1);
    const sorted = nodes.toSorted((a, b) => rank(a) - rank(b));
    return pageOf(sorted, slice, (node) => folderRow(folder, node));
  }

  async #indexOf(repository: Repository): Promise<BlobIndex> {
    const files = (await listIndexFiles(repository)).toSorted().join();
    if (this.#last?.repository === repository && this.#last.files === files) return this.#last.index;
    const index = await loadIndex(repository);
    this.#last = { repository, files, index };
    return index;
  }
}

function folderRow(folder: ByteString, { name, type, size, mtime }: Node): FolderRow {
  const path = fromLatin1(folder === '/' ? `/${name}` : `${folder}/${name}`);
  return { path, name: toText(name), type, sizeBytes: size, mtimeMs: msOf(mtime) };
}

function pageOf<Item, Row>(
  items: readonly Item[],
  { start, count }: Slice,
  toRow: (item: Item) => Row,
): Page<Row> {
  return { rows: items.slice(start, start + count).map(toRow), total: items.length };
}

export function msOf(time: string): number {
  return Number(parseTime(time) / 1_000_000n);
}
