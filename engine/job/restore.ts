/**
 * A restore: brings a snapshot, a folder in it or one file back to a folder. Folders are made on the way; files are
 * collected into batches and filled pack by pack; then come links, devices and fifos, and the metadata of folders
 * that were left, children first. Memory is bounded by the batch, not by the snapshot.
 */
import { statSync } from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';
import { Failure, fromSystemError, isFailure, systemCode } from '../base/failure.ts';
import { type Id, idOf } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { loadIndex } from '../repo/load-index.ts';
import type { Repository } from '../repo/repository.ts';
import { type FoundPath, resolvePath } from '../repo/tree-path.ts';
import { type Draft, openSafeFolder, type Replace, type SafeFolder } from '../target/safe-folder.ts';
import type { TargetPath } from '../target/safe-name.ts';
import { RestoreDeletion } from './restore-deletion.ts';
import { FileRestorer, type FileTask } from './restore-files.ts';
import { RestoreHand } from './restore-hand.ts';
import { bytesIn, mayReplace, type Overwrite, type RestoreFilter } from './restore-plan.ts';
import { type RestoreListener, type RestoreSummary, RestoreTelling } from './restore-telling.ts';
import { endsRun, RestoreWalk, type WalkedFolder } from './restore-walk.ts';

export interface RestoreRequest {
  /** The snapshot's tree. */
  readonly tree: Id;
  /** Within the snapshot; `/` for all of it. What a folder holds, or a file itself, comes to lie in the target. */
  readonly path: ByteString;
  /** Absolute; made if need be. */
  readonly target: ByteString;
  readonly filter?: RestoreFilter;
  readonly overwrite: Overwrite;
  /** Remove from restored folders what the snapshot does not have. */
  readonly delete: boolean;
  readonly dryRun: boolean;
  /** Read every restored file again. */
  readonly verify: boolean;
  readonly sparse: boolean;
  /** Whether devices, and set-id bits and file capabilities, of whoever made the snapshot are trusted. */
  readonly trust: { readonly devices: boolean; readonly setIdBits: boolean };
  /** Count first, so that progress has an end: the trees are then walked twice. */
  readonly count: boolean;
}

/** What is collected at most before it is restored; one batch is collected while the two before it are restored. */
const batchEntriesMax = 2_000;
const batchBlobsMax = 50_000;

/**
 * Needs a lock held by the caller. Fails with `not-found` for a path that the snapshot does not have, with what
 * makes the target unusable, `no-space` or `cancelled`; what concerns single entries is told and counted.
 */
