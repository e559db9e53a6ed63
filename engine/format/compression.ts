/**
 * Zstandard frames, as restic stores them since format version 2. Decompression yields at most what its caller
 * allows, whatever the frame claims, and exactly one frame is accepted.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** restic's `--compression`: `off` stores data blobs as they are (trees are compressed all the same). */
export type Compression = 'auto' | 'max' | 'off';

const frameMagic = 0xfd2fb528;
const frameHeaderBytesMin = 6;
const pieceBytesMax = 16 * 1024 * 1024;
const unpromisedPieceBytes = 64 * 1024;
const levels = { auto: 3, max: 19, off: 1 } as const;

export function compress(plaintext: Uint8Array, compression: Compression = 'auto'): Buffer {
  return zstdCompressSync(plaintext, {
    pledgedSrcSize: plaintext.length,
    chunkSize: Math.max(64, plaintext.length + 512),
    params: { [constants.ZSTD_c_compressionLevel]: levels[compression] },
  });
}

/** The content of one frame, at most `bytesMax` long. Throws an error that says what is wrong with it. */
export function decompress(frame: Uint8Array, bytesMax: number): Buffer {
  const promised = promisedBytes(frame);
  if (promised !== undefined && promised > bytesMax) throw tooLarge(bytesMax);
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

/** How long the frame's header says that its content is; undefined where it does not say (RFC 8878, 3.1.1.1). */
function promisedBytes(frame: Uint8Array): number | undefined {
  const header = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  if (header.length < frameHeaderBytesMin || header.readUInt32LE(0) !== frameMagic) {
    throw new Error('it is not a compressed frame');
  }
  const descriptor = header[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  if (at + sizeBytes > header.length) throw new Error('its compressed frame is cut short');
  if (sizeBytes === 0) return undefined;
  if (sizeBytes === 8) return Number(header.readBigUInt64LE(at));
  return header.readUIntLE(at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}
