/**
 * Zstandard frames, as restic stores them since format version 2. Decompression yields at most what its caller
 * allows, whatever the frame claims, and exactly one frame is accepted.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { letGo } from '../base/let-go.ts';
import { ZstdContext } from './zstd-context.ts';

/** restic's `--compression`: `off` stores data blobs as they are (trees are compressed all the same). */
export type Compression = 'auto' | 'max' | 'off';

const frameMagic = 0xfd2fb528;
const frameHeaderBytesMin = 6;
const pieceBytesMax = 16 * 1024 * 1024;
const unpromisedPieceBytes = 64 * 1024;
/** No content of that length grows more than this in its frame (zstd's own bound, and a little). */
export const frameBytesMax = (contentBytes: number): number => contentBytes + (contentBytes >> 8) + 128;

type Params = Readonly<Record<number, number>>;

/**
 * What costs least while it stores no more than restic with the same setting. For `auto` that is zstd's default level,
 * where matches of four bytes, which hardly save their own description, are not looked for in small contents either.
 */
const params: Readonly<Record<Compression, Params>> = {
  auto: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_minMatch]: 5 },
  max: { [constants.ZSTD_c_compressionLevel]: 12 },
  off: { [constants.ZSTD_c_compressionLevel]: 1 },
};
const compressors = {
  auto: new ZstdContext('compress', params.auto),
  max: new ZstdContext('compress', params.max),
  off: new ZstdContext('compress', params.off),
};
const decompressor = new ZstdContext('decompress', {});
/** Where frames are made before they are copied to a place of their size. */
let frameSpace = Buffer.allocUnsafe(0);

export function compress(plaintext: Uint8Array, compression: Compression = 'auto'): Buffer {
  const frame = compressBriefly(plaintext, compression);
  return frame.buffer === frameSpace.buffer ? Buffer.from(frame) : frame;
}

/** The same for who is done with it before anything is compressed again: then it is not copied. */
export function compressBriefly(plaintext: Uint8Array, compression: Compression): Buffer {
  if (plaintext.length <= pieceBytesMax) {
    const most = frameBytesMax(plaintext.length);
    if (frameSpace.length < most) {
      letGo(frameSpace);
      frameSpace = Buffer.allocUnsafeSlow(most);
    }
    const length = compressors[compression].run(plaintext, frameSpace);
    if (length !== undefined) return frameSpace.subarray(0, length);
  }
  return zstdCompressSync(plaintext, {
    pledgedSrcSize: plaintext.length,
    chunkSize: Math.max(64, frameBytesMax(plaintext.length)),
    params: params[compression],
  });
}

/**
 * The content of one frame, at most `bytesMax` long. Throws an error that says what is wrong with it. Who does not keep
 * the content may lend a `space` for it.
 */
export function decompress(frame: Uint8Array, bytesMax: number, space?: Buffer): Buffer {
  const { promised, headerBytes, hasChecksum } = readHeader(frame);
  if (promised !== undefined && promised > bytesMax) throw tooLarge(bytesMax);
  // restic does not say it of what is shorter than 256 bytes: most often it is as long as is allowed.
  const spareBytes = promised === undefined ? 1 : 0;
  const expected = promised ?? (bytesMax <= unpromisedPieceBytes ? bytesMax : 0);
  if (expected > 0 && expected <= pieceBytesMax) {
    if (wholeFrameBytes(frame, headerBytes, hasChecksum) === frame.length) {
      const roomBytes = expected + spareBytes;
      const fits = space !== undefined && space.length >= roomBytes;
      const room = fits ? space.subarray(0, roomBytes) : Buffer.allocUnsafe(roomBytes);
      if (decompressor.run(frame, room, spareBytes) === expected) return room.subarray(0, expected);
    }
  }
  try {
    return decompressFrame(frame, promised ?? bytesMax, promised);
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw promised === undefined ? tooLarge(bytesMax) : new Error('its content is not as long as it says');
    }
    throw error;
  }
}

function tooLarge(bytesMax: number): Error {
  return new Error(`its content is larger than the ${bytesMax} bytes that are allowed`);
}

function decompressFrame(frame: Uint8Array, bytesMax: number, promised: number | undefined): Buffer {
  // One byte more than is promised: the content arrives in one piece, and nothing has to be joined.
  const pieceBytes = promised === undefined ? unpromisedPieceBytes : Math.min(promised + 1, pieceBytesMax);
  const { buffer, engine } = zstdDecompressSync(frame, {
    maxOutputLength: Math.max(1, bytesMax),
    chunkSize: Math.max(64, pieceBytes),
    info: true,
  } as object) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
  if (engine.bytesWritten !== frame.length) throw new Error('something follows its compressed frame');
  if (buffer.length > bytesMax) throw tooLarge(bytesMax);
  if (promised !== undefined && buffer.length !== promised)
    throw new Error('its content is not as long as it says');
  return buffer;
}

interface FrameHeader {
  /** How long the content is; undefined where the header does not say. */
  readonly promised: number | undefined;
  readonly headerBytes: number;
  readonly hasChecksum: boolean;
}

/** RFC 8878, 3.1.1.1. */
function readHeader(frame: Uint8Array): FrameHeader {
  const header = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (header.length < frameHeaderBytesMin || header.readUInt32LE(0) !== frameMagic) {
    throw new Error('it is not a compressed frame');
  }
  const descriptor = header[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  const headerBytes = at + sizeBytes;
  if (headerBytes > header.length) throw new Error('its compressed frame is cut short');
  return { promised: readSize(header, at, sizeBytes), headerBytes, hasChecksum: (descriptor & 4) !== 0 };
}

function readSize(header: Buffer, at: number, sizeBytes: number): number | undefined {
  if (sizeBytes === 0) return undefined;
  if (sizeBytes === 8) return Number(header.readBigUInt64LE(at));
  return header.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}

/** How long the frame says that it is, from one block's header to the next (RFC 8878, 3.1.1.2), or more than there is. */
function wholeFrameBytes(frame: Uint8Array, headerBytes: number, hasChecksum: boolean): number {
  let at = headerBytes;
  for (let isLast = false; !isLast && at + 3 <= frame.length; ) {
    const block = frame[at]! | (frame[at + 1]! << 8) | (frame[at + 2]! << 16);
    isLast = (block & 1) !== 0;
    // Of a block that is one byte repeated, only that byte is stored.
    at += 3 + (((block >> 1) & 3) === 1 ? 1 : block >> 3);
    if (isLast) return at + (hasChecksum ? 4 : 0);
  }
  return Number.POSITIVE_INFINITY;
}
