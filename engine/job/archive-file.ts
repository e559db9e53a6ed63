/**
 * Files on their way into the repository: small ones travel to the compute threads in batches, a large one alone, and a very
 * large one in parts. So many at most are on their way at a time; whoever walks waits for `room`.
 */
import type { ByteString } from '../base/byte-string.ts';
import { limits } from '../base/limits.ts';
import { unpackError } from '../compute/carry-error.ts';
import { joinParts, partCount } from '../compute/file-parts.ts';
import { type FileOutcome, seenWords } from '../compute/store-skill.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import type { Item } from '../source/item.ts';
import { Batches, type QueueListener } from './archive-batch.ts';

/** Told once: what became of the file, or why it could not be read. */
export interface FileListener {
  stored(outcome: FileOutcome): void;
  failed(error: Error): void;
}

interface QueuedFile {
  readonly path: ByteString;
  readonly item: Item;
  readonly listener: FileListener;
}

export class FileQueue {
  readonly #store: BlobStore;
  readonly #partBytes: number;
  readonly #batches: Batches<QueuedFile>;
  #ahead = 0;

  constructor(store: BlobStore, listener: QueueListener) {
    this.#partBytes = limits.filePartPacks * store.packBytesTarget;
    this.#store = store;
    this.#batches = new Batches(store, listener, async (batch) =>
      this.#settle(batch, await this.#storeWhole(batch)),
    );
  }

  /** Files that are not settled yet. */
  get ahead(): number {
    return this.#ahead;
  }

  add(path: ByteString, item: Item, listener: FileListener): void {
    this.#ahead++;
    const file = { path, item, listener };
    if (item.sizeBytes < limits.batchBytesMax) {
      this.#batches.add(file, item.sizeBytes);
      return;
    }
    const count = this.#store.handsMax === 1 ? 1 : partCount(item.sizeBytes, this.#partBytes);
    const stored = count > 1 ? this.#storeParts(file, count) : this.#storeWhole([file]);
    this.#batches.sendAlone(stored.then((outcomes) => this.#settle([file], outcomes)));
  }

  /** See `Batches`. */
  flush(): void {
    this.#batches.flush();
  }

  /** A file whose parts do not fit together is read once more, from its begin to its end. */
  async #storeParts(file: QueuedFile, count: number): Promise<readonly FileOutcome[]> {
    const { path, item } = file;
    const seen = seenOf([file]);
    const parts = await Promise.all(
      Array.from({ length: count }, (_, number) => {
        const part = { number, count, partBytes: this.#partBytes };
        return this.#store.storePart({ do: 'part', path, seen, part });
      }),
    );
    const whole = joinParts(parts, item);
    if (whole !== undefined) return [whole];
    this.#store.forgetRead(parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    return await this.#storeWhole([file]);
  }

  async #storeWhole(batch: readonly QueuedFile[]): Promise<readonly FileOutcome[]> {
    const paths = batch.map(({ path }) => path);
    return await this.#store.storeFiles({ do: 'files', paths, seen: seenOf(batch) });
  }

  #settle(batch: readonly QueuedFile[], outcomes: readonly FileOutcome[]): void {
    this.#ahead -= batch.length;
    for (const [i, { listener, item }] of batch.entries()) {
      const outcome = outcomes[i]!;
      if (outcome.error !== undefined) listener.failed(unpackError(outcome.error));
      // In the snapshot an item may have another name than on the disk.
      else if (outcome.item === undefined) listener.stored(outcome);
      else listener.stored({ ...outcome, item: { ...outcome.item, name: item.name } });
    }
  }
}

function seenOf(batch: readonly QueuedFile[]): BigInt64Array {
  const seen = new BigInt64Array(seenWords * batch.length);
  for (const [i, { item }] of batch.entries()) {
    const at = seenWords * i;
    seen[at] = item.mtimeNs;
    seen[at + 1] = item.ctimeNs;
    seen[at + 2] = item.inode;
    seen[at + 3] = BigInt(item.sizeBytes);
  }
  return seen;
}
