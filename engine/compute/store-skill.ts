/**
 * What a compute thread does in a backup: it reads files and cuts them into blobs, takes blobs that are made
 * elsewhere (trees, streams), and stores what is new in packs, which it hands over. Used by `repo/blob-store`.
 */
import type { ByteString } from '../base/byte-string.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { type ChunkerTables, makeChunkerTables } from '../format/chunker.ts';
import type { Id } from '../format/id.ts';
import { idsOf } from '../format/ids.ts';
import type { BlobType } from '../format/pack-header.ts';
import type { Item } from '../source/item.ts';
import { baseName } from '../source/path.ts';
import { type KnownFile, reading, type SourceFile } from '../source/source-files.ts';
import { loadAdvice } from '../system/allocator.ts';
import { systemCalls } from '../system/libc.ts';
import { BlobPacker, type PackerSetup, type StoredBlob } from './blob-packer.ts';
import { type CarriedError, packError } from './carry-error.ts';
import type { Done, Duty, HandWorld, Skill, Terms, Transfer } from './crew.ts';
import { type ContentCutter, cutting } from './cut-content.ts';
import { type FilePart, type PartOutcome, type PartPlace, placeOfPart } from './file-parts.ts';
import type { FullPack } from './open-pack.ts';
import { loadSealing } from './seal-blob.ts';

export interface StoreSetup extends PackerSetup {
  readonly polynomial: bigint;
  /** Counts what was read of files, for all threads together. */
  readonly bytesRead: BigInt64Array;
}

/** How many numbers `seen` has of each file. */
export const seenWords = 4;

export interface StoreFiles {
  readonly do: 'files';
  readonly paths: readonly ByteString[];
  /** Of each file in turn: `mtimeNs`, `ctimeNs`, inode and size as the walk saw them. */
  readonly seen: BigInt64Array;
}

/** A part of one file. */
export interface StorePart {
  readonly do: 'part';
  readonly path: ByteString;
  readonly seen: BigInt64Array;
  readonly part: FilePart;
}

export interface StoreBlobs {
  readonly do: 'blobs';
  readonly type: BlobType;
  readonly blobs: readonly Uint8Array[];
}

/** What became of one file. */
export interface FileOutcome {
  readonly sizeBytes: number;
  readonly content: readonly Id[];
  readonly newBlobs: number;
  readonly addedBytes: number;
  readonly addedPackedBytes: number;
  /** Whether its metadata say that it changed while it was read: then its content may be of no one moment. */
  readonly changed?: true;
  /** As it was when it was opened, where that is not what the walk saw. Its name is the last one of its path. */
  readonly item?: Item;
  /** Why it could not be read: then nothing of it counts. */
  readonly error?: CarriedError;
}

export interface StoreTerms extends Terms {
  readonly setup: StoreSetup;
  readonly request: StoreFiles | StorePart | StoreBlobs | { readonly do: 'flush' };
  /** One outcome for each file, part or blob, in their order. */
  readonly answer: readonly FileOutcome[] | readonly [PartOutcome] | readonly StoredBlob[];
  readonly news: FullPack;
  /** Said to all hands: a pack of one of them is stored, and its memory is free. */
  readonly word: 'stored';
}

export const storeSkill: Skill<StoreTerms> = {
  name: 'store',
  prepare() {
    systemCalls();
    loadAdvice();
    loadSealing();
  },
  begin: (setup, world, tell) => new StoreDuty(setup, world, tell),
};

/** A file whose turn comes, or why it could not be opened. */
interface Opened {
  readonly path: ByteString;
  readonly file?: SourceFile;
  readonly error?: unknown;
}

/** The outcome of a file whose chunks are being stored. */
type StoredFile = { -readonly [Name in keyof FileOutcome]: FileOutcome[Name] } & { readonly content: Id[] };

/** A chunk that is cut and not yet stored. */
interface WaitingChunk {
  readonly chunk: Uint8Array;
  readonly stored: StoredFile;
}

class StoreDuty implements Duty<StoreTerms> {
  readonly #world: HandWorld;
  readonly #bytesRead: BigInt64Array;
  readonly #packer: BlobPacker;
  readonly #tables: ChunkerTables;
  readonly #chunks: WaitingChunk[] = [];

  constructor(setup: StoreSetup, world: HandWorld, tell: (pack: FullPack, transfer?: Transfer) => void) {
    this.#world = world;
    this.#bytesRead = setup.bytesRead;
    this.#packer = new BlobPacker(setup, world.chance, (pack) => tell(pack));
    this.#tables = makeChunkerTables(setup.polynomial);
  }

  hear(): void {
    this.#packer.stored();
  }

