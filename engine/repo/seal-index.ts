/**
 * Makes an index file of what packs hold. It is encoded in turns, and compressed and read back beside the event loop:
 * one with 50 000 blobs takes a hundred milliseconds. In memory are its JSON once and what is stored of it.
 */
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { Failure } from '../base/failure.ts';
import { Turn } from '../compute/turn.ts';
import { idOf } from '../format/id.ts';
import { encodeIndexPieces, type HeldPack } from '../format/index-file.ts';
import { seal, unseal } from '../format/seal.ts';
import { zstdMarker } from '../format/unpacked.ts';
import type { Repository } from './repository.ts';
import { type SealedFile, sealFile } from './unpacked-files.ts';

/** Fails with `verification-failed` where what was sealed does not open to the same bytes again. */
export async function sealIndex(repository: Repository, packs: readonly HeldPack[]): Promise<SealedFile> {
  const { key, config, world } = repository;
  const turn = new Turn(world.clock);
  const pieces: Buffer[] = [];
  for (const piece of encodeIndexPieces(packs)) {
    pieces.push(piece);
    if (turn.isOver) await turn.pass();
  }
  if (pieces.length === 1) return sealFile(repository, 'index', pieces[0]!.toString('latin1'));
  const plaintext = config.version === 1 ? Buffer.concat(pieces) : await compressed(pieces);
  const bytes = seal(key, plaintext, world.chance);
  const id = idOf(bytes);
  await turn.pass();
  if (!(await opensTo(unseal(key, bytes), config.version, pieces)))
    throw new Failure('verification-failed', { what: 'index', id });
  return { type: 'index', id, bytes };
}

async function opensTo(
  opened: Buffer | undefined,
  version: 1 | 2,
  pieces: readonly Buffer[],
): Promise<boolean> {
  if (opened === undefined) return false;
  const isSame = new SameBytes(pieces);
  if (version === 1) isSame.add(opened);
  else if (opened[0] !== zstdMarker) return false;
  else {
    try {
      await pipeline([opened.subarray(1)], createZstdDecompress(), isSame.addAll);
    } catch {
      // It is no frame, or only a part of one.
      return false;
    }
  }
  return isSame.all;
}

async function compressed(pieces: readonly Buffer[]): Promise<Buffer> {
  const pledgedSrcSize = pieces.reduce((sum, { length }) => sum + length, 0);
  const frame: Buffer[] = [Buffer.of(zstdMarker)];
  await pipeline(pieces, createZstdCompress({ pledgedSrcSize }), async (parts: AsyncIterable<Buffer>) => {
    for await (const part of parts) frame.push(part);
  });
  return Buffer.concat(frame);
}

/** Whether bytes that come in parts are those of the pieces, to the last one. */
class SameBytes {
  readonly #pieces: readonly Buffer[];
  #piece = 0;
  #at = 0;
  #isSame = true;

  constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces;
  }

  get all(): boolean {
    return this.#isSame && this.#piece === this.#pieces.length;
  }

  readonly addAll = async (parts: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of parts) this.add(part);
  };

  add(part: Buffer): void {
    for (let from = 0; from < part.length && this.#isSame; ) {
      const piece = this.#pieces[this.#piece];
      const count = Math.min(part.length - from, (piece?.length ?? 0) - this.#at);
      this.#isSame =
        piece !== undefined && piece.compare(part, from, from + count, this.#at, this.#at + count) === 0;
      from += count;
      this.#at += count;
      if (this.#at === piece?.length) {
        this.#piece++;
        this.#at = 0;
      }
    }
  }
}
