/** JSON strings as Go writes them: vectors by its rules, and they read back as what they were. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLatin1, fromText, toText } from '../../engine/base/byte-string.ts';
import { jsonByteString, jsonString } from '../../engine/format/go-json.ts';

describe('jsonString', () => {
  test.each([
    ['', '""'],
    ['plain', '"plain"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['\b\f\n\r\t', '"\\b\\f\\n\\r\\t"'],
    ['\x00\x07\x0b\x1f', '"\\u0000\\u0007\\u000b\\u001f"'],
    ['<a href="x">&', '"\\u003ca href=\\"x\\"\\u003e\\u0026"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['\x7f\u0085\u00a0é日😀\ufffd', '"\x7f\u0085\u00a0é日😀\ufffd"'],
    ['a\ud800b\udc00', '"a\\ufffdb\\ufffd"'],
  ])('%j', (text, json) => {
    expect(jsonString(text)).toBe(json);
  });

  test('reads back, and holds nothing that HTML or JavaScript would stumble over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = jsonString(text);
        expect(JSON.parse(json)).toBe(text);
        expect(json).not.toMatch(/[<>&\x00-\x1f\u2028\u2029]/);
      }),
    );
  });
});

describe('jsonByteString', () => {
  test.each([
    [fromText('plain <é> 😀'), '"plain \\u003cé\\u003e 😀"'],
    [fromLatin1('a\xffb'), '"a\\ufffdb"'],
    [fromLatin1('\xf0\x9f\x98'), '"\\ufffd\\ufffd\\ufffd"'],
    [fromLatin1('\xed\xa0\xbd\xed\xb8\x80'), `"${'\\ufffd'.repeat(6)}"`],
    [fromText('\u{10ffff}\ufffd'), '"\u{10ffff}\ufffd"'],
  ])('%j', (bytes, json) => {
    expect(jsonByteString(bytes)).toBe(json);
  });

  test('any bytes read back as what a person is shown', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (raw) => {
        const bytes = fromLatin1(Buffer.from(raw).toString('latin1'));
        expect(JSON.parse(jsonByteString(bytes))).toBe(toText(bytes));
      }),
    );
  });
});
