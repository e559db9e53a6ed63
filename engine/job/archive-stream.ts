/** Stores a stream of bytes as one file of a snapshot: standard input, or what a command prints. */
import type { ByteString } from '../base/byte-string.ts';
import { fromLatin1 } from '../base/byte-string.ts';
import { ContentCutter } from '../compute/cut-content.ts';
import { makeChunkerTables } from '../format/chunker.ts';
import type { Id } from '../format/id.ts';
import type { BlobType } from '../format/pack-header.ts';
import { encodeTree } from '../format/tree.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import type { Host, Repository } from '../repo/repository.ts';
import type { Item, ItemKind } from '../source/item.ts';
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
  readonly store: BlobStore;
  readonly counts: BackupCounts;
  readonly listener: ArchiveListener;
  readonly signal: AbortSignal;
}

/** The id of the root tree. */
export async function archiveStream(parts: StreamParts, stream: StreamSource): Promise<Id> {
  const { counts, listener, repository } = parts;
  const { clock, host } = repository.world;
  const nowNs = clock.wallNs();
  const [name, ...folders] = stream.path.split('/').filter(Boolean).reverse().map(fromLatin1);
  listener.began(stream.path);
  const stored = await storeContent(parts, stream.pieces);
  await stream.finished();
  counts.countFile('new', stored.sizeBytes);
  let node = nodeFromItem(streamItem(name ?? fromLatin1('stdin'), 'file', host, nowNs), stored);
  listener.stored(stream.path, false, 'new');
  let path = stream.path;
  for (const folder of folders) {
    path = path.slice(0, path.lastIndexOf('/')) as ByteString;
    const subtree = await storeBlob(parts, 'tree', encodeTree([node]));
    counts.dirs.new++;
    node = nodeFromItem(streamItem(folder, 'dir', host, nowNs), { subtree });
    listener.stored(path, true, 'new');
  }
  return await storeBlob(parts, 'tree', encodeTree([node]));
}

interface StoredContent {
  readonly content: readonly Id[];
  readonly sizeBytes: number;
}

/** Cut here, and then sealed by all threads at a time. */
async function storeContent(parts: StreamParts, pieces: AsyncIterable<Uint8Array>): Promise<StoredContent> {
  const { repository, store, counts, signal } = parts;
  const cutter = new ContentCutter(makeChunkerTables(repository.config.chunkerPolynomial));
  const content: Promise<Id>[] = [];
  let sizeBytes = 0;
  const takeChunks = async (): Promise<void> => {
    for (let chunk = cutter.next(); chunk !== undefined; chunk = cutter.next()) {
      const stored = storeBlob(parts, 'data', Uint8Array.from(chunk));
      // It is awaited below, or with the next that fails.
      stored.catch(() => undefined);
      content.push(stored);
      await content.at(-store.requestsMax);
      signal.throwIfAborted();
    }
  };
  cutter.begin();
  // When this loop is left, whoever writes the stream need not wait for us any longer, whatever went wrong.
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const space = cutter.space();
      const taken = piece.subarray(at, at + space.length);
      space.set(taken);
      cutter.advance(taken.length);
      at += taken.length;
      await takeChunks();
    }
    sizeBytes += piece.length;
    counts.bytesUnread += piece.length;
  }
  cutter.advance(0);
  await takeChunks();
  return { content: await Promise.all(content), sizeBytes };
}

async function storeBlob({ store, counts }: StreamParts, type: BlobType, blob: Uint8Array): Promise<Id> {
  const [stored] = await store.storeBlobs(type, [blob]);
  const { id, addedBytes, addedPackedBytes } = stored!;
  counts.countBlobs(type, addedPackedBytes > 0 ? 1 : 0, addedBytes, addedPackedBytes);
  return id;
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
