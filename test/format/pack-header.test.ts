import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf } from '../../engine/format/id.ts';
import {
  decodePackHeader,
  encodeEntries,
  encodePackHeader,
  endsWithEntries,
  headerBytesAtEnd,
  isSameContent,
  type PackBlob,
  packBytes,
} from '../../engine/format/pack-header.ts';
import { makeSealKey, seal, unseal } from '../../engine/format/seal.ts';
import { seededChance } from '../support/fixed-world.ts';

const key = makeSealKey(seededChance('key'));
const chance = seededChance('nonces');
const id = idOf(Buffer.from('blob'));

/** Lays the blobs out one after the other, as a pack does. */
function layOut(blobs: Omit<PackBlob, 'offset'>[]): PackBlob[] {
  let offset = 0;
  return blobs.map((blob) => {
    const placed = { ...blob, offset };
    offset += blob.length;
    return placed;
  });
}

const blobs = fc
  .array(
    fc.record({
      id: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
      type: fc.constantFrom<'data' | 'tree'>('data', 'tree'),
      length: fc.integer({ min: 32, max: 2 ** 28 }),
      plainLength: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
    }),
    { minLength: 1, maxLength: 15 },
  )
  .map(layOut);

/** A header whose plaintext is whatever a test wants, authentic all the same. */
function forge(plaintext: Buffer): Buffer {
  const sealed = seal(key, plaintext, chance);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(sealed.length);
  return Buffer.concat([sealed, length]);
}

function entry(kind: number, length: number, plainLength?: number): Buffer {
  const plain = Buffer.alloc(plainLength === undefined ? 0 : 4);
  if (plainLength !== undefined) plain.writeUInt32LE(plainLength);
  const sealed = Buffer.alloc(4);
  sealed.writeUInt32LE(length);
  return Buffer.concat([Buffer.of(kind), sealed, plain, Buffer.from(id, 'hex')]);
}

const two = layOut([
  { id, type: 'data', length: 100, plainLength: 0 },
  { id: id.replaceAll('a', 'b'), type: 'data', length: 200, plainLength: 5000 },
]);

describe('a pack header', () => {
  it('has the entries that the format describes', () => {
    const end = encodePackHeader(
      key,
      layOut([...two, { id, type: 'tree', length: 32, plainLength: 0 }]),
      chance,
    );
    const plaintext = unseal(key, end.subarray(0, -4))!;
    const hexOf = (blob: PackBlob): string => blob.id;
    expect(plaintext.toString('hex')).toBe(
      `0064000000${hexOf(two[0]!)}02c800000088130000${hexOf(two[1]!)}0120000000${id}`,
    );
    expect(end.readUInt32LE(end.length - 4)).toBe(37 + 41 + 37 + 32);
  });

  it('comes back, and its length is known from the last four bytes', () => {
    fc.assert(
      fc.property(blobs, (any) => {
        const end = encodePackHeader(key, any, chance);
        const total = packBytes(any);
        expect(total).toBe(any.at(-1)!.offset + any.at(-1)!.length + end.length);
        expect(headerBytesAtEnd(end.subarray(-4), total)).toBe(end.length);
        const decoded = decodePackHeader(key, end, total);
        expect(decoded).toEqual(any);
        expect(isSameContent(decoded, any)).toBe(true);
      }),
    );
  });

  it('with any byte changed is refused', () => {
    const end = encodePackHeader(key, two, chance);
    for (let at = 0; at < end.length; at++) {
      for (const flip of [0x01, 0x80]) {
        const changed = Buffer.from(end);
        changed[at]! ^= flip;
        expect(() => decodePackHeader(key, changed, packBytes(two)), `byte ${at}`).toThrow();
      }
    }
  });

  it('is refused for a pack of another size, or with another key', () => {
    const end = encodePackHeader(key, two, chance);
    for (const other of [-1, 1, 100]) {
      expect(() => decodePackHeader(key, end, packBytes(two) + other)).toThrow('describe');
    }
    expect(() => decodePackHeader(makeSealKey(seededChance(5)), end, packBytes(two))).toThrow('authentic');
  });

  it('comparing notices each field', () => {
    const [one, other] = two as [PackBlob, PackBlob];
    const changes = { id: 'f'.repeat(64), type: 'tree', offset: 101, length: 201, plainLength: 1 } as const;
    for (const [field, value] of Object.entries(changes)) {
      expect(isSameContent(two, [one, { ...other, [field]: value }]), field).toBe(false);
    }
    expect(isSameContent(two, [one])).toBe(false);
    expect(isSameContent([one], two)).toBe(false);
  });
});