  async work(request: StoreTerms['request']): Promise<Done<StoreTerms['answer']>> {
    if (request.do === 'files') return { answer: await this.#storeFiles(request) };
    if (request.do === 'part') return { answer: [await this.#storePart(request)] };
    if (request.do === 'blobs') return { answer: await this.#storeBlobs(request) };
    this.#packer.flush();
    return { answer: [] };
  }

  async #storeBlobs({ type, blobs }: StoreBlobs): Promise<StoredBlob[]> {
    const ids = idsOf(blobs);
    const stored: StoredBlob[] = [];
    for (const [i, blob] of blobs.entries()) stored.push(await this.#store(type, blob, ids[i]!));
    return stored;
  }

  async #store(type: BlobType, plaintext: Uint8Array, id: Id): Promise<StoredBlob> {
    const wait = this.#packer.ready(type, plaintext.length);
    if (wait !== undefined) await wait;
    return this.#packer.store(type, plaintext, id);
  }

  /** Some files are open before their turn comes: what they hold is then on its way from the disk. */
  async #storeFiles({ paths, seen }: StoreFiles): Promise<FileOutcome[]> {
    const stored: StoredFile[] = [];
    const opened: Opened[] = [];
    try {
      await cutting(this.#tables, async (cutter) => {
        for (let next = 0; stored.length < paths.length; ) {
          while (next < paths.length && opened.length < limits.filesOpenMax) {
            opened.push(this.#open(paths[next]!, knownAt(seen, next, paths[next]!)));
            next++;
          }
          stored.push(await this.#storeFile(opened.shift()!, cutter));
        }
        await this.#storeChunks(cutter);
      });
    } finally {
      this.#chunks.length = 0;
      for (const { file } of opened) file?.close();
    }
    return stored;
  }

  async #storePart({ path, seen, part }: StorePart): Promise<PartOutcome> {
    try {
      return await cutting(this.#tables, async (cutter) => {
        const found = findPart(this.#open(path, knownAt(seen, 0, path)), part, cutter);
        const stored = await this.#storeFile(found, cutter);
        await this.#storeChunks(cutter);
        return found.place === undefined ? stored : { ...stored, place: found.place };
      });
    } finally {
      this.#chunks.length = 0;
    }
  }

  #open(path: ByteString, known: KnownFile): Opened {
    try {
      return { path, file: reading(path, () => this.#world.files.open(path, known)) };
    } catch (error) {
      return { path, error };
    }
  }

  /** Its last chunks may still wait for others, to be hashed with them. */
  async #storeFile({ path, file, error }: Opened, cutter: ContentCutter): Promise<StoredFile> {
    const stored: StoredFile = { ...nothing, content: [] };
    try {
      if (file === undefined) throw error;
      await this.#readContent(path, file, cutter, stored);
      if (reading(path, () => file.hasChanged())) stored.changed = true;
      const item = file.item();
      if (item !== undefined) stored.item = item;
      return stored;
    } catch (error) {
      // What fails of the repository, or of us, ends the run.
      if (!isFailure(error, 'source-unreadable')) throw error;
      return { ...nothing, content: [], error: packError(error) };
    } finally {
      file?.close();
    }
  }

  async #readContent(
    path: ByteString,
    file: SourceFile,
    cutter: ContentCutter,
    stored: StoredFile,
  ): Promise<void> {
    cutter.begin();
    for (let isAtEnd = false; !isAtEnd; ) {
      if (cutter.isFull || this.#chunks.length >= limits.hashedTogetherMax) await this.#storeChunks(cutter);
      const count = reading(path, () => file.read(cutter.space()));
      cutter.advance(count);
      isAtEnd = count === 0;
      stored.sizeBytes += count;
      if (count > 0) Atomics.add(this.#bytesRead, 0, BigInt(count));
      for (let chunk = cutter.next(); chunk !== undefined; chunk = cutter.next())
        this.#chunks.push({ chunk, stored });
    }
  }

  async #storeChunks(cutter: ContentCutter): Promise<void> {
    const ids = idsOf(this.#chunks.map(({ chunk }) => chunk));
    for (const [i, { chunk, stored }] of this.#chunks.entries()) {
      const { id, addedBytes, addedPackedBytes } = await this.#store('data', chunk, ids[i]!);
      stored.content.push(id);
      if (addedPackedBytes > 0) stored.newBlobs++;
      stored.addedBytes += addedBytes;
      stored.addedPackedBytes += addedPackedBytes;
    }
    this.#chunks.length = 0;
    cutter.release();
  }
}

/** As if the part were the file; there is nothing in one that does not begin. */
function findPart(
  opened: Opened,
  part: FilePart,
  cutter: ContentCutter,
): Opened & { readonly place?: PartPlace } {
  const { path, file } = opened;
  if (file === undefined) return opened;
  try {
    const place = reading(path, () => placeOfPart(part, (after) => sureCutAfter(file, after, cutter)));
    if (place === undefined) return { path, file: stretchOf(file, { begin: 0, end: 0 }) };
    return { path, file: stretchOf(file, place), place };
  } catch (error) {
    file.close();
    return { path, error };
  }
}

function sureCutAfter(file: SourceFile, after: number, cutter: ContentCutter): number | undefined {
  let at = after;
  const cut = cutter.sureCut((space) => {
    const count = file.readAt(at, space);
    at += count;
    return count;
  });
  return cut === undefined ? undefined : after + cut;
}

function stretchOf(file: SourceFile, { begin, end }: PartPlace): SourceFile {
  let at = begin;
  const read = (space: Uint8Array): number => {
    const count = at < end ? file.readAt(at, space.subarray(0, end - at)) : 0;
    at += count;
    return count;
  };
  return {
    read,
    readAt: (position, space) => file.readAt(begin + position, space),
    item: () => file.item(),
    hasChanged: () => file.hasChanged(),
    close: () => file.close(),
  };
}

const nothing = { sizeBytes: 0, newBlobs: 0, addedBytes: 0, addedPackedBytes: 0 };

function knownAt(seen: BigInt64Array, number: number, path: ByteString): KnownFile {
  const at = seenWords * number;
  return {
    name: baseName(path),
    mtimeNs: seen[at]!,
    ctimeNs: seen[at + 1]!,
    inode: BigInt.asUintN(64, seen[at + 2]!),
    sizeBytes: Number(seen[at + 3]!),
  };
}
