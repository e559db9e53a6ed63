/** Stores a stream of bytes as one file of a snapshot: standard input, or what a command prints. */
import type { ByteString } from '../base/byte-string.ts';
import { fromLatin1 } from '../base/byte-string.ts';
import type { SealSettings } from '../compute/seal-blob.ts';
import { type BlobSink, storeBlob } from '../compute/store-blob.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import { encodeTree } from '../format/tree.ts';
import type { Host, Repository } from '../repo/repository.ts';
import type { Item, ItemKind } from '../source/item.ts';
import type { ContentStorer } from './archive-file.ts';
import type { ArchiveListener } from './archive-tree.ts';
import type { BackupCounts } from './backup-counts.ts';
import { nodeFromItem } from './node-from-item.ts';

export interface StreamSource {
  /** Where the file stands in the snapshot: absolute. */
  readonly path: ByteString;
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Resolves when whoever wrote the stream says that it is whole; else it rejects, and nothing is saved. */
  finished(): Promise<void>;
}

export interface StreamParts {
  readonly repository: Repository;
  readonly sink: BlobSink;
  readonly settings: SealSettings;
  readonly storer: ContentStorer;
  readonly counts: BackupCounts;
  readonly listener: ArchiveListener;
}

/** The id of the root tree. */
export async function archiveStream(parts: StreamParts, stream: StreamSource): Promise<Id> {
  const { storer, counts, listener, repository } = parts;
  const { clock, host } = repository.world;
  const nowNs = clock.wallNs();
  const [name, ...folders] = stream.path.split('/').filter(Boolean).reverse().map(fromLatin1);
  listener.began(stream.path);
  const stored = await storer.storeStream(stream.pieces);
  await stream.finished();
  counts.countFile('new', stored.sizeBytes);
  let node = nodeFromItem(streamItem(name ?? fromLatin1('stdin'), 'file', host, nowNs), stored);
  listener.stored(stream.path, node, 'new');
  let path = stream.path;
  for (const folder of folders) {
    path = path.slice(0, path.lastIndexOf('/')) as ByteString;
    const subtree = saveTree(parts, node);
    counts.dirs.new++;
    node = nodeFromItem(streamItem(folder, 'dir', host, nowNs), { subtree });
    listener.stored(path, node, 'new');
  }
  const root = saveTree(parts, node);
  await storer.ready();
  return root;
}

function saveTree({ settings, sink, counts }: StreamParts, node: Node): Id {
  const stored = storeBlob(settings, sink, 'tree', encodeTree([node]));
  counts.countBlob('tree', stored);
  return stored.id;
}

/** What is known of a stream: its name, when it was read, and by whom. */
function streamItem(name: ByteString, kind: ItemKind, { uid, gid }: Host, nowNs: bigint): Item {
  return {
    name,
    kind,
    permissions: kind === 'dir' ? 0o755 : 0o644,
    mtimeNs: nowNs,
    atimeNs: nowNs,
    ctimeNs: nowNs,
    uid,
    gid,
    inode: 0n,
    deviceId: 0n,
    sizeBytes: 0,
    links: 0,
    device: 0n,
    extendedAttributes: [],
    attributeErrors: [],
  };
}
