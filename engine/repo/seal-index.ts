/**
 * Makes an index file of what packs hold. It is encoded in turns, and compressed and read back beside the event loop:
 * one with 50 000 blobs takes a hundred milliseconds. Its JSON, twice as long as what is stored of it, is never in memory
 * as a whole: it is made twice, first to know how long it is and what its sum is.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import { letGo } from '../base/let-go.ts';
import { Turn } from '../compute/turn.ts';
import { idOf } from '../format/id.ts';
import { encodeIndexPieces, type HeldPack } from '../format/index-file.ts';
import { seal, unseal } from '../format/seal.ts';
import { zstdMarker } from '../format/unpacked.ts';
import { compressPieces, decompressPieces } from '../format/zstd-stream.ts';
import type { Repository } from './repository.ts';
import { type SealedFile, sealFile } from './unpacked-files.ts';

/** Fails with `verification-failed` where what was sealed does not open to the same bytes again. */
export async function sealIndex(repository: Repository, packs: readonly HeldPack[]): Promise<SealedFile> {
  const { key, config, world } = repository;
  const turn = new Turn(world.clock);
  const wanted = new Sum();
  let only: Buffer | undefined;
  for await (const piece of encodedInTurns(packs, turn)) {
    only = wanted.bytes === 0 ? piece : undefined;
    wanted.add(piece);
  }
  if (only !== undefined) return sealFile(repository, 'index', only.toString('latin1'));
  const pieces = encodedInTurns(packs, turn);
  const plaintext = config.version === 1 ? await joined(pieces) : await compressed(pieces, wanted.bytes);
  const bytes = seal(key, plaintext, world.chance);
  letGo(plaintext);
  const id = idOf(bytes);
  await turn.pass();
  const opened = unseal(key, bytes);
  const found = await sumOf(opened, config.version);
  if (opened !== undefined) letGo(opened);
  if (found?.equals(wanted) !== true) throw new Failure('verification-failed', { what: 'index', id });
  return { type: 'index', id, bytes };
}

async function* encodedInTurns(packs: readonly HeldPack[], turn: Turn): AsyncGenerator<Buffer> {
  for (const piece of encodeIndexPieces(packs)) {
    yield piece;
    if (turn.isOver) await turn.pass();
  }
}

async function joined(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function compressed(pieces: AsyncIterable<Buffer>, plainBytes: number): Promise<Buffer> {
  return Buffer.concat([Buffer.of(zstdMarker), ...(await compressPieces(pieces, plainBytes))]);
}

/** Of the JSON that is in it; undefined where there is none. */
async function sumOf(opened: Buffer | undefined, version: 1 | 2): Promise<Sum | undefined> {
  const sum = new Sum();
  if (opened === undefined) return undefined;
  if (version === 1) {
    sum.add(opened);
    return sum;
  }
  const isFrame =
    opened[0] === zstdMarker && (await decompressPieces(opened.subarray(1), (part) => sum.add(part)));
  return isFrame ? sum : undefined;
}

/** Of bytes that come in parts: how many, and their SHA-256. */
class Sum {
  readonly #hash = createHash('sha256');
  bytes = 0;

  add(part: Uint8Array): void {
    this.#hash.update(part);
    this.bytes += part.length;
  }

  /** To be asked once. */
  equals(other: Sum): boolean {
    return this.bytes === other.bytes && this.#hash.digest().equals(other.#hash.digest());
  }
}
