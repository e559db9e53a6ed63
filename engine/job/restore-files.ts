/**
 * The files of one batch: compared with what exists, filled pack by pack, and each given its metadata and then its
 * name when the last piece is in it. A blob that cannot be read fails the files that need it and no other.
 */
import type { ByteString } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { unpackError } from '../compute/carry-error.ts';
import { Turn } from '../compute/turn.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex, BlobLocation } from '../repo/blob-index.ts';
import { loadBlob } from '../repo/load-blob.ts';
import { type BlobRead, readPack } from '../repo/read-pack.ts';
import type { Repository } from '../repo/repository.ts';
import type { Draft, OpenFile, Stat } from '../target/safe-folder.ts';
import type { TargetPath } from '../target/safe-name.ts';
import { ContentReader } from './restore-content.ts';
import { PackFiller } from './restore-fill.ts';
import type { RestoreHand } from './restore-hand.ts';
import { isTrusted, type Overwrite, type Piece, piecesOf, WantedBlobs } from './restore-plan.ts';
import type { FileFilled } from './restore-skill.ts';
import type { RestoreTelling } from './restore-telling.ts';
import { endsRun } from './restore-walk.ts';

/** A file that is to be restored. */
export interface FileTask {
  readonly path: TargetPath;
  /** The same one for all files in it. */
  readonly folder: TargetPath;
  readonly location: ByteString;
  readonly node: Node;
  readonly pieces: readonly Piece[];
  /** By the index, not by the node. */
  readonly sizeBytes: number;
  /** What was at its place. */
  readonly existing: Stat | undefined;
  state: 'waiting' | 'right' | 'failed';
  /** While it is being filled. */
  draft?: Draft;
  piecesMissing?: number;
}

