/**
 * Run by itself: hands a small file that would expand to 1 GiB to each decoder that decompresses, and prints
 * what each said and how far the memory of this process rose. See `test/format/bombs.test.ts`.
 */
import { limits } from '../../engine/base/limits.ts';
import { compress, decompress } from '../../engine/format/compression.ts';
import { indexBytesMax } from '../../engine/format/index-file.ts';
import { decodeUnpacked } from '../../engine/format/unpacked.ts';

const bombBytes = 2 ** 30;
const blockBytes = 128 * 1024;

/** A frame of run-length blocks (RFC 8878): 4 bytes for each 128 KiB of spaces. */
function makeBomb(promisedBytes?: number): Buffer {
  const header = Buffer.alloc(promisedBytes === undefined ? 6 : 14);
  header.writeUInt32LE(0xfd2fb528);
  header[4] = promisedBytes === undefined ? 0 : 0xc0;
  header[5] = 0x58;
  if (promisedBytes !== undefined) header.writeBigUInt64LE(BigInt(promisedBytes), 6);
  const blocks = Buffer.alloc((bombBytes / blockBytes) * 4, 0x20);
  for (let at = 0; at < blocks.length; at += 4) {
    const isLast = at + 4 === blocks.length;
    blocks.writeUIntLE((blockBytes << 3) | 2 | (isLast ? 1 : 0), at, 3);
  }
  return Buffer.concat([header, blocks]);
}

const bombs = {
  'says nothing of its size': makeBomb(),
  'says its size': makeBomb(bombBytes),
  'says that it is small': makeBomb(100),
  'comes after a good frame': Buffer.concat([compress(Buffer.from('{}')), makeBomb()]),
};

const marked = (frame: Buffer): Buffer => Buffer.concat([Buffer.of(2), frame]);
const readers: Record<string, (frame: Buffer) => unknown> = {
  lock: (frame) => decodeUnpacked(marked(frame), limits.smallFileBytesMax),
  snapshot: (frame) => decodeUnpacked(marked(frame), limits.snapshotBytesMax),
  index: (frame) => decodeUnpacked(marked(frame), indexBytesMax(frame.length)),
  'data blob': (frame) => decompress(frame, limits.dataBlobBytesMax),
  'tree blob': (frame) => decompress(frame, 5_000),
};

const kibBefore = process.resourceUsage().maxRSS;
const answers = Object.entries(readers).flatMap(([reader, read]) =>
  Object.entries(bombs).map(([bomb, frame]) => {
    try {
      read(frame);
      return { reader, bomb, bytes: frame.length, refusal: '' };
    } catch (error) {
      return { reader, bomb, bytes: frame.length, refusal: String(error) };
    }
  }),
);
const risenMiB = (process.resourceUsage().maxRSS - kibBefore) / 1024;
process.stdout.write(JSON.stringify({ answers, risenMiB }));
