/**
 * The skill to open blobs and write them where they belong. A hand is given a stretch of a pack, and files: one that lies
 * in the stretch whole is made, described and named by the hand, to others it only adds. It deals with what goes well; a
 * blob that does not open, and a file that would need it, are left to the caller (`restore-fill.ts`).
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Chance } from '../base/chance.ts';
import { type Failure, isFailure } from '../base/failure.ts';
import { letGo } from '../base/let-go.ts';
import { limits } from '../base/limits.ts';
import { type CarriedError, packError } from '../compute/carry-error.ts';
import type { Columns } from '../compute/columns.ts';
import type { Done, Duty, Skill } from '../compute/crew.ts';
import { loadSealing, sealedIn, unsealBlobs } from '../compute/seal-blob.ts';
import type { PackBlob } from '../format/pack-header.ts';
import type { SealKey } from '../format/seal.ts';
import { loadSystemCalls, type MetadataRules } from '../target/metadata.ts';
import {
  type Draft,
  openSafeFolder,
  type Replace,
  type SafeFolder,
  type Stat,
} from '../target/safe-folder.ts';
import { type TargetPath, unsafe } from '../target/safe-name.ts';
import { metadataOf, type NodeMetadata } from './restore-hand.ts';

export interface FileToFill extends NodeMetadata {
  /** Which of them. */
  readonly folder: number;
  readonly name: ByteString;
  readonly sizeBytes: number;
  /** What is to be added to; else the file is whole here, and the metadata is its. */
  readonly draft?: Draft;
}

export interface BlobToFill extends PackBlob {
  /** In how many places it goes. */
  readonly uses: number;
}

export interface BlobUse {
  /** Which of them. */
  readonly file: number;
  readonly position: number;
}

export interface FillRequest {
  /** Of the bytes, in the pack. */
  readonly offset: number;
  /** The hand's own, all of their memory. */
  readonly bytes: Uint8Array;
  readonly folders: readonly TargetPath[];
  readonly files: Columns<FileToFill>;
  readonly blobs: Columns<BlobToFill>;
  /** Those of the first blob, those of the second ... */
  readonly uses: Columns<BlobUse>;
}

export interface FileFilled {
  readonly writtenBytes: number;
  readonly error?: CarriedError;
  /** What could not be given to a file that is finished all the same. */
  readonly problems: readonly CarriedError[];
}

export interface FillAnswer {
  readonly files: readonly FileFilled[];
  /** Which of the blobs did not open, by their number. No file that is whole here and uses one is finished. */
  readonly unopened: readonly number[];
}

export interface FillTerms {
  readonly setup: {
    readonly key: SealKey;
    readonly target: ByteString;
    /** The folder that the target was when the restore began: it must still be. */
    readonly seen: Pick<Stat, 'inode' | 'deviceId'>;
    readonly rules: MetadataRules;
    readonly replace: Replace;
    /** Zeros become holes. */
    readonly sparse: boolean;
  };
  readonly request: FillRequest;
  readonly answer: FillAnswer;
  readonly news: never;
  readonly word: never;
}

export const fillSkill: Skill<FillTerms> = {
  name: 'fill',
  youngHalfMiB: limits.restoreYoungHalfMiB,
  heapGarbagePercent: limits.restoreGarbagePercent,
  prepare() {
    loadSystemCalls();
    loadSealing();
  },
  begin: (setup, { chance }) => new FillingHand(setup, chance),
};

/** A file while its blobs come. */
interface Filling {
  readonly path: TargetPath;
  readonly isWholeHere: boolean;
  draft: Draft | undefined;
  missing: number;
  writtenBytes: number;
  error?: CarriedError;
  problems: readonly CarriedError[];
}

class FillingHand implements Duty<FillTerms> {
  readonly #setup: FillTerms['setup'];
  readonly #target: SafeFolder;
  readonly #space = Buffer.allocUnsafeSlow(limits.chunkBytesMax);

