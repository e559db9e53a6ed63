import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, fromLatin1 } from '../../engine/base/byte-string.ts';
import { idOf } from '../../engine/format/id.ts';
import { decodeNode, type Node } from '../../engine/format/node.ts';
import { decodeTree, encodeTree } from '../../engine/format/tree.ts';

function named(name: string): Node {
  return { ...decodeNode({ name: 'a', type: 'fifo' }), name: fromLatin1(name) };
}

const decode = (text: string): Node[] => decodeTree(Buffer.from(text));
const plain = (name: string): string => `{"name":${JSON.stringify(name)},"type":"fifo"}`;

/** Any bytes but none: longer names and shared beginnings are what makes order interesting. */
const name = fc
  .array(fc.constantFrom(0x01, 0x2d, 0x2e, 0x41, 0x61, 0x7f, 0xc3, 0xa4, 0xef, 0xbf, 0xf0, 0xff), {
    minLength: 1,
    maxLength: 5,
  })
  .map((codes) => String.fromCharCode(...codes));

describe('a tree', () => {
  it('of an empty folder has the id that it has everywhere', () => {
    expect(encodeTree([]).toString()).toBe('{"nodes":[]}\n');
    expect(idOf(encodeTree([]))).toBe('ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8');
    expect(decode('{"nodes":[]}\n')).toEqual([]);
    expect(decode('{"nodes":null}')).toEqual([]);
  });

  it('comes back, whatever the names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        const nodes = names.map(named).sort((a, b) => compareBytes(a.name, b.name));
        const encoded = encodeTree(nodes);
        expect(decodeTree(encoded)).toEqual(nodes);
        expect(idOf(encodeTree(decodeTree(encoded)))).toBe(idOf(encoded));
      }),
    );
  });

  it('is sorted by bytes, not as JavaScript sorts text', () => {
    // U+1F600 is after U+FFFF in bytes, and before it in UTF-16.
    const names = ['-', 'A', 'a', 'a.b', 'aa', '\xef\xbf\xbf', '\xf0\x9f\x98\x80', '\xff'];
    expect(decodeTree(encodeTree(names.map(named))).map((node) => node.name)).toEqual(names);
    expect('\u{1f600}' < '\uffff').toBe(true);
  });

  it('is never written out of order, nor with a name twice', () => {
    expect(() => encodeTree([named('b'), named('a')])).toThrow('order');
    expect(() => encodeTree([named('a'), named('a')])).toThrow('order');
    expect(() => encodeTree([named('\xff'), named('a')])).toThrow('order');
  });

  it('that is out of order is read in order', () => {
    expect(decode(`{"nodes":[${plain('b')},${plain('a')}]}`).map((node) => node.name)).toEqual(['a', 'b']);
  });

  it('with a name twice is refused, however the name is written', () => {
    for (const [one, other] of [
      ['a', 'a'],
      ['ä', '\\u00e4'],
      ['a', '\\x61'],
      ['\\n', '\\x0a'],
    ] as const) {
      expect(() => decode(`{"nodes":[${plain(one)},${plain('m')},${plain(other)}]}`)).toThrow('twice');
    }
  });

  it('with a changed byte has another id', () => {
    const encoded = encodeTree([named('a'), named('b')]);
    for (let at = 0; at < encoded.length; at++) {
      const changed = Buffer.from(encoded);
      changed[at]! ^= 0x01;
      expect(idOf(changed)).not.toBe(idOf(encoded));
    }
  });

  it('that is malformed is refused', () => {
    const wrong = ['', 'null', '[]', '5', '{"nodes":5}', '{"nodes":{}}', '{"nodes":[5]}', '{"nodes":[null]}'];
    for (const text of [...wrong, '{"nodes":[', '{"nodes":[]}x', '{"nodes":[[]]}']) {
      expect(() => decode(text), text).toThrow();
    }
    expect(() => decode('['.repeat(100_000))).toThrow();
    expect(() => decode(`{"nodes":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toThrow();
  });

  it('may know more than we do', () => {
    expect(decode(`{"later":1,"nodes":[${plain('a')}],"more":[]}`)).toHaveLength(1);
  });
});
