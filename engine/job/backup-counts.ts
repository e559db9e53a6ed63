/** Counts what a backup did, as restic's summary has it. */
import { formatTime, parseTime } from '../format/go-time.ts';
import { encodeNode, type Node } from '../format/node.ts';
import type { BlobType } from '../format/pack-header.ts';
import type { BackupTotals } from '../protocol/run-news.ts';
import { type Former, isSame } from './parent-folder.ts';

export type ItemAction = 'new' | 'changed' | 'unmodified';

export class BackupCounts {
  /** Regular files, as restic counts them; links, devices and pipes are in no figure. */
  readonly files: Record<ItemAction, number> = { new: 0, changed: 0, unmodified: 0 };
  readonly dirs: Record<ItemAction, number> = { new: 0, changed: 0, unmodified: 0 };
  dataBlobs = 0;
  treeBlobs = 0;
  addedBytes = 0;
  addedPackedBytes = 0;
  /** For progress: bytes of files that needed no reading, and of streams. */
  bytesUnread = 0;
  #bytesProcessed = 0;
  errors = 0;
  #taken = zeroAdded();
  changedWhileReading = 0;

  get filesProcessed(): number {
    return this.files.new + this.files.changed + this.files.unmodified;
  }

  totals(): BackupTotals {
    return {
      filesNew: this.files.new,
      filesChanged: this.files.changed,
      filesUnmodified: this.files.unmodified,
      dirsNew: this.dirs.new,
      dirsChanged: this.dirs.changed,
      dirsUnmodified: this.dirs.unmodified,
      dataBlobs: this.dataBlobs,
      treeBlobs: this.treeBlobs,
      totalFilesProcessed: this.filesProcessed,
      totalBytesProcessed: this.#bytesProcessed,
    };
  }

  /** A file that is stored whole. */
  countFile(action: ItemAction, sizeBytes: number): void {
    this.files[action]++;
    this.#bytesProcessed += sizeBytes;
  }

  /** Blobs that are new, and their bytes before compression and as they are stored. */
  countBlobs(type: BlobType, blobs: number, bytes: number, packedBytes: number): void {
    if (type === 'data') this.dataBlobs += blobs;
    else this.treeBlobs += blobs;
    this.addedBytes += bytes;
    this.addedPackedBytes += packedBytes;
    this.#taken[type].bytes += bytes;
    this.#taken[type].packedBytes += packedBytes;
  }

  /** What was added since this was last asked for: what one item added. */
  takeAdded(): Added {
    const taken = this.#taken;
    this.#taken = zeroAdded();
    return taken;
  }
}

/** New blobs before compression, and as they are stored. */
export type Added = Record<BlobType, { bytes: number; packedBytes: number }>;

function zeroAdded(): Added {
  return { data: { bytes: 0, packedBytes: 0 }, tree: { bytes: 0, packedBytes: 0 } };
}

/** How a node that was read anew, as JSON, compares with what the parent snapshot has under its name. Pure. */
export function compareNodes(json: string, former: Former | undefined): ItemAction {
  if (former === undefined) return 'new';
  const isUnmodified = isSame(former)
    ? json === former.json
    : json === encodeNode(former) || json === encodeNode(inLocalZone(former));
  return isUnmodified ? 'unmodified' : 'changed';
}

/** The same node with its times written in this machine's zone: instants are what counts. */
function inLocalZone(node: Node): Node {
  const local = (time: string): string => formatTime(parseTime(time));
  return { ...node, mtime: local(node.mtime), atime: local(node.atime), ctime: local(node.ctime) };
}
