/**
 * Proves every byte of a pack: its hash, its header, that the index says the same, and that each blob in it opens to what
 * its id names. The pack is read in pieces, its end first, so that no more of it than a few pieces is in memory. What is
 * wrong is answered; only a piece that cannot be read fails. Used by `prove-skill.ts`.
 */
import { type Failure, isFailure } from '../base/failure.ts';
import { inAdvance } from '../base/in-advance.ts';
import { letGo } from '../base/let-go.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import { openSum } from '../format/ids.ts';
import { decodePackHeader, headerBytesAtEnd, type PackBlob } from '../format/pack-header.ts';
import type { RunningSum } from '../format/running-sum.ts';
import type { SealKey } from '../format/seal.ts';
import type { CheckCode, CheckDetail } from '../protocol/check-news.ts';
import type { BlobLookup } from './blob-lookup.ts';
import { checkBlobLengths, sealedIn, unsealBlobs } from './seal-blob.ts';

export interface PackFault {
  readonly code: CheckCode;
  readonly detail: CheckDetail;
}

export interface PackToProve {
  readonly id: Id;
  readonly sizeBytes: number;
  /** Its number in the blob table, and how many blobs the index says are in it. */
  readonly number: number;
  readonly blobCount: number;
  /** All of it was read and is what its id says. */
  readonly isSummed: boolean;
  /** Its last bytes: its header is there, and in a small pack all else. The prover's own, as pieces are. */
  readonly end: Uint8Array;
}

/** A stretch of a pack, and the blobs that lie in it whole. */
export interface PackPiece {
  readonly offset: number;
  readonly length: number;
  readonly blobs: readonly PackBlob[];
}

/** Exactly these bytes. They are the prover's own, and it lets go of them as soon as it can. */
export type ReadPiece = (offset: number, length: number) => Promise<Uint8Array>;

/** Small blobs lie there together. */
const spaceBytesMin = 1024 * 1024;

export class PackProver {
  readonly #key: SealKey;
  readonly #lookup: BlobLookup;
  readonly #rest: () => Promise<void>;
  readonly #pieceBytesMax: number;
  #space = Buffer.alloc(0);
  readonly #id = Buffer.alloc(32);

  /** `rest` is called between blobs, some at a time. */
  constructor(key: SealKey, lookup: BlobLookup, rest: () => Promise<void>, pieceBytesMax: number) {
    this.#key = key;
    this.#lookup = lookup;
    this.#rest = rest;
    this.#pieceBytesMax = pieceBytesMax;
  }

