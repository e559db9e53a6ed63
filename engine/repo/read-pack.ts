/**
 * Reads many blobs of one pack in few requests: blobs that lie close together come in one piece. Used by restore,
 * which wants most of a pack, and by whoever copies packs.
 */
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { checkBlobLengths, unsealBlob } from '../compute/seal-blob.ts';
import type { Id } from '../format/id.ts';
import type { PackBlob } from '../format/pack-header.ts';
import type { Repository } from './repository.ts';

/** A blob's plaintext, or why it could not be had. */
export type BlobRead =
  | { readonly blob: PackBlob; readonly plaintext: Buffer }
  | { readonly blob: PackBlob; readonly error: unknown };

/** Every blob asked for comes exactly once: those that cannot be, then the others in the order in which they lie. */
export async function* readPack(
  repository: Repository,
  packId: Id,
  blobs: readonly PackBlob[],
): AsyncGenerator<BlobRead> {
  const readable: PackBlob[] = [];
  for (const blob of blobs) {
    const error = whyUnreadable(blob);
    if (error === undefined) readable.push(blob);
    else yield { blob, error };
  }
  for (const piece of piecesOf(readable)) {
    const first = piece[0]!;
    const last = piece[piece.length - 1]!;
    const range = { offset: first.offset, length: last.offset + last.length - first.offset };
    let bytes: Uint8Array;
    try {
      bytes = await repository.backend.load({ type: 'pack', name: packId }, range);
    } catch (error) {
      if (isFailure(error, 'cancelled')) throw error;
      for (const blob of piece) yield { blob, error };
      continue;
    }
    for (const blob of piece) {
      const at = blob.offset - range.offset;
      yield open(repository, blob, bytes.subarray(at, at + blob.length));
    }
  }
}

/** Groups blobs, sorted by offset, into runs without large gaps and of a bounded length. Pure. */
export function piecesOf<Blob extends PackBlob>(
  blobs: readonly Blob[],
  bytesMax: number = limits.readPieceBytesMax,
): Blob[][] {
  const pieces: Blob[][] = [];
  let start = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const blob of [...blobs].sort((a, b) => a.offset - b.offset)) {
    const isNear = blob.offset - end <= limits.readGapBytesMax;
    const fits = blob.offset + blob.length - start <= bytesMax;
    if (isNear && fits) {
      pieces[pieces.length - 1]!.push(blob);
    } else {
      pieces.push([blob]);
      start = blob.offset;
    }
    end = Math.max(end, blob.offset + blob.length);
  }
  return pieces;
}

/** Whether its lengths are allowed. */
export function isReadable(blob: PackBlob): boolean {
  return whyUnreadable(blob) === undefined;
}

function whyUnreadable({ type, id, length, plainLength }: PackBlob): unknown {
  try {
    checkBlobLengths(type, id, length, plainLength);
    return undefined;
  } catch (error) {
    return error;
  }
}

function open(repository: Repository, blob: PackBlob, sealed: Uint8Array): BlobRead {
  try {
    const plaintext = unsealBlob(repository.key, { ...blob, sealed });
    return { blob, plaintext };
  } catch (error) {
    return { blob, error };
  }
}
