import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Compression, compress, decompress } from '../../engine/format/compression.ts';

const frameMagic = Buffer.from('28b52ffd', 'hex');
const enoughBytes = 1_000_000;
const text = Buffer.from('all work and no play makes a dull boy\n'.repeat(200));

/** What the program zstd 1.5.4 made of "slackwater\n" three times, without and with its checksum. */
const slackwaters = Buffer.from('slackwater\n'.repeat(3));
const foreign = [
  '28b52ffd20218d000058736c61636b77617465720a0100568a17',
  '28b52ffd24218d000058736c61636b77617465720a0100568a17132b2893',
];

/** A frame of one raw block (RFC 8878), with whatever header a test wants. */
function rawFrame(header: string, content: Buffer): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([frameMagic, Buffer.from(header, 'hex'), block, content]);
}

/** As a stream compresses: the frame does not say how long its content is. */
function frameWithoutSize(content: Buffer): Buffer {
  const frame = zstdCompressSync(content, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
  expect(frame[4]! >> 6).toBe(0);
  return frame;
}

describe('one frame', () => {
  const levels: Compression[] = ['auto', 'max', 'off'];

  it('gives back what was compressed, at every level, and says how long it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.constantFrom(...levels), (bytes, level) => {
        const frame = compress(bytes, level);
        expect(frame.subarray(0, 4)).toEqual(frameMagic);
        expect(frame[4]! & 0xe0).not.toBe(0);
        expect(decompress(frame, bytes.length)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('shrinks what can be, and takes what cannot', () => {
    for (const level of levels) expect(compress(text, level).length).toBeLessThan(200);
    const large = Buffer.alloc(9 * 1024 * 1024, 'x');
    expect(decompress(compress(large), large.length).equals(large)).toBe(true);
  });

  it('is read with a checksum, without a size, of raw blocks, with two and eight bytes of size', () => {
    const checked = zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    expect(decompress(checked, enoughBytes)).toEqual(text);
    expect(decompress(frameWithoutSize(text), enoughBytes)).toEqual(text);
    const content = Buffer.alloc(300, 'y');
    expect(decompress(rawFrame('602c00', content), enoughBytes)).toEqual(content);
    expect(decompress(rawFrame('e02c01000000000000', content), enoughBytes)).toEqual(content);
    expect(decompress(rawFrame('0058', content), enoughBytes)).toEqual(content);
  });
});

describe('a space that is lent', () => {
  it('is used where the content fits, and nothing is lost where it does not', () => {
    const space = Buffer.alloc(text.length);
    const content = decompress(compress(text), enoughBytes, space);
    expect(content).toEqual(text);
    expect(content.buffer).toBe(space.buffer);
    expect(decompress(compress(text), enoughBytes, Buffer.alloc(10))).toEqual(text);
  });
});

describe('a frame that does not say how long its content is', () => {
  const frame = frameWithoutSize(text);
  const space = (bytes: number): Buffer => Buffer.alloc(bytes, 1);

  it('is read into the space that is lent, where that has a byte to spare', () => {
    const lent = space(text.length + 1);
    const content = decompress(frame, text.length, lent);
    expect(content).toEqual(text);
    expect(content.buffer).toBe(lent.buffer);
    expect(decompress(frame, text.length, space(text.length))).toEqual(text);
  });

  it('is read where its content is shorter than is allowed, and refused where it is longer', () => {
    for (const more of [1, 2, 1_000, 100_000])
      expect(decompress(frame, text.length + more, space(text.length + more + 1))).toEqual(text);
    for (const less of [1, 2, text.length - 1]) {
      expect(() => decompress(frame, text.length - less, space(text.length + 1)), `${less}`).toThrow(
        'larger',
      );
      expect(decompress(frame, text.length, space(text.length + 1))).toEqual(text);
    }
  });
});

describe('a frame after one that was refused', () => {
  it('is read and written as ever', () => {
    const frame = compress(text);
    for (let at = 4; at < frame.length; at++) {
      const changed = Buffer.from(frame);
      changed[at]! ^= 0x55;
      try {
        decompress(changed, enoughBytes);
      } catch {
        // What is wrong with it is another test's affair.
      }
      expect(decompress(frame, enoughBytes)).toEqual(text);
      expect(compress(text)).toEqual(frame);
    }
  });
});

describe('what is no frame of ours is refused', () => {
  const bad =
    (frame: Buffer): (() => Buffer) =>
    () =>
      decompress(frame, enoughBytes);

  it('nothing, garbage, another format', () => {
    for (const frame of ['', '28b52ffd', '1f8b0800000000000003', '7b7d', '00'.repeat(40)]) {
      expect(bad(Buffer.from(frame, 'hex')), frame).toThrow();
    }
  });

  it('a frame cut short anywhere', () => {
    for (const frame of [compress(text), frameWithoutSize(text), compress(Buffer.alloc(0))]) {
      for (let length = 0; length < frame.length; length++) {
        expect(bad(frame.subarray(0, length)), `${length} of ${frame.length}`).toThrow();
      }
    }
  });

  it('whatever follows the frame: garbage, zeros, a second frame, a skippable one', () => {
    const skippable = Buffer.from('502a4d1804000000aabbccdd', 'hex');
    const more = [Buffer.of(0), Buffer.of(0xff), Buffer.alloc(64), compress(text), skippable];
    for (const rest of more) expect(bad(Buffer.concat([compress(text), rest]))).toThrow('follows');
    expect(bad(skippable)).toThrow('not a compressed frame');
    expect(bad(Buffer.concat([skippable, compress(text)]))).toThrow('not a compressed frame');
  });

  it('a frame whose content is longer or shorter than it says', () => {
    const content = Buffer.alloc(300, 'y');
    for (const promised of ['602b00', '602d00', '600000', '60ffff', 'a001000000', 'a0ffffff0f', '2001']) {
      expect(bad(rawFrame(promised, content)), promised).toThrow();
    }
  });

  it('a frame that needs a dictionary', () => {
    expect(bad(rawFrame('612a2c00', Buffer.alloc(300, 'y')))).toThrow();
  });

  it('any change that is not noticed changes nothing but the content', () => {
    // zstd alone does not notice every change: that is what seals and ids are for. But it must not break.
    const frame = compress(text);
    for (let at = 0; at < frame.length; at++) {
      const changed = Buffer.from(frame);
      changed[at]! ^= 0x55;
      try {
        expect(decompress(changed, enoughBytes).length).toBeLessThanOrEqual(enoughBytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
  });
});

describe('the limit', () => {
  it('is kept to the byte, whether the frame says its size or not', () => {
    for (const frame of [compress(text), frameWithoutSize(text)]) {
      expect(decompress(frame, text.length)).toEqual(text);
      expect(() => decompress(frame, text.length - 1)).toThrow(`${text.length - 1} bytes that are allowed`);
      expect(() => decompress(frame, 0)).toThrow('allowed');
    }
    expect(decompress(compress(Buffer.alloc(0)), 0)).toEqual(Buffer.alloc(0));
  });
});

describe('the zstd program', () => {
  it.each(foreign)('wrote %s', (hex) => {
    expect(decompress(Buffer.from(hex, 'hex'), slackwaters.length)).toEqual(slackwaters);
  });

  it('put a checksum there by which a changed byte is noticed', () => {
    const checked = Buffer.from(foreign[1]!, 'hex');
    for (let at = 0; at < checked.length; at++) {
      const changed = Buffer.from(checked);
      changed[at]! ^= 0x01;
      expect(() => expect(decompress(changed, 1000)).toEqual(slackwaters), `byte ${at}`).toThrow();
    }
  });
});
