/** Counts what snapshots hold and need, in restic's four ways of counting. */
import { damaged } from '../base/failure.ts';
import { type Id, idOf } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import { plainBytes } from '../format/pack-header.ts';
import { sealOverheadBytes } from '../format/seal.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { loadTree } from '../repo/load-blob.ts';
import type { Repository } from '../repo/repository.ts';
import type { NamedSnapshot } from '../repo/snapshots.ts';
import { subtreeOf, type TreeEntry, walkTree } from '../repo/walk-tree.ts';
import { BlobSet } from './blob-set.ts';

/**
 * `restore-size`: what a restore of all would take, hard links once. `files-by-contents`: files of different content.
 * `blobs-per-file`: each such file's blobs, by path. `raw-data`: the blobs as they are stored.
 */
export const statsModes = ['restore-size', 'files-by-contents', 'blobs-per-file', 'raw-data'] as const;
export type StatsMode = (typeof statsModes)[number];

export interface Stats {
  readonly snapshots: number;
  readonly totalBytes: number;
  /** Everything that a tree lists counts as a file here, as in restic. */
  readonly files?: number;
  readonly blobs?: number;
  readonly compression?: CompressionStats;
}

/** `raw-data` in a repository of version 2. Sizes with the 32 bytes that sealing adds to a blob. */
export interface CompressionStats {
  readonly uncompressedBytes: number;
  /** Of the blobs that are compressed: how many times smaller they are. */
  readonly ratio?: number;
  /** How much of the data is compressed, of 100. */
  readonly progressPercent: number;
  readonly spaceSavingPercent: number;
}

/** Told after each snapshot. */
export type OnStatsProgress = (snapshotsDone: number, snapshotsTotal: number) => void;

/** Fails as soon as a tree cannot be loaded: a count that leaves out a part would be a wrong answer. */
export async function countStats(
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly NamedSnapshot[],
  mode: StatsMode,
  onProgress: OnStatsProgress = () => {},
  signal?: AbortSignal,
): Promise<Stats> {
  if (mode === 'raw-data') return await countRawData(repository, index, snapshots, onProgress, signal);
  const counter = makeCounter(mode, index);
  for (const [done, snapshot] of snapshots.entries()) {
    onProgress(done, snapshots.length);
    counter.beginSnapshot();
    for await (const entry of walkTree(repository, index, snapshot.tree, { signal })) counter.add(entry);
  }
  onProgress(snapshots.length, snapshots.length);
  return { snapshots: snapshots.length, ...counter.totals() };
}

interface Counter {
  beginSnapshot(): void;
  add(entry: TreeEntry): void;
  totals(): { readonly totalBytes: number; readonly files: number; readonly blobs?: number };
}

function makeCounter(mode: Exclude<StatsMode, 'raw-data'>, index: BlobIndex): Counter {
  switch (mode) {
    case 'restore-size':
      return new RestoreSizeCounter();
    case 'files-by-contents':
      return new ContentsCounter();
    case 'blobs-per-file':
      return new BlobsPerFileCounter(index);
  }
}

class RestoreSizeCounter implements Counter {
  #links = new Set<string>();
  #files = 0;
  #bytes = 0;

  beginSnapshot(): void {
    this.#links = new Set();
  }

  add({ node }: TreeEntry): void {
    this.#files++;
    if (node.links === 1 || node.type === 'dir' || node.inode === 0n || this.#isFirstLink(node)) {
      this.#bytes += node.size;
    }
  }

  #isFirstLink({ inode, deviceId }: Node): boolean {
    const file = `${deviceId}:${inode}`;
    const isFirst = !this.#links.has(file);
    this.#links.add(file);
    return isFirst;
  }

  totals() {
    return { totalBytes: this.#bytes, files: this.#files };
  }
}

/** Hashes stand for contents, paths and pairs of them, so that millions fit into memory. */
class ContentsCounter implements Counter {
  readonly #contents = new BlobSet();
  #files = 0;
  #bytes = 0;

