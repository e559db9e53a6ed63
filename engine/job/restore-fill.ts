/**
 * Fills files pack by pack: bytes are fetched here, ahead of their use, and opened and written by compute threads
 * (`restore-skill.ts`). What a thread could not do is handed back, to be done with more care.
 */
import { isFailure } from '../base/failure.ts';
import { ownMemory } from '../base/let-go.ts';
import { limits } from '../base/limits.ts';
import { unpackError } from '../compute/carry-error.ts';
import type { Crew } from '../compute/crew.ts';
import type { Id } from '../format/id.ts';
import type { BlobLocation } from '../repo/blob-index.ts';
import { isReadable, piecesOf } from '../repo/read-pack.ts';
import type { Repository } from '../repo/repository.ts';
import type { Draft } from '../target/safe-folder.ts';
import type { TargetPath } from '../target/safe-name.ts';
import type { FileTask } from './restore-files.ts';
import type { RestoreHand } from './restore-hand.ts';
import { WantedBlobs } from './restore-plan.ts';
import { type FileFilled, type FillRequest, type FillTerms, fillSkill } from './restore-skill.ts';

/** What becomes of files is told to whoever answers for them. */
export interface FilledFiles {
  /** A draft that others write to as well; undefined where none can be made, which was then told. */
  draftOf(task: FileTask): Draft | undefined;
  /** So many places of the file were filled. It is finished where it was whole in the stretch. */
  filled(task: FileTask, pieces: number, isFinished: boolean, how: FileFilled): void;
  failed(task: FileTask, error: unknown): void;
}

interface Stretch {
  readonly packId: Id;
  readonly blobs: readonly BlobLocation[];
}

/** So many stretches are on their way from the store, beside the one that each hand fills from and its next one. */
const aheadMax = 4;

type Uses = ReadonlyMap<FileTask, number>;

/** A file as a hand is given it. */
interface Given {
  /** In the list that the hand has. */
  readonly number: number;
  readonly draft: Draft | undefined;
  /** So many of its places the stretch fills. */
  readonly places: number;
}

export class PackFiller {
  readonly #repository: Repository;
  readonly #signal: AbortSignal;
  readonly #owner: FilledFiles;
  readonly #hire: () => Crew<FillTerms>;
  #crew: Crew<FillTerms> | undefined;

  constructor({ repository, hand, sparse, signal }: FillerParts, owner: FilledFiles) {
    this.#repository = repository;
    this.#signal = signal;
    this.#owner = owner;
    this.#hire = () =>
      repository.world.compute.hire(fillSkill, { key: repository.key, sparse, ...hand.settings() });
  }

  async close(): Promise<void> {
    await this.#crew?.close();
  }

  /** Answers what is still wanted after it. */
  async fill(wanted: WantedBlobs<FileTask>): Promise<WantedBlobs<FileTask>> {
    const left = new WantedBlobs<FileTask>();
    const inWork: Promise<void>[] = [];
    try {
      for (const stretch of stretchesOf(wanted, left)) {
        if (inWork.length > 2 * this.#repository.world.compute.handsMax + aheadMax) await inWork.shift();
        this.#signal.throwIfAborted();
        const done = this.#fillFrom(stretch, wanted, left);
        done.catch(() => undefined);
        inWork.push(done);
      }
      for (const done of inWork) await done;
    } finally {
      // Nobody may be writing when the target is closed.
      await Promise.allSettled(inWork);
    }
    return left;
  }

  async #fillFrom(
    { packId, blobs }: Stretch,
    wanted: WantedBlobs<FileTask>,
    left: WantedBlobs<FileTask>,
  ): Promise<void> {
    const offset = blobs[0]!.offset;
    const last = blobs[blobs.length - 1]!;
    const range = { offset, length: last.offset + last.length - offset };
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      const file = { type: 'pack', name: packId } as const;
      bytes = ownMemory(await this.#repository.backend.load(file, range, this.#signal));
    } catch (error) {
      if (isFailure(error, 'cancelled')) throw error;
      for (const blob of blobs)
        for (const use of wanted.usesOf(blob.id)) left.add(blob, use.owner, use.position);
      return;
    }
    const given = this.#filesIn(blobs, wanted);
    const request = { offset, bytes, ...filesFor(given), ...blobsFor(blobs, wanted, given) };
    this.#crew ??= this.#hire();
    const answer = await this.#crew.ask(request, [bytes.buffer]);
    const unopened = answer.unopened.map((number) => blobs[number]!);
    this.#settle(given, answer.files, countUses(unopened, wanted));
    for (const [task, { draft }] of given) {
      if (task.state !== 'waiting') continue;
      const again = draft === undefined ? blobs : unopened;
      for (const blob of again) {
        for (const { owner, position } of wanted.usesOf(blob.id))
          if (owner === task) left.add(blob, task, position);
      }
    }
  }

