/** Stores the content of one file, or of a stream, as data blobs. */
import type { ByteString } from '../base/byte-string.ts';
import { ContentCutter } from '../compute/cut-content.ts';
import type { SealSettings } from '../compute/seal-blob.ts';
import { type BlobSink, storeBlob } from '../compute/store-blob.ts';
import { Turn } from '../compute/turn.ts';
import { makeChunkerTables } from '../format/chunker.ts';
import type { Id } from '../format/id.ts';
import type { Repository } from '../repo/repository.ts';
import type { Item } from '../source/item.ts';
import { reading, type SourceFiles } from '../source/source-files.ts';
import type { BackupCounts } from './backup-counts.ts';

export interface StoredContent {
  readonly content: readonly Id[];
  readonly sizeBytes: number;
}

export interface StoredFile extends StoredContent {
  /** The file as it was when it was opened. */
  readonly item: Item;
  /** Whether its metadata say that it changed while it was read: then its content may be of no one moment. */
  readonly changed: boolean;
}

export interface StorerParts {
  readonly repository: Repository;
  readonly sink: BlobSink & { ready(): Promise<void> };
  readonly settings: SealSettings;
  readonly files: SourceFiles;
  readonly counts: BackupCounts;
  readonly signal: AbortSignal;
}

export class ContentStorer {
  readonly #parts: StorerParts;
  readonly #cutter: ContentCutter;
  readonly #turn: Turn;

  constructor(parts: StorerParts) {
    this.#parts = parts;
    this.#cutter = new ContentCutter(makeChunkerTables(parts.repository.config.chunkerPolynomial));
    this.#turn = new Turn(parts.repository.world.clock);
  }

  /** Resolves when there is room for more blobs. */
  async ready(): Promise<void> {
    await this.#parts.sink.ready();
  }

  /** Fails with `source-unreadable` for what is the file's fault; all else is the repository's. */
  async storeFile(path: ByteString, item: Item): Promise<StoredFile> {
    const file = reading(path, () => this.#parts.files.open(path, item));
    try {
      const stored = await this.#store((space) => reading(path, () => file.read(space)));
      return { ...stored, item: file.item, changed: reading(path, () => file.hasChanged()) };
    } finally {
      file.close();
    }
  }

  /** A stream of bytes in pieces of any size. */
  async storeStream(pieces: AsyncIterable<Uint8Array>): Promise<StoredContent> {
    const iterator = pieces[Symbol.asyncIterator]();
    let piece: Uint8Array = new Uint8Array(0);
    const read = async (space: Buffer): Promise<number> => {
      while (piece.length === 0) {
        const next = await iterator.next();
        if (next.done === true) return 0;
        piece = next.value;
      }
      const taken = piece.subarray(0, space.length);
      space.set(taken);
      piece = piece.subarray(taken.length);
      return taken.length;
    };
    try {
      return await this.#store(read);
    } finally {
      // Whoever writes the stream must not wait for us any longer, whatever went wrong.
      await iterator.return?.();
    }
  }

  /** `read` fills the space that it is handed and tells how many bytes it put there; 0 at the end. */
  async #store(read: (space: Buffer) => number | Promise<number>): Promise<StoredContent> {
    const { signal, counts } = this.#parts;
    const content: Id[] = [];
    let sizeBytes = 0;
    this.#cutter.begin();
    for (let isAtEnd = false; !isAtEnd; ) {
      const outcome = read(this.#cutter.space());
      const count = typeof outcome === 'number' ? outcome : await outcome;
      this.#cutter.advance(count);
      isAtEnd = count === 0;
      sizeBytes += count;
      counts.bytesRead += count;
      for (let chunk = this.#cutter.next(); chunk !== undefined; chunk = this.#cutter.next()) {
        content.push(this.#storeChunk(chunk));
        await this.ready();
        signal.throwIfAborted();
        if (this.#turn.isOver) await this.#turn.pass();
      }
    }
    return { content, sizeBytes };
  }

  #storeChunk(chunk: Buffer): Id {
    const { settings, sink, counts } = this.#parts;
    const stored = storeBlob(settings, sink, 'data', chunk);
    counts.countBlob('data', stored);
    return stored.id;
  }
}