  beginSnapshot(): void {}

  add({ node }: TreeEntry): void {
    if (!this.#contents.add('data', contentId(node))) return;
    this.#files++;
    this.#bytes += node.size;
  }

  totals() {
    return { totalBytes: this.#bytes, files: this.#files };
  }
}

class BlobsPerFileCounter implements Counter {
  readonly #index: BlobIndex;
  readonly #contents = new BlobSet();
  readonly #paths = new BlobSet();
  readonly #blobsOfPaths = new BlobSet();
  #bytes = 0;

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  beginSnapshot(): void {}

  add({ path, node, parentTree }: TreeEntry): void {
    const content = node.content ?? [];
    if (content.length === 0 || !this.#contents.add('data', contentId(node))) return;
    this.#paths.add('data', idOf(Buffer.from(path, 'latin1')));
    for (const id of content) {
      if (!this.#blobsOfPaths.add('data', idOf(Buffer.from(`${path}\0${id}`, 'latin1')))) continue;
      const bytes = this.#index.plainBytes('data', id);
      if (bytes === undefined) throw damaged('tree', parentTree, 'it refers to a blob that no index knows');
      this.#bytes += bytes;
    }
  }

  totals() {
    return { totalBytes: this.#bytes, files: this.#paths.size, blobs: this.#blobsOfPaths.size };
  }
}

function contentId(node: Node): Id {
  return idOf(Buffer.from((node.content ?? []).join(''), 'latin1'));
}

async function countRawData(
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly NamedSnapshot[],
  onProgress: OnStatsProgress,
  signal: AbortSignal | undefined,
): Promise<Stats> {
  const used = new BlobSet();
  for (const [done, { tree }] of snapshots.entries()) {
    onProgress(done, snapshots.length);
    await collectUsed(repository, index, tree, used, signal);
  }
  onProgress(snapshots.length, snapshots.length);
  const sizes = { stored: 0, uncompressed: 0, compressedStored: 0, compressedPlain: 0 };
  for (const { type, id } of used) {
    const [place] = index.locate(type, id);
    if (place === undefined) throw damaged(`${type} blob`, id, 'no index knows it');
    const sealedPlain = plainBytes(place) + sealOverheadBytes;
    sizes.stored += place.length;
    sizes.uncompressed += sealedPlain;
    if (place.plainLength === 0) continue;
    sizes.compressedStored += place.length;
    sizes.compressedPlain += sealedPlain;
  }
  const counted = { snapshots: snapshots.length, totalBytes: sizes.stored, blobs: used.size };
  if (repository.config.version === 1 || sizes.uncompressed === 0) return counted;
  return { ...counted, compression: compressionOf(sizes) };
}

function compressionOf(sizes: {
  readonly stored: number;
  readonly uncompressed: number;
  readonly compressedStored: number;
  readonly compressedPlain: number;
}): CompressionStats {
  const { stored, uncompressed, compressedStored, compressedPlain } = sizes;
  return {
    uncompressedBytes: uncompressed,
    ...(compressedStored === 0 ? {} : { ratio: compressedPlain / compressedStored }),
    progressPercent: (compressedPlain / uncompressed) * 100,
    spaceSavingPercent: (1 - stored / uncompressed) * 100,
  };
}

/** Adds every blob that the tree and all below it use. A tree that is in the set was looked through before. */
async function collectUsed(
  repository: Repository,
  index: BlobIndex,
  root: Id,
  used: BlobSet,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiting: Id[] = used.add('tree', root) ? [root] : [];
  for (let tree = waiting.pop(); tree !== undefined; tree = waiting.pop()) {
    signal?.throwIfAborted();
    for (const node of await loadTree(repository, index, tree)) {
      for (const id of node.content ?? []) used.add('data', id);
      if (node.type !== 'dir') continue;
      const subtree = subtreeOf(node, tree);
      if (used.add('tree', subtree)) waiting.push(subtree);
    }
  }
}
