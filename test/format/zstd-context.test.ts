import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZstdContext } from '../../engine/format/zstd-context.ts';

const text = Buffer.from('all work and no play makes a dull boy\n'.repeat(200));
const room = Buffer.alloc(text.length + 1000);

describe('a lasting context', () => {
  it('is to be had from this Node: else all would be right, and slow', () => {
    const compressor = new ZstdContext('compress', {});
    const decompressor = new ZstdContext('decompress', {});
    for (let i = 0; i < 3; i++) {
      const frame = Buffer.from(room.subarray(0, compressor.run(text, room)));
      expect(frame).toEqual(zstdCompressSync(text, { pledgedSrcSize: text.length }));
      expect(zstdDecompressSync(frame)).toEqual(text);
      const content = Buffer.alloc(text.length);
      expect(decompressor.run(frame, content)).toBe(text.length);
      expect(content).toEqual(text);
    }
  });

  it('says nothing where the room is too small, and works again afterwards', () => {
    const frame = zstdCompressSync(text);
    const compressor = new ZstdContext('compress', {});
    const decompressor = new ZstdContext('decompress', {});
    for (let i = 0; i < 3; i++) {
      expect(compressor.run(text, Buffer.alloc(20))).toBeUndefined();
      expect(compressor.run(text, room)).toBe(frame.length);
      expect(decompressor.run(frame, Buffer.alloc(text.length - 1))).toBeUndefined();
      expect(decompressor.run(frame, Buffer.alloc(text.length + 1))).toBeUndefined();
      expect(decompressor.run(Buffer.from('no frame at all'), Buffer.alloc(10))).toBeUndefined();
      expect(decompressor.run(frame, Buffer.alloc(text.length))).toBe(text.length);
    }
  });
});