export async function runRestore(
  repository: Repository,
  request: RestoreRequest,
  listener: RestoreListener,
  signal: AbortSignal,
): Promise<RestoreSummary> {
  const index = await loadIndex(repository);
  const from = await resolvePath(repository, index, request.tree, request.path);
  const { filter } = request;
  const totals = request.count ? await countEntries(repository, index, from, filter, signal) : undefined;
  const telling = new RestoreTelling(listener, repository.world.clock, totals);
  const target = openTarget(request, repository);
  try {
    const run = new RestoreRun(repository, index, request, target, telling, signal);
    try {
      await new RestoreWalk(repository, index, filter, run, signal).run(from);
      await run.end();
    } finally {
      await run.close();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw systemCode(error) === undefined || isFailure(error)
      ? error
      : fromSystemError(error, 'write', request.target);
  } finally {
    target?.close();
  }
  return telling.summary(request.dryRun);
}

function openTarget({ target, dryRun }: RestoreRequest, { world }: Repository): SafeFolder | undefined {
  try {
    if (dryRun && !statSync(Buffer.from(target, 'latin1'), { throwIfNoEntry: false })?.isDirectory())
      return undefined;
    return openSafeFolder(target, world.chance);
  } catch (error) {
    throw fromSystemError(error, 'create', target);
  }
}

async function countEntries(
  repository: Repository,
  index: BlobIndex,
  from: FoundPath,
  filter: RestoreFilter | undefined,
  signal: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  const totals = { files: 0, bytes: 0 };
  const names = new Set<string>();
  const visitor = {
    enter: () => void totals.files++,
    ready: () => undefined,
    entry: (_folder: WalkedFolder, node: Node) => {
      totals.files++;
      const name = nameOfFile(node);
      if (name === undefined || !names.has(name)) totals.bytes += node.size;
      if (name !== undefined) names.add(name);
    },
    leave: () => {},
    // The restore meets the same trouble and tells it.
    failed: () => {},
  };
  await new RestoreWalk(repository, index, filter, visitor, signal).run(from);
  return totals;
}

interface LaterAct {
  readonly location: ByteString;
  readonly act: () => void;
}

class RestoreRun {
  readonly #request: RestoreRequest;
  readonly #telling: RestoreTelling;
  readonly #signal: AbortSignal;
  readonly #hand: RestoreHand;
  readonly #files: FileRestorer;
  readonly #deletion: RestoreDeletion;
  /** Files that have several names: all but the first become links to it. */
  readonly #firstNames = new Map<string, FileTask>();
  #tasks: FileTask[] = [];
  #blobsWaiting = 0;
  /** What comes after the files of the batch, in its order. */
  #after: LaterAct[] = [];
  /** The last batch that was begun, and the one before it. */
  #inWork: Promise<void> = Promise.resolve();
  #inWorkBefore: Promise<void> = Promise.resolve();

  constructor(
    repository: Repository,
    index: BlobIndex,
    request: RestoreRequest,
    target: SafeFolder | undefined,
    telling: RestoreTelling,
    signal: AbortSignal,
  ) {
    this.#request = request;
    this.#telling = telling;
    this.#signal = signal;
    const { overwrite, sparse, verify, dryRun } = request;
    const options = { root: request.target, rules: request.trust, replace: replaceRule(request), dryRun };
    const hand = new RestoreHand(target, options, telling);
    this.#hand = hand;
    this.#deletion = new RestoreDeletion(hand, request.filter, telling);
    this.#files = new FileRestorer({
      repository,
      index,
      hand,
      telling,
      overwrite,
      sparse,
      verify,
      dryRun,
      signal,
    });
  }

  enter(folder: WalkedFolder): void {
    this.#telling.expect(0);
    this.#hand.makeFolder(folder);
  }

  entry(folder: WalkedFolder, node: Node, location: ByteString): void {
    const path = [...folder.path, node.name];
    const pieces = node.type === 'file' ? this.#files.piecesOf(node) : [];
    const bytes = bytesIn(pieces);
    const existing = this.#hand.existing(folder, path);
    if (this.#isLeftOut(node)) return void this.#telling.leaveOut(bytes);
    if (!mayReplace(this.#request.overwrite, node, existing)) return void this.#telling.keep(location, bytes);
    this.#hand.makeFolder(folder);
    if (node.type === 'file') {
      this.#addFile({
        path,
        folder: folder.path,
        location,
        node,
        pieces,
        sizeBytes: bytes,
        existing,
        state: 'waiting',
      });
    } else {
      this.#telling.expect(0);
      const isNew = existing === undefined;
      this.#after.push({ location, act: () => this.#makeSpecial(path, node, location, isNew) });
    }
  }

  ready(): Promise<void> | undefined {
    const entries = this.#tasks.length + this.#after.length;
    return entries >= batchEntriesMax || this.#blobsWaiting >= batchBlobsMax ? this.#flush() : undefined;
  }

  leave(folder: WalkedFolder, nodes: readonly Node[] | undefined): void {
    const { location, node } = folder;
    const names = this.#request.delete && nodes ? new Set(nodes.map(({ name }) => name)) : undefined;
    this.#after.push({
      location,
      act: () => {
        if (names !== undefined) this.#deletion.clean(folder, names);
        if (node === undefined) return;
        this.#hand.describeFolder(folder);
        this.#telling.done('restored', location, 0);
      },
    });
  }

  failed(location: ByteString, error: unknown): void {
    this.#telling.failed(location, error);
  }

  /** Begins to restore what was collected, beside the batch before it: at the end of each, threads would have to wait. */
  async #flush(): Promise<void> {
    const tasks = this.#tasks;
    const after = this.#after;
    this.#tasks = [];
    this.#after = [];
    this.#blobsWaiting = 0;
    await this.#inWorkBefore;
    this.#inWorkBefore = this.#inWork;
    this.#inWork = this.#restoreBatch(tasks, after, this.#inWorkBefore);
    // It is awaited later, by whoever begins the next one or ends the run.
    this.#inWork.catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#inWork;
  }

  /** Acts come after those of all batches before it: a folder may have had files in these. */
  async #restoreBatch(
    tasks: readonly FileTask[],
    after: readonly LaterAct[],
    before: Promise<void>,
  ): Promise<void> {
    const files = this.#files.run(tasks);
    // Whatever fails first, nothing may be written any more when this has ended.
    await Promise.allSettled([files, before]);
    await before;
    await files;
    for (const { location, act } of after) {
      this.#signal.throwIfAborted();
      try {
        act();
      } catch (error) {
        if (endsRun(error)) throw error;
        this.#telling.failed(location, error);
      }
    }
  }

  /** Waits for what is still being written. */
  async close(): Promise<void> {
    await this.#inWork.catch(() => undefined);
    await this.#files.close();
  }

  /** What is never restored, or not from a snapshot that is not trusted. */
  #isLeftOut({ type }: Node): boolean {
    if (type === 'dev' || type === 'chardev') return !this.#request.trust.devices;
    return type === 'socket';
  }

  #addFile(task: FileTask): void {
    const key = nameOfFile(task.node);
    const first = key === undefined ? undefined : this.#firstNames.get(key);
    if (first !== undefined) {
      this.#telling.expect(0);
      this.#after.push({ location: task.location, act: () => this.#makeHardLink(task, first) });
      return;
    }
    if (key !== undefined) this.#firstNames.set(key, task);
    this.#tasks.push(task);
    this.#blobsWaiting += task.pieces.length;
  }

  #makeHardLink({ path, location, existing }: FileTask, first: FileTask): void {
    if (first.state !== 'right')
      throw new Failure('damaged', {
        what: 'file',
        why: 'the file that it is another name of was not restored',
      });
    if (!this.#request.dryRun) {
      const folder = this.#hand.folderFor(path);
      folder.publish(folder.draftHardLink(path, first.path), replaceRule(this.#request));
    }
    this.#telling.done(existing === undefined ? 'restored' : 'updated', location, 0);
  }

  #makeSpecial(path: TargetPath, node: Node, location: ByteString, isNew: boolean): void {
    if (!this.#request.dryRun) this.#hand.finish(this.#draftSpecial(path, node), node, location);
    this.#telling.done(isNew ? 'restored' : 'updated', location, 0);
  }

  #draftSpecial(path: TargetPath, node: Node): Draft {
    const folder = this.#hand.folderFor(path);
    switch (node.type) {
      case 'symlink':
        if (!node.linkTarget) throw new Failure('damaged', { what: 'symlink', why: 'it leads nowhere' });
        return folder.draftSymlink(path, node.linkTarget);
      case 'fifo':
        return folder.draftFifo(path);
      case 'dev':
      case 'chardev':
        return folder.draftDevice(path, node.type, node.device);
      default:
        throw new Failure('damaged', {
          what: 'entry',
          why: `entries of type ${node.type} cannot be restored`,
        });
    }
  }
}

function replaceRule({ overwrite, delete: mayDelete }: RestoreRequest): Replace {
  if (overwrite === 'never') return 'nothing';
  return mayDelete ? 'tree' : 'entry';
}

/** What all names of one file share; undefined for a file with one name. Links never join different content. */
function nameOfFile({ links, inode, deviceId, content = [] }: Node): string | undefined {
  if (links < 2) return undefined;
  return `${inode}:${deviceId}:${idOf(Buffer.from(content.join('')))}`;
}