export interface FilesParts {
  readonly repository: Repository;
  readonly index: BlobIndex;
  readonly hand: RestoreHand;
  readonly telling: RestoreTelling;
  readonly overwrite: Overwrite;
  readonly sparse: boolean;
  readonly verify: boolean;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export class FileRestorer {
  readonly #parts: FilesParts;
  readonly #turn: Turn;
  readonly #reader: ContentReader;
  readonly #filler: PackFiller;

  constructor(parts: FilesParts) {
    this.#parts = parts;
    this.#turn = new Turn(parts.repository.world.clock);
    this.#reader = new ContentReader(this.#turn, parts.signal);
    this.#filler = new PackFiller(parts, {
      draftOf: (task) => this.#tryDraft(task),
      filled: (task, pieces, isFinished, how) => this.#filled(task, pieces, isFinished, how),
      failed: (task, error) => this.#fail(task, error),
    });
  }

  async close(): Promise<void> {
    await this.#filler.close();
  }

  /** Fails with `not-found` where the content is not in the repository. */
  piecesOf(node: Node): Piece[] {
    return piecesOf(node.content ?? [], this.#locate);
  }

  /** After it every task is either right or failed. */
  async run(tasks: readonly FileTask[]): Promise<void> {
    const wanted = new WantedBlobs<FileTask>();
    for (const task of tasks) {
      const begun = this.#attempt(task, () => this.#begin(task, wanted));
      if (begun !== undefined) await begun;
      if (this.#turn.isOver) await this.#turn.pass();
    }
    const left = await this.#filler.fill(wanted);
    for (const [packId, blobs] of left.byPack()) await this.#fillFrom(packId, blobs, left);
    if (!this.#parts.verify || this.#parts.dryRun) return;
    for (const task of tasks) if (task.state === 'right') await this.#verify(task);
  }

  readonly #locate = (id: Id): BlobLocation | undefined => this.#parts.index.locate('data', id)[0];

  /** Nothing has to be waited for with most files: they are new. */
  #begin(task: FileTask, wanted: WantedBlobs<FileTask>): void | Promise<void> {
    if (task.existing !== undefined) return this.#beginOver(task, wanted);
    this.#parts.telling.expect(task.sizeBytes);
    if (this.#parts.dryRun) this.#pretend(task);
    else this.#want(task, [], wanted);
  }

  async #beginOver(task: FileTask, wanted: WantedBlobs<FileTask>): Promise<void> {
    const matches = await this.#matchesAt(task);
    if (matches === 'all') return;
    this.#parts.telling.expect(task.sizeBytes);
    if (this.#parts.dryRun) return this.#pretend(task);
    if (matches.includes(true)) await this.#copyOld(task, matches);
    this.#want(task, matches, wanted);
  }

  #pretend(task: FileTask): void {
    this.#parts.telling.wrote(task.sizeBytes);
    this.#tellRight(task);
  }

  /** Wants the pieces that are not there yet. */
  #want(task: FileTask, matches: readonly boolean[], wanted: WantedBlobs<FileTask>): void {
    task.piecesMissing = 0;
    for (const [at, { blob, position }] of task.pieces.entries()) {
      if (matches[at]) continue;
      task.piecesMissing++;
      wanted.add(blob, task, position);
    }
    if (task.piecesMissing === 0) this.#complete(task);
  }

  /** Which pieces what exists has. Where it has all, it needs metadata only, and gets it here. */
  async #matchesAt(task: FileTask): Promise<'all' | readonly boolean[]> {
    const old = this.#openOld(task);
    if (old === undefined) return [];
    try {
      const mayStay = isOwnOf(task.node, old.stat);
      if (!mayStay || !isTrusted(this.#parts.overwrite, task.node, task.sizeBytes, old.stat)) {
        const { isEqual, matches } = await this.#reader.compare(old, task.pieces);
        if (!isEqual || !mayStay) return matches;
      }
      this.#parts.hand.describe({ path: task.path, stat: old.stat }, task.node, task.location);
      task.state = 'right';
      this.#parts.telling.keep(task.location, task.sizeBytes);
      return 'all';
    } finally {
      old.close();
    }
  }

  /** What exists, where it may serve: a regular file that has no second name through which it is something else. */
  #openOld({ existing, path }: FileTask): OpenFile | undefined {
    if (existing === undefined || existing.kind !== 'file' || existing.links !== 1) return undefined;
    try {
      const file = this.#parts.hand.target?.openExisting(path);
      if (file === undefined || file.stat.links === 1) return file;
      file.close();
    } catch (error) {
      if (endsRun(error)) throw error;
      // It cannot be read, so it is replaced.
    }
    return undefined;
  }

  async #copyOld(task: FileTask, matches: readonly boolean[]): Promise<void> {
    const old = this.#parts.hand.folderFor(task.path).openExisting(task.path);
    try {
      await this.#reader.copy(old, task.pieces, matches, ({ position }, bytes) =>
        this.#write(task, position, bytes),
      );
    } finally {
      old.close();
    }
  }

  async #fillFrom(packId: Id, blobs: BlobLocation[], wanted: WantedBlobs<FileTask>): Promise<void> {
    const { repository, signal } = this.#parts;
    for await (const read of readPack(repository, packId, blobs)) {
      signal.throwIfAborted();
      const uses = wanted.get(read.blob.id)?.uses.filter(({ owner }) => owner.state === 'waiting') ?? [];
      if (uses.length === 0) continue;
      const outcome = 'plaintext' in read ? read.plaintext : await this.#otherCopy(read);
      for (const { owner, position } of uses) {
        if (outcome instanceof Uint8Array) this.#attempt(owner, () => this.#fill(owner, position, outcome));
        else this.#fail(owner, outcome.error);
      }
      if (this.#turn.isOver) await this.#turn.pass();
    }
  }

  /** Another pack may hold the same blob unharmed. */
  async #otherCopy(read: BlobRead & { readonly error: unknown }): Promise<Buffer | { error: unknown }> {
    const { repository, index, signal } = this.#parts;
    if (endsRun(read.error) || index.locate('data', read.blob.id).length < 2) return read;
    try {
      return await loadBlob(repository, index, 'data', read.blob.id);
    } catch (error) {
      signal.throwIfAborted();
      return { error };
    }
  }

  #write(task: FileTask, position: number, bytes: Uint8Array): void {
    this.#parts.hand.folderFor(task.path).writeAt(this.#draftOf(task), position, bytes);
    this.#parts.telling.wrote(bytes.length);
  }

  /** Made no earlier than needed, so that few are unfinished at a time. */
  #draftOf(task: FileTask): Draft {
    const { hand, sparse } = this.#parts;
    task.draft ??= hand.folderFor(task.path).draftFile(task.path, task.sizeBytes, sparse);
    return task.draft;
  }

  #tryDraft(task: FileTask): Draft | undefined {
    this.#attempt(task, () => void this.#draftOf(task));
    return task.draft;
  }

  /** A thread wrote pieces of the file, and where it had all of them gave it its metadata and its name. */
  #filled(task: FileTask, pieces: number, isFinished: boolean, how: FileFilled): void {
    const { telling } = this.#parts;
    telling.wrote(how.writtenBytes);
    for (const problem of how.problems) telling.failed(task.location, unpackError(problem));
    task.piecesMissing = (task.piecesMissing ?? 0) - pieces;
    if (isFinished) this.#tellRight(task);
    else if (task.piecesMissing === 0) this.#attempt(task, () => this.#complete(task));
  }

  #fill(task: FileTask, position: number, plaintext: Uint8Array): void {
    this.#write(task, position, plaintext);
    task.piecesMissing = (task.piecesMissing ?? 0) - 1;
    if (task.piecesMissing === 0) this.#complete(task);
  }

  #complete(task: FileTask): void {
    this.#parts.hand.finish(this.#draftOf(task), task.node, task.location);
    delete task.draft;
    this.#tellRight(task);
  }

  #tellRight(task: FileTask): void {
    task.state = 'right';
    const { node, sizeBytes, location, existing } = task;
    this.#parts.telling.done(existing === undefined ? 'restored' : 'updated', location, sizeBytes);
    if (node.size !== sizeBytes) this.#parts.telling.failed(location, wrongSize(node.size, sizeBytes));
  }

  /** What fails in it fails the file; undefined where nothing has to be waited for. */
  #attempt(task: FileTask, act: () => void | Promise<void>): Promise<void> | undefined {
    if (task.state === 'failed') return undefined;
    try {
      const acting = act();
      return acting instanceof Promise ? acting.catch((error) => this.#fail(task, error)) : undefined;
    } catch (error) {
      this.#fail(task, error);
      return undefined;
    }
  }

  #fail(task: FileTask, error: unknown): void {
    if (task.state === 'failed') return;
    this.#parts.signal.throwIfAborted();
    if (endsRun(error)) throw error;
    task.state = 'failed';
    if (task.draft !== undefined) this.#parts.hand.target?.discard(task.draft);
    delete task.draft;
    this.#parts.telling.failed(task.location, error);
  }

  async #verify(task: FileTask): Promise<void> {
    const { hand, telling, signal } = this.#parts;
    signal.throwIfAborted();
    try {
      const file = hand.folderFor(task.path).openExisting(task.path);
      try {
        const { isEqual } = await this.#reader.compare(file, task.pieces);
        if (!isEqual)
          throw new Failure('verification-failed', { why: 'its content is not what was restored' });
      } finally {
        file.close();
      }
      telling.verified();
    } catch (error) {
      signal.throwIfAborted();
      if (endsRun(error)) throw error;
      telling.failed(task.location, error, 'verify');
    }
  }
}

/** Root gives another user's file to nobody, but copies it: whoever has it open could go on writing to it. */
function isOwnOf(node: Node, { uid }: Stat): boolean {
  return process.geteuid?.() !== 0 || uid === 0 || uid === node.uid;
}

function wrongSize(said: number, found: number): Failure {
  const why = `the snapshot says it has ${said} bytes, but its content has ${found}`;
  return new Failure('damaged', { what: 'file', why });
}
