/**
 * Blobs on their way into a repository and back: compressed, sealed, and proven to come back as they were before
 * anything relies on them.
 */
import type { Chance } from '../base/chance.ts';
import { damaged, Failure, isFailure } from '../base/failure.ts';
import { letGo } from '../base/let-go.ts';
import { limits } from '../base/limits.ts';
import { type Compression, compressBriefly, decompress, frameBytesMax } from '../format/compression.ts';
import { type Id, idOf } from '../format/id.ts';
import { idsOf, loadHashLanes } from '../format/ids.ts';
import { type BlobType, type PackBlob, plainBytes } from '../format/pack-header.ts';
import type { RunningSum } from '../format/running-sum.ts';
import { type SealKey, sealInto, sealOverheadBytes, unseal, unsealsTo } from '../format/seal.ts';
import { sealPrimitives } from '../format/seal-primitives.ts';

/** Loads now what is native of all this: see `Skill.prepare`. */
export function loadSealing(): void {
  sealPrimitives();
  loadHashLanes();
}

export interface SealedBlob {
  readonly type: BlobType;
  readonly id: Id;
  readonly sealed: Uint8Array;
  /** Length before compression, or 0 where it is not compressed. */
  readonly plainLength: number;
}

/** A blob of a pack, of which these bytes begin at `offset`. */
export function sealedIn(bytes: Uint8Array, offset: number, blob: PackBlob): SealedBlob {
  const at = blob.offset - offset;
  return { ...blob, sealed: bytes.subarray(at, at + blob.length) };
}

export interface SealSettings {
  readonly key: SealKey;
  /** Version 1 of the format knows no compression. */
  readonly version: 1 | 2;
  readonly compression: Compression;
  readonly chance: Chance;
}

/** The most that a blob takes, sealed: what cannot be compressed grows a little in its frame. */
export function sealedBytesMax(plainBytes: number): number {
  return frameBytesMax(plainBytes) + sealOverheadBytes;
}

/** Where blobs are opened that nobody keeps: a fresh place for each would cost more than the opening. */
let openSpace = Buffer.allocUnsafe(0);

function openSpaceFor(bytes: number): Buffer {
  if (openSpace.length < bytes && bytes <= sealedBytesMax(limits.dataBlobBytesMax)) {
    letGo(openSpace);
    openSpace = Buffer.allocUnsafeSlow(bytes);
  }
  return openSpace;
}

/**
 * Seals a blob into the place that `takeRoom` gives for so many bytes. Fails with `verification-failed` where the result
 * does not open to what the id names. The id may have been made side by side with others; here it is made anew, by itself
 * and from what comes back: neither a fault of memory nor of a processor's function gets a wrong name into a pack.
 */
export function sealBlob(
  settings: SealSettings,
  type: BlobType,
  id: Id,
  plaintext: Uint8Array,
  takeRoom: (bytes: number) => Uint8Array = (bytes) => Buffer.allocUnsafe(bytes),
): SealedBlob {
  const { key, version, compression, chance } = settings;
  const isCompressed = version === 2 && plaintext.length > 0 && (type === 'tree' || compression !== 'off');
  const stored = isCompressed ? compressBriefly(plaintext, compression) : plaintext;
  const sealed = takeRoom(stored.length + sealOverheadBytes);
  sealInto(key, stored, chance, sealed);
  const blob = { type, id, sealed, plainLength: isCompressed ? plaintext.length : 0 };
  const found = isCompressed ? idOfExpanded(stored, plaintext.length) : idOf(stored);
  if (!unsealsTo(key, sealed, stored) || found !== id)
    throw new Failure('verification-failed', { what: 'blob', id });
  return blob;
}

function idOfExpanded(frame: Uint8Array, plainLength: number): Id {
  const space = openSpaceFor(plainLength);
  const expanded = decompress(frame, plainLength, space);
  const id = idOf(expanded);
  if (expanded.buffer !== space.buffer) letGo(expanded);
  return id;
}

