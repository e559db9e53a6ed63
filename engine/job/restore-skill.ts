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
import type { Done, Duty, Skill } from '../compute/crew.ts';
import { loadSealing, sealedIn, unsealBlobs } from '../compute/seal-blob.ts';
import type { PackBlob } from '../format/pack-header.ts';
import type { SealKey } from '../format/seal.ts';
import type { Stat } from '../system/stat.ts';
import { loadSystemCalls, type MetadataRules } from '../target/metadata.ts';
import { type Draft, openSafeFolder, type Replace, type SafeFolder } from '../target/safe-folder.ts';
import { type TargetPath, unsafe } from '../target/safe-name.ts';
import { metadataOf, type NodeMetadata } from './restore-hand.ts';

export interface FileToFill {
  readonly path: TargetPath;
  readonly sizeBytes: number;
  readonly sparse: boolean;
  /** What is to be added to; else the file is whole here, and `metadata` is its. */
  readonly draft: Draft | undefined;
  readonly metadata: NodeMetadata;
}

export interface BlobToFill {
  readonly blob: PackBlob;
  readonly uses: readonly { readonly file: number; readonly position: number }[];
}

export interface FillRequest {
  /** Of the bytes, in the pack. */
  readonly offset: number;
  /** The hand's own, all of their memory. */
  readonly bytes: Uint8Array;
  readonly files: readonly FileToFill[];
  readonly blobs: readonly BlobToFill[];
}

export interface FileFilled {
  readonly writtenBytes: number;
  readonly error: CarriedError | undefined;
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
  readonly file: FileToFill;
  readonly isWholeHere: boolean;
  draft: Draft | undefined;
  missing: number;
  writtenBytes: number;
  error: CarriedError | undefined;
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

  work({ offset, bytes, files, blobs }: FillRequest): Done<FillAnswer> {
    const fillings = files.map(beginFilling);
    for (const { uses } of blobs) for (const { file } of uses) fillings[file]!.missing++;
    const sealed = blobs.map(({ blob }) => sealedIn(bytes, offset, blob));
    const unopened: number[] = [];
    // The caller opens again what does not open here, and tells why it cannot be.
    const use = (number: number, opened: Uint8Array | Failure): void => {
      if (isFailure(opened)) unopened.push(number);
      else
        for (const { file, position } of blobs[number]!.uses) this.#fill(fillings[file]!, position, opened);
    };
    for (const _ of unsealBlobs(this.#setup.key, sealed, this.#space, use));
    letGo(bytes);
    for (const filling of fillings) this.#end(filling);
    const filled = fillings.map(({ writtenBytes, error, problems }) => ({ writtenBytes, error, problems }));
    return { answer: { files: filled, unopened } };
  }

  hear(): void {}

  #fill(filling: Filling, position: number, plaintext: Uint8Array): void {
    if (filling.error !== undefined) return;
    const { path, sizeBytes, sparse, metadata } = filling.file;
    try {
      filling.draft ??= this.#target.draftFile(path, sizeBytes, sparse);
      this.#target.writeAt(filling.draft, position, plaintext);
      filling.writtenBytes += plaintext.length;
      if (--filling.missing > 0 || !filling.isWholeHere) return;
      const { rules, replace } = this.#setup;
      const problems = this.#target.describe(filling.draft, metadataOf(metadata), rules);
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

function beginFilling(file: FileToFill): Filling {
  const { draft } = file;
  const isWholeHere = draft === undefined;
  return { file, isWholeHere, draft, missing: 0, writtenBytes: 0, error: undefined, problems: [] };
}