  constructor(setup: FillTerms['setup'], chance: Chance) {
    this.#setup = setup;
    this.#target = openSafeFolder(setup.target, chance);
    const found = this.#target.look([]);
    if (found?.inode !== setup.seen.inode || found.deviceId !== setup.seen.deviceId)
      throw unsafe(setup.target, 'another folder was put in its place');
  }

  work({ offset, bytes, folders, files, blobs, uses }: FillRequest): Done<FillAnswer> {
    const fillings = files.name.map((name, file) =>
      beginFilling([...folders[files.folder[file]!]!, name], files.draft[file]),
    );
    for (const file of uses.file) fillings[file]!.missing++;
    const sealed = blobs.id.map((_, number) => sealedIn(bytes, offset, blobAt(blobs, number)));
    const firstUses = sumsBefore(blobs.uses);
    const unopened: number[] = [];
    // The caller opens again what does not open here, and tells why it cannot be.
    const use = (number: number, opened: Uint8Array | Failure): void => {
      if (isFailure(opened)) return void unopened.push(number);
      for (let at = firstUses[number]!; at < firstUses[number + 1]!; at++) {
        const file = uses.file[at]!;
        this.#fill(fillings[file]!, files, file, uses.position[at]!, opened);
      }
    };
    for (const _ of unsealBlobs(this.#setup.key, sealed, this.#space, use));
    letGo(bytes);
    for (const filling of fillings) this.#end(filling);
    return { answer: { files: fillings.map(outcomeOf), unopened } };
  }

  hear(): void {}

  #fill(
    filling: Filling,
    files: FillRequest['files'],
    file: number,
    position: number,
    plaintext: Uint8Array,
  ): void {
    if (filling.error !== undefined) return;
    const { rules, replace, sparse } = this.#setup;
    try {
      filling.draft ??= this.#target.draftFile(filling.path, files.sizeBytes[file]!, sparse);
      this.#target.writeAt(filling.draft, position, plaintext);
      filling.writtenBytes += plaintext.length;
      if (--filling.missing > 0 || !filling.isWholeHere) return;
      const problems = this.#target.describe(filling.draft, metadataOf(metadataAt(files, file)), rules);
      filling.problems = problems.filter(({ expected }) => !expected).map(({ error }) => packError(error));
      this.#target.publish(filling.draft, replace);
      filling.draft = undefined;
    } catch (error) {
      filling.error = packError(error);
    }
  }

  /** What was not finished and is the hand's own is removed; what is the caller's is no longer held. */
  #end({ draft, isWholeHere }: Filling): void {
    if (draft === undefined) return;
    try {
      if (isWholeHere) this.#target.discard(draft);
      else this.#target.release(draft);
    } catch {
      // Its folder is gone, or ours no longer.
    }
  }
}

const noProblems: readonly CarriedError[] = [];

function beginFilling(path: TargetPath, draft: Draft | undefined): Filling {
  return {
    path,
    isWholeHere: draft === undefined,
    draft,
    missing: 0,
    writtenBytes: 0,
    problems: noProblems,
  };
}

function outcomeOf({ writtenBytes, error, problems }: Filling): FileFilled {
  return error === undefined ? { writtenBytes, problems } : { writtenBytes, error, problems };
}

function blobAt(blobs: FillRequest['blobs'], number: number): PackBlob {
  return {
    id: blobs.id[number]!,
    type: blobs.type[number]!,
    offset: blobs.offset[number]!,
    length: blobs.length[number]!,
    plainLength: blobs.plainLength[number]!,
  };
}

function metadataAt(files: FillRequest['files'], file: number): NodeMetadata {
  return {
    mode: files.mode[file]!,
    uid: files.uid[file]!,
    gid: files.gid[file]!,
    mtime: files.mtime[file]!,
    atime: files.atime[file]!,
    extendedAttributes: files.extendedAttributes[file]!,
  };
}

/** Of each number, the sum of those before it; and at the end, of all. */
function sumsBefore(numbers: readonly number[]): number[] {
  const sums = [0];
  for (const [at, number] of numbers.entries()) sums.push(sums[at]! + number);
  return sums;
}