describe('hostile lengths', () => {
  const at = (length: number, total: number): (() => number) => {
    const last = Buffer.alloc(4);
    last.writeUInt32LE(length);
    return () => headerBytesAtEnd(last, total);
  };

  it('a header that is too short or larger than its pack or than any header', () => {
    expect(at(69, 1000)()).toBe(73);
    for (const length of [0, 31, 32, 68, 997, 2 ** 32 - 1]) {
      expect(at(length, 1000), String(length)).toThrow('cannot be true');
    }
    expect(at(16 * 1024 * 1024 + 1, 2 ** 31)).toThrow('cannot be true');
  });

  it('a file too short for a pack', () => {
    for (const total of [0, 4, 36, 72]) expect(at(69, total)).toThrow('too short');
    expect(() => headerBytesAtEnd(Buffer.alloc(3), 1000)).toThrow();
  });
});

describe('hostile entries, sealed with the right key', () => {
  const good = entry(0, 100);
  const decode = (plaintext: Buffer, bytes: number): (() => PackBlob[]) => {
    const end = forge(plaintext);
    return () => decodePackHeader(key, end, bytes + end.length);
  };

  it('a good one is read', () => {
    expect(decode(good, 100)()).toEqual([{ id, type: 'data', offset: 0, length: 100, plainLength: 0 }]);
  });

  it('types that do not exist', () => {
    for (const kind of [4, 5, 127, 255]) expect(decode(entry(kind, 100), 100)).toThrow('unknown type');
  });

  it('entries that are cut short', () => {
    for (const length of [1, 5, 36]) {
      expect(decode(Buffer.concat([good, good.subarray(0, length)]), 100)).toThrow();
    }
    expect(decode(Buffer.concat([good, entry(2, 100, 5).subarray(0, 40)]), 100)).toThrow('within an entry');
  });

  it('lengths that cannot be', () => {
    expect(decode(entry(0, 31), 31)).toThrow('too short');
    expect(decode(entry(0, 0), 0)).toThrow('too short');
    expect(decode(entry(2, 100, 0), 100)).toThrow('without content');
    expect(decode(entry(0, 2 ** 32 - 1), 100)).toThrow('describe');
    expect(decode(Buffer.concat([good, good]), 100)).toThrow('describe');
  });
});

describe('the end of a pack', () => {
  const bodyBytes = 300;
  const entries = encodeEntries(two);
  const end = encodePackHeader(key, two, chance);

  it('is known to open to the entries of what is before it', () => {
    expect(endsWithEntries(key, end, entries, bodyBytes)).toBe(true);
  });

  it.each([
    ['other entries', end, encodeEntries(two.slice(0, 1)), bodyBytes],
    ['a body that they do not describe', end, entries, bodyBytes + 1],
    ['a flipped bit', Buffer.from(end.map((byte, at) => (at === 50 ? byte ^ 1 : byte))), entries, bodyBytes],
    ['something before it', Buffer.concat([Buffer.of(0), end]), entries, bodyBytes - 1],
  ])('is not taken for one with %s', (_, packEnd, expected, bytes) => {
    expect(endsWithEntries(key, packEnd, expected, bytes)).toBe(false);
  });
});
