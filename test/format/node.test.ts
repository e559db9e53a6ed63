import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteString, fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { type NodeType, toGoMode } from '../../engine/format/file-mode.ts';
import { zeroTime } from '../../engine/format/go-time.ts';
import { parseExact } from '../../engine/format/json.ts';
import { decodeNode, encodeNode, type Node } from '../../engine/format/node.ts';

const file: Node = {
  name: fromLatin1('a'),
  type: 'file',
  mode: toGoMode('file', 0o644),
  mtime: '2024-07-15T12:00:00.5+02:00',
  atime: '2024-07-15T12:00:00.5+02:00',
  ctime: '2024-07-15T12:00:01+02:00',
  uid: 0,
  gid: 0,
  inode: 0n,
  deviceId: 0n,
  size: 0,
  links: 0,
  extendedAttributes: [],
  device: 0n,
  content: [],
};
const least = `{"name":"a","type":"file","mode":420,"mtime":"2024-07-15T12:00:00.5+02:00","atime":"2024-07-15T12:00:00.5+02:00","ctime":"2024-07-15T12:00:01+02:00","uid":0,"gid":0,"content":[]}`;
const decode = (text: string): Node => decodeNode(parseExact(text));

const bytes = (maxLength: number): fc.Arbitrary<ByteString> =>
  fc
    .uint8Array({ minLength: 1, maxLength })
    .map((array) => fromLatin1(Buffer.from(array).toString('latin1')));
const text = fc.string({ unit: 'grapheme', minLength: 1 });
const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array).toString('hex'));
const uint32 = fc.nat({ max: 2 ** 32 - 1 });
const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const time = fc.constantFrom(zeroTime, '1969-12-31T23:59:59.999999999-11:30', '2024-07-15T12:00:00Z');
const attribute = fc.record({
  name: text.map((name) => fromText(name.slice(0, 20))),
  value: fc.uint8Array().map((array) => Buffer.from(array)),
});
const generic = fc.dictionary(
  fc.constantFrom('windows.creation_time', 'windows.file_attributes', 'windows.security_descriptor'),
  fc.oneof(
    text,
    uint32,
    uint64.filter((value) => value > 2n ** 53n),
    fc.record({ Low: uint32, High: uint32 }),
  ),
  { noNullPrototype: true },
);
const types: NodeType[] = ['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket', 'irregular'];
const node: fc.Arbitrary<Node> = fc
  .record(
    {
      name: bytes(255),
      type: fc.constantFrom(...types),
      mode: uint32,
      mtime: time,
      atime: time,
      ctime: time,
      uid: uint32,
      gid: uint32,
      user: text,
      group: text,
      inode: uint64,
      deviceId: uint64,
      size: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      links: uint32,
      linkTarget: bytes(100),
      extendedAttributes: fc.array(attribute, { maxLength: 3 }),
      genericAttributes: generic,
      device: uint64,
      subtree: id,
      error: text,
    },
    {
      requiredKeys: [
        ...(['name', 'type', 'mode', 'mtime', 'atime', 'ctime', 'uid', 'gid', 'inode', 'deviceId'] as const),
        ...(['size', 'links', 'extendedAttributes', 'device'] as const),
      ],
    },
  )
  .chain((any) =>
    any.type === 'file'
      ? fc.array(id, { maxLength: 3 }).map((content) => ({ ...any, content }))
      : fc.constant(any),
  );