  /** Those that are waiting. One that has all its pieces in this stretch, and no draft yet, is left to the hand whole. */
  #filesIn(blobs: readonly BlobLocation[], wanted: WantedBlobs<FileTask>): Map<FileTask, Given> {
    const given = new Map<FileTask, Given>();
    for (const [task, places] of countUses(blobs, wanted)) {
      if (task.state !== 'waiting') continue;
      const isWholeHere = task.draft === undefined && task.piecesMissing === places;
      const draft = isWholeHere ? undefined : this.#owner.draftOf(task);
      if (!isWholeHere && draft === undefined) continue;
      given.set(task, { number: given.size, draft, places });
    }
    return given;
  }

  #settle(given: Files, answers: readonly FileFilled[], unopened: Uses): void {
    for (const [task, { number, draft, places }] of given) {
      const how = answers[number]!;
      const bad = unopened.get(task) ?? 0;
      if (task.state !== 'waiting') continue;
      if (how.error !== undefined) this.#owner.failed(task, unpackError(how.error));
      else if (draft !== undefined) this.#owner.filled(task, places - bad, false, how);
      else if (bad === 0) this.#owner.filled(task, places, true, how);
    }
  }
}

type Files = ReadonlyMap<FileTask, Given>;

/** In the order of their numbers. */
function filesFor(given: Files): Pick<FillRequest, 'folders' | 'files'> {
  const folders = new Map<TargetPath, number>();
  const files: FillRequest['files'] = {
    folder: [],
    name: [],
    sizeBytes: [],
    draft: [],
    mode: [],
    uid: [],
    gid: [],
    mtime: [],
    atime: [],
    extendedAttributes: [],
  };
  for (const [{ folder: path, node, sizeBytes }, { draft }] of given) {
    const folder = folders.get(path) ?? folders.size;
    folders.set(path, folder);
    files.folder.push(folder);
    files.name.push(node.name);
    files.sizeBytes.push(sizeBytes);
    files.draft.push(draft);
    files.mode.push(node.mode);
    files.uid.push(node.uid);
    files.gid.push(node.gid);
    files.mtime.push(node.mtime);
    files.atime.push(node.atime);
    files.extendedAttributes.push(node.extendedAttributes);
  }
  return { folders: [...folders.keys()], files };
}

function blobsFor(
  found: readonly BlobLocation[],
  wanted: WantedBlobs<FileTask>,
  given: Files,
): Pick<FillRequest, 'blobs' | 'uses'> {
  const blobs: FillRequest['blobs'] = { id: [], type: [], offset: [], length: [], plainLength: [], uses: [] };
  const uses: FillRequest['uses'] = { file: [], position: [] };
  for (const { id, type, offset, length, plainLength } of found) {
    const before = uses.file.length;
    for (const { owner, position } of wanted.usesOf(id)) {
      const file = given.get(owner)?.number;
      if (file === undefined) continue;
      uses.file.push(file);
      uses.position.push(position);
    }
    blobs.id.push(id);
    blobs.type.push(type);
    blobs.offset.push(offset);
    blobs.length.push(length);
    blobs.plainLength.push(plainLength);
    blobs.uses.push(uses.file.length - before);
  }
  return { blobs, uses };
}

export interface FillerParts {
  readonly repository: Repository;
  readonly hand: RestoreHand;
  readonly sparse: boolean;
  readonly signal: AbortSignal;
}

/**
 * What to read at a time; blobs of lengths that cannot be go to `left`. One stretch from the first half of the packs, one from the
 * second: hands are seldom at the same file then, where each waits until the other has written.
 */
function* stretchesOf(wanted: WantedBlobs<FileTask>, left: WantedBlobs<FileTask>): Generator<Stretch> {
  const packs = [...wanted.byPack()];
  const half = Math.ceil(packs.length / 2);
  let places = [packs.slice(0, half), packs.slice(half)].map((each) => stretchesIn(each, wanted, left));
  while (places.length > 0) {
    const next = places.map((place) => place.next());
    places = places.filter((_, i) => next[i]!.done !== true);
    for (const stretch of next) if (stretch.done !== true) yield stretch.value;
  }
}

function* stretchesIn(
  packs: readonly [Id, BlobLocation[]][],
  wanted: WantedBlobs<FileTask>,
  left: WantedBlobs<FileTask>,
): Generator<Stretch, void> {
  for (const [packId, all] of packs) {
    const readable = all.filter(isReadable);
    for (const blob of all) {
      if (isReadable(blob)) continue;
      for (const { owner, position } of wanted.usesOf(blob.id)) left.add(blob, owner, position);
    }
    for (const blobs of piecesOf(readable, limits.restorePieceBytesMax)) yield { packId, blobs };
  }
}

/** How many places of each file the blobs fill. */
function countUses(blobs: readonly BlobLocation[], wanted: WantedBlobs<FileTask>): Uses {
  const counts = new Map<FileTask, number>();
  for (const { id } of blobs)
    for (const { owner } of wanted.usesOf(id)) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return counts;
}
