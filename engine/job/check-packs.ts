/**
 * The data half of a check: reads packs whole and proves every byte of them. A pack that fails is read once more,
 * since a transport may lie, before it is called damaged. One pack is in memory at a time, a very large one never.
 */
import { createHash } from 'node:crypto';
import type { StoredFile } from '../backend/backend.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { checkBlobLengths, unsealBlob } from '../compute/seal-blob.ts';
import { Turn } from '../compute/turn.ts';
import type { Id } from '../format/id.ts';
import { decodePackHeader, headerBytesAtEnd, type PackBlob } from '../format/pack-header.ts';
import type { CheckCode, CheckDetail } from '../protocol/check-news.ts';
import type { Repository } from '../repo/repository.ts';
import type { CheckedIndex } from './check-index.ts';
import { type CheckTelling, whyOf } from './check-telling.ts';

/** A pack up to this size is taken into memory, a larger one is read in pieces. No restic makes one so large. */
const wholePackBytesMax = 256 * 1024 * 1024;

interface Fault {
  readonly code: CheckCode;
  readonly detail: CheckDetail;
}

/** Bytes of the pack, from `offset` on. */
type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

export async function checkPacks(
  repository: Repository,
  checked: CheckedIndex,
  packs: readonly StoredFile[],
  telling: CheckTelling,
  signal: AbortSignal,
  wholeBytesMax: number = wholePackBytesMax,
): Promise<void> {
  const bytesTotal = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const proof = new PackProof(repository, checked, signal, wholeBytesMax);
  telling.begin('data', packs.length, bytesTotal);
  for (const pack of packs) {
    let faults = await proof.faultsOf(pack);
    if (faults.length > 0) faults = await proof.faultsOf(pack);
    for (const { code, detail } of faults) telling.error(code, { pack: pack.name, ...detail });
    telling.advance(pack.sizeBytes);
  }
}

class PackProof {
  readonly #repository: Repository;
  readonly #checked: CheckedIndex;
  readonly #signal: AbortSignal;
  readonly #turn: Turn;
  readonly #wholeBytesMax: number;

  constructor(repository: Repository, checked: CheckedIndex, signal: AbortSignal, wholeBytesMax: number) {
    this.#repository = repository;
    this.#checked = checked;
    this.#signal = signal;
    this.#wholeBytesMax = wholeBytesMax;
    this.#turn = new Turn(repository.world.clock);
  }

  async faultsOf(pack: StoredFile): Promise<Fault[]> {
    const faults: Fault[] = [];
    try {
      const read = await this.#open(pack);
      if ((await this.#hash(read, pack.sizeBytes)) !== pack.name)
        faults.push({ code: 'pack-hash', detail: {} });
      const blobs = await this.#readHeader(read, pack.sizeBytes, faults);
      if (blobs === undefined) return faults;
      if (!this.#isAsIndexed(pack.name, blobs)) faults.push({ code: 'pack-header-differs', detail: {} });
      for (const blob of blobs) {
        const why = await this.#whyDamaged(read, blob);
        if (why !== undefined) faults.push({ code: 'blob-damaged', detail: { blob: blob.id, why } });
      }
    } catch (error) {
      faults.push({ code: 'pack-unreadable', detail: { why: whyOf(error) } });
    }
    return faults;
  }

  async #open({ name, sizeBytes }: StoredFile): Promise<ReadRange> {
    const file = { type: 'pack', name } as const;
    const { backend } = this.#repository;
    if (sizeBytes > this.#wholeBytesMax) {
      return (offset, length) => backend.load(file, { offset, length }, this.#signal);
    }
    const whole = await backend.load(file, { offset: 0, length: sizeBytes }, this.#signal);
    return (offset, length) => Promise.resolve(whole.subarray(offset, offset + length));
  }

  async #hash(read: ReadRange, sizeBytes: number): Promise<Id> {
    const sum = createHash('sha256');
    for (let at = 0; at < sizeBytes; at += limits.readPieceBytesMax) {
      sum.update(await read(at, Math.min(limits.readPieceBytesMax, sizeBytes - at)));
      await this.#rest();
    }
    return sum.digest('hex');
  }

  async #readHeader(read: ReadRange, sizeBytes: number, faults: Fault[]): Promise<PackBlob[] | undefined> {
    const lengthBytes = Math.min(4, sizeBytes);
    const tail = await read(sizeBytes - lengthBytes, lengthBytes);
    try {
      const headerBytes = headerBytesAtEnd(tail, sizeBytes);
      const end = await read(sizeBytes - headerBytes, headerBytes);
      return decodePackHeader(this.#repository.key, end, sizeBytes);
    } catch (error) {
      if (isFailure(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      faults.push({ code: 'pack-header', detail: { why } });
      return undefined;
    }
  }

  /** The offsets in a header are all different, so blobs that are each in the index and as many as there are the same. */
  #isAsIndexed(packId: Id, blobs: readonly PackBlob[]): boolean {
    if (blobs.length !== this.#checked.packs.get(packId)?.blobCount) return false;
    return blobs.every(({ type, id, offset, length, plainLength }) =>
      this.#checked.index
        .locate(type, id)
        .some(
          (place) =>
            place.packId === packId &&
            place.offset === offset &&
            place.length === length &&
            place.plainLength === plainLength,
        ),
    );
  }

  async #whyDamaged(read: ReadRange, blob: PackBlob): Promise<string | undefined> {
    const { type, id, offset, length, plainLength } = blob;
    await this.#rest();
    try {
      checkBlobLengths(type, id, length, plainLength);
      const sealed = await read(offset, length);
      unsealBlob(this.#repository.key, { type, id, sealed, plainLength });
      return undefined;
    } catch (error) {
      if (!isFailure(error, 'damaged')) throw error;
      return whyOf(error);
    }
  }

  /** A cancel is heard, and timers get their turn, in the midst of a pack. */
  async #rest(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#turn.isOver) await this.#turn.pass();
  }
}
