/**
 * Zstandard frames, as restic stores them since format version 2. Decompression yields at most what its caller
 * allows, whatever the frame claims, and exactly one frame is accepted.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** restic's `--compression`: `off` stores data blobs as they are (trees are compressed all the same). */
export type Compression = 'auto' | 'max' | 'off';

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
  try {
    return decompressFrame(frame, bytesMax);
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Error(`its content is larger than the ${bytesMax} bytes that are allowed`, { cause: error });
    }
    throw error;
  }
}

function decompressFrame(frame: Uint8Array, bytesMax: number): Buffer {
  const { buffer, engine } = zstdDecompressSync(frame, {
    maxOutputLength: Math.max(1, bytesMax),
    chunkSize: Math.max(64, Math.min(bytesMax + 1, 64 * 1024)),
    info: true,
  } as object) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
  if (engine.bytesWritten !== frame.length) throw new Error('something follows its compressed frame');
  if (buffer.length > bytesMax)
    throw new Error(`its content is larger than the ${bytesMax} bytes that are allowed`);
  return buffer;
}