  async faultsOf(pack: PackToProve, read: ReadPiece): Promise<PackFault[]> {
    const { end } = pack;
    const endAt = pack.sizeBytes - end.length;
    const faults: PackFault[] = [];
    const header = await this.#readHeader(pack, end, endAt, read);
    if (typeof header === 'string') faults.push({ code: 'pack-header', detail: { why: header } });
    else if (!this.#isAsIndexed(pack, header)) faults.push({ code: 'pack-header-differs', detail: {} });
    const damaged: PackFault[] = [];
    const blobs = typeof header === 'string' ? [] : header.filter((blob) => hasTrueLengths(blob, damaged));
    const pieces = piecesBefore(blobs, endAt, this.#pieceBytesMax);
    const load = ({ offset, length }: PackPiece): Promise<Uint8Array> => read(offset, length);
    const loaded = inAdvance(pieces, 1 + limits.provePiecesAheadMax, load);
    // It is here, and the first pieces are on their way.
    const damagedInEnd = await this.#prove(
      end,
      endAt,
      blobs.filter(({ offset }) => offset >= endAt),
    );
    const sum = pack.isSummed ? undefined : openSum();
    for await (const [piece, bytes] of loaded) {
      // What lies in the end is summed up with it.
      sum?.take(bytes.subarray(0, endAt - piece.offset));
      damaged.push(...(await this.#prove(bytes, piece.offset, piece.blobs, sum)));
      sum?.settle();
      letGo(bytes);
    }
    sum?.take(end);
    const id = sum?.id() ?? pack.id;
    letGo(end);
    if (id !== pack.id) faults.unshift({ code: 'pack-hash', detail: {} });
    return [...faults, ...damaged, ...damagedInEnd];
  }

  /** The blobs, or why they cannot be had. */
  async #readHeader(
    { sizeBytes }: PackToProve,
    end: Uint8Array,
    endAt: number,
    read: ReadPiece,
  ): Promise<PackBlob[] | string> {
    try {
      const headerBytes = headerBytesAtEnd(end, sizeBytes);
      const headerAt = sizeBytes - headerBytes;
      const bytes = headerAt < endAt ? await read(headerAt, headerBytes) : end.subarray(headerAt - endAt);
      return decodePackHeader(this.#key, bytes, sizeBytes);
    } catch (error) {
      if (isFailure(error)) throw error;
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** The offsets in a header are all different, so blobs that are each in the index and as many as there are the same. */
  #isAsIndexed({ number, blobCount }: PackToProve, blobs: readonly PackBlob[]): boolean {
    return blobs.length === blobCount && blobs.every((blob) => this.#isIndexed(number, blob));
  }

  #isIndexed(pack: number, { type, id, offset, length, plainLength }: PackBlob): boolean {
    this.#id.write(id, 'hex');
    for (let entry = 0; ; ) {
      entry = this.#lookup.find(type, this.#id, 0, entry);
      if (entry === 0) return false;
      const place = this.#lookup.placeOf(entry);
      const isSame = place.offset === offset && place.length === length && place.plainLength === plainLength;
      if (place.pack === pack && isSame) return true;
    }
  }

  /** Those blobs that are damaged, of those that lie whole in these bytes, which begin at `offset`. */
  async #prove(
    bytes: Uint8Array,
    offset: number,
    blobs: readonly PackBlob[],
    beside?: RunningSum,
  ): Promise<PackFault[]> {
    const damaged: PackFault[] = [];
    const sealed = blobs.map((blob) => sealedIn(bytes, offset, blob));
    const tell = (number: number, opened: Uint8Array | Failure): void => {
      if (isFailure(opened)) damaged.push(damagedBlob(blobs[number]!, String(opened.detail.why)));
    };
    for (const _ of unsealBlobs(this.#key, sealed, this.#spaceFor(blobs), tell, beside)) await this.#rest();
    return damaged;
  }

  /** For the largest of them, and for many small ones. */
  #spaceFor(blobs: readonly PackBlob[]): Buffer {
    const largest = blobs.reduce((most, { plainLength }) => Math.max(most, plainLength), spaceBytesMin);
    const wanted = Math.min(largest, limits.dataBlobBytesMax);
    if (this.#space.length < wanted) {
      letGo(this.#space);
      this.#space = Buffer.allocUnsafeSlow(wanted);
    }
    return this.#space;
  }
}

/** One that is larger than is allowed is damaged, and no memory is made for it. */
function hasTrueLengths(blob: PackBlob, damaged: PackFault[]): boolean {
  const { type, id, length, plainLength } = blob;
  try {
    checkBlobLengths(type, id, length, plainLength);
    return true;
  } catch (error) {
    if (!isFailure(error, 'damaged')) throw error;
    damaged.push(damagedBlob(blob, String(error.detail.why)));
    return false;
  }
}

function damagedBlob({ id }: PackBlob, why: string): PackFault {
  return { code: 'blob-damaged', detail: { blob: id, why } };
}

/**
 * What is read before the end that begins at `endAt`: all of it, one piece after the other, each with as many whole blobs
 * as there is room for, and at least one; the last may reach into the end. Pure.
 */
export function piecesBefore(blobs: readonly PackBlob[], endAt: number, bytesMax: number): PackPiece[] {
  const pieces: PackPiece[] = [];
  let waiting: PackBlob[] = [];
  let start = 0;
  let reach = 0;
  const close = (end: number): void => {
    if (end > start) pieces.push({ offset: start, length: end - start, blobs: waiting });
    waiting = [];
    start = end;
  };
  const passOver = (end: number): void => {
    while (start < end) close(Math.min(start + bytesMax, end));
  };
  for (const blob of blobs) {
    if (blob.offset >= endAt) break;
    const end = blob.offset + blob.length;
    if (blob.offset > reach || end - start > bytesMax) {
      close(reach);
      passOver(blob.offset);
    }
    waiting.push(blob);
    reach = end;
  }
  close(reach);
  passOver(endAt);
  return pieces;
}
