/**
 * zstd for what is too long to be in memory as a whole: in pieces, and beside the event loop. A context takes megabytes for
 * a moment, which are given back at once. Used for index files.
 */
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { giveBackFreed } from '../system/allocator.ts';

/** A frame of `plainBytes`, in its parts. */
export async function compressPieces(pieces: AsyncIterable<Buffer>, plainBytes: number): Promise<Buffer[]> {
  const parts: Buffer[] = [];
  const collect = async (compressed: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of compressed) parts.push(part);
  };
  await pipeline(pieces, createZstdCompress({ pledgedSrcSize: plainBytes }), collect);
  giveBackFreed();
  return parts;
}

/** Hands on what is in a frame; answers whether it is one, and whole. */
export async function decompressPieces(frame: Uint8Array, take: (part: Buffer) => void): Promise<boolean> {
  const hand = async (opened: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of opened) take(part);
  };
  try {
    await pipeline([frame], createZstdDecompress(), hand);
    return true;
  } catch {
    return false;
  } finally {
    giveBackFreed();
  }
}