describe('a node', () => {
  it('leaves out what restic leaves out', () => {
    expect(encodeNode(file)).toBe(least);
    expect(decode(least)).toEqual(file);
  });

  it('has all its fields in the order of restic', () => {
    const full: Node = {
      ...file,
      user: 'u',
      group: 'g',
      inode: 2n ** 64n - 1n,
      deviceId: 2n ** 63n,
      size: 5,
      links: 2,
      linkTarget: fromLatin1('t\xff'),
      extendedAttributes: [{ name: fromLatin1('user.x'), value: Buffer.of(0, 255) }],
      genericAttributes: { 'windows.file_attributes': 32, 'windows.creation_time': { LowDateTime: 1 } },
      device: 2049n,
      subtree: 'b'.repeat(64),
      error: 'e',
    };
    const expected = `"user":"u","group":"g","inode":18446744073709551615,"device_id":9223372036854775808,"size":5,"links":2,"linktarget":"t\\ufffd","linktarget_raw":"dP8=","extended_attributes":[{"name":"user.x","value":"AP8="}],"generic_attributes":{"windows.creation_time":{"LowDateTime":1},"windows.file_attributes":32},"device":2049,"content":[],"subtree":"${'b'.repeat(64)}","error":"e"}`;
    expect(encodeNode(full)).toBe(`${least.slice(0, least.indexOf('"content"'))}${expected}`);
    expect(decode(encodeNode(full))).toEqual(full);
  });

  it('comes back, whatever bytes its names have', () => {
    fc.assert(
      fc.property(node, (any) => {
        const encoded = encodeNode(any);
        const decoded = decode(encoded);
        expect(decoded).toEqual(any);
        expect(encodeNode(decoded)).toBe(encoded);
      }),
    );
  });

  it('keeps strings of generic attributes escaped as Go does', () => {
    const encoded = least.replace(
      '"content"',
      '"generic_attributes":{"x":"\\u003c\\u0026\\u2028"},"content"',
    );
    expect(encodeNode(decode(encoded))).toBe(encoded);
  });

  it('of a kind that has no content says null, and no content is read as an empty one', () => {
    const { content: _content, ...rest } = file;
    const folder = encodeNode({ ...rest, type: 'dir', subtree: 'c'.repeat(64) });
    expect(folder).toContain('"content":null,"subtree"');
    expect(decode(folder).content).toBeUndefined();
    expect(decode(least.replace('"content":[]', '"content":null')).content).toEqual([]);
  });

  it('prefers the raw target of a link', () => {
    const link = least.replace('"content":[]', '"linktarget":"shown","linktarget_raw":"/w==","content":null');
    expect(decode(link.replace('"file"', '"symlink"')).linkTarget).toBe('\xff');
  });

  it('without times has the zero time', () => {
    const { mtime, atime, ctime } = decode('{"name":"a","type":"fifo"}');
    expect([mtime, atime, ctime]).toEqual([zeroTime, zeroTime, zeroTime]);
  });
});

describe('hostile nodes', () => {
  it('of wrong types are refused, field by field', () => {
    const numbers = ['-1', '1.5', '"1"', '1e300', '[]', '{}', '123456789012345678901234567890', 'true'];
    const words = ['5', '{}', '[]', 'false'];
    const wrong: Record<string, string[]> = {
      name: [...words, 'null', '"\\\\"', '"\\""', '"\\\\xZZ"', '"\\n"'],
      type: [...words, 'null', '"File"', '""', '"directory"', `"${'x'.repeat(1000)}"`],
      mode: [...numbers, '4294967296'],
      mtime: [...words, 'null', '"now"', '""'],
      atime: [...words, 'null', '"2024-13-01T00:00:00Z"'],
      ctime: [...words, 'null', '"2024-01-01"'],
      uid: [...numbers, '4294967296'],
      gid: [...numbers, '4294967296'],
      user: words,
      group: words,
      inode: [...numbers, '18446744073709551616', '1e19'],
      device_id: [...numbers, '18446744073709551616'],
      size: [...numbers, '9007199254740992'],
      links: numbers,
      linktarget: words,
      linktarget_raw: [...words, '"*"', '"A"'],
      extended_attributes: ['5', '{}', '"x"', '[5]', '[{"name":5}]', '[{"name":"x","value":5}]', '[null]'],
      generic_attributes: ['5', '[]', '"x"', 'true', '0', 'false', '""'],
      device: [...numbers, '18446744073709551616'],
      content: ['5', '{}', '"x"', '[5]', '[null]', '["short"]', `["${'A'.repeat(64)}"]`],
      subtree: [...words, '"short"', '""'],
      error: words,
    };
    for (const [field, values] of Object.entries(wrong)) {
      for (const value of values) {
        // Of two fields with one name the last counts.
        const bad = `${least.slice(0, -1)},"${field}":${value}}`;
        expect(() => decode(bad), `${field}: ${value.slice(0, 50)}`).toThrow();
      }
    }
    for (const other of ['null', '5', '[]', '"x"', '{}']) expect(() => decode(other), other).toThrow();
  });

  it('keep their error short, whatever they hold', () => {
    const long = least.replace('"file"', `"${'x'.repeat(100_000)}"`);
    try {
      decode(long);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(100);
    }
  });

  it('with an extended attribute whose name no system takes are refused', () => {
    const withName = (length: number): string =>
      `${least.slice(0, -1)},"extended_attributes":[{"name":"${'x'.repeat(length)}","value":""}]}`;
    expect(decode(withName(255)).extendedAttributes[0]?.name.length).toBe(255);
    expect(() => decode(withName(256))).toThrow('too long');
  });
});