/**
 * The plaintext of a blob. Fails with `damaged` where it is not the one that its id names. Who does not keep it may lend
 * a `space` for it.
 */
export function unsealBlob(key: SealKey, blob: SealedBlob, space?: Buffer): Buffer {
  const plaintext = openBlob(key, blob, space);
  if (idOf(plaintext) !== blob.id) throw notItsContent(blob);
  return plaintext;
}

/**
 * The same for many, whose contents lie in the lent space together, as many as fit, so that they are hashed side by side.
 * `visit` is told each one in its turn: its plaintext, or what `unsealBlob` would fail with; `beside` is taken further with them.
 * Stops for others in between.
 */
export function* unsealBlobs(
  key: SealKey,
  blobs: readonly SealedBlob[],
  space: Buffer,
  visit: (number: number, opened: Buffer | Failure) => void,
  beside?: RunningSum,
): Generator<void> {
  for (let from = 0; from < blobs.length; ) {
    const opened: (Buffer | Failure)[] = [];
    let used = 0;
    for (const blob of blobs.slice(from, from + limits.hashedTogetherMax)) {
      // What its header says; what it then is may be less.
      const bytes = Math.max(0, plainBytes({ length: blob.sealed.length, plainLength: blob.plainLength }));
      if (opened.length > 0 && used + bytes > space.length) break;
      opened.push(tried(() => openBlob(key, blob, space.subarray(used))));
      used += bytes;
    }
    const contents = opened.filter((each): each is Buffer => !isFailure(each));
    const ids = idsOf(contents, beside);
    for (const each of opened) {
      const blob = blobs[from]!;
      const isDamaged = !isFailure(each) && ids.shift() !== blob.id;
      visit(from++, isDamaged ? notItsContent(blob) : each);
    }
    for (const content of contents) if (content.buffer !== space.buffer) letGo(content);
    yield;
  }
}

function tried(open: () => Buffer): Buffer | Failure {
  try {
    return open();
  } catch (error) {
    if (!isFailure(error, 'damaged')) throw error;
    return error;
  }
}

function notItsContent({ type, id }: SealedBlob): Failure {
  return damaged(`${type} blob`, id, 'its content does not match its name');
}

/** What it opens to, which may not be what its id names. */
function openBlob(key: SealKey, blob: SealedBlob, space?: Buffer): Buffer {
  const { type, id } = blob;
  checkBlobLengths(type, id, blob.sealed.length, blob.plainLength);
  let plaintext: Buffer | undefined;
  try {
    plaintext = openSealed(key, blob, space);
  } catch (error) {
    throw damaged(`${type} blob`, id, error instanceof Error ? error.message : String(error), error);
  }
  if (plaintext === undefined)
    throw damaged(`${type} blob`, id, 'its pack holds something else at its place');
  return plaintext;
}

function openSealed(key: SealKey, { sealed, plainLength }: SealedBlob, space?: Buffer): Buffer | undefined {
  if (plainLength === 0) return unseal(key, sealed, space);
  const stored = unseal(key, sealed, openSpaceFor(sealed.length));
  if (stored === undefined) return undefined;
  const plaintext = decompress(stored, plainLength, space);
  if (stored.buffer !== openSpace.buffer) letGo(stored);
  if (plaintext.length !== plainLength) throw new Error('it is shorter than its header says');
  return plaintext;
}

/** What the format allows, to be checked before any memory is taken. `length` is the sealed one. */
export function checkBlobLengths(type: BlobType, id: Id, length: number, plainLength: number): void {
  const treeBytesMax = Math.min(
    limits.treeBlobBytesMax,
    limits.smallFileBytesMax + limits.treeRatioMax * length,
  );
  const bytesMax = type === 'tree' ? treeBytesMax : limits.dataBlobBytesMax;
  // Incompressible data grows a little in its frame.
  if (plainLength > bytesMax || length > bytesMax + sealOverheadBytes + 64 * 1024) {
    throw damaged(`${type} blob`, id, `it claims to be larger than the ${bytesMax} bytes that are allowed`);
  }
}
