/** Names as Go quotes them: vectors by its rules, the printable table as a whole, and identity. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ByteString, fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { quoteName, unquoteName } from '../../engine/format/go-quote.ts';
import { isPrintable } from '../../engine/format/printable.ts';

const codePoints = 0x110000;

/** Each byte below 256 equally likely, and runs of valid UTF-8 between. */
const anyBytes: fc.Arbitrary<ByteString> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 6 }).map((bytes) => fromLatin1(Buffer.from(bytes).toString('latin1'))),
      fc.string({ unit: 'binary', maxLength: 6 }).map(fromText),
    ),
  )
  .map((parts) => fromLatin1(parts.join('')));

describe('quoteName', () => {
  const vectors: [name: ByteString, text: string][] = [
    [fromText('plain name.txt'), 'plain name.txt'],
    [fromText(`it's <b>&amp;`), `it's <b>&amp;`],
    [fromText('say "hi"'), 'say \\"hi\\"'],
    [fromText('back\\slash'), 'back\\\\slash'],
    [fromText('\x07\b\f\n\r\t\v'), '\\a\\b\\f\\n\\r\\t\\v'],
    [fromText('\x01\x1f\x7f'), '\\x01\\x1f\\x7f'],
    [fromLatin1('\xff'), '\\xff'],
    [fromLatin1('a\xc3'), 'a\\xc3'],
    [fromLatin1('\xed\xa0\x80'), '\\xed\\xa0\\x80'],
    [fromText('\u0085'), '\\u0085'],
    [fromText('é e\u0301 日本 😀'), 'é e\u0301 日本 😀'],
    [fromText('\u00a0\u00ad\u200b\ufeff\u2028\u3000'), '\\u00a0\\u00ad\\u200b\\ufeff\\u2028\\u3000'],
    [fromText('\ufffd'), '\ufffd'],
    [fromText('\ue000\u{f0000}\u{10ffff}'), '\\ue000\\U000f0000\\U0010ffff'],
    // First assigned in Unicode 15.1 and 16.0: Go 1.26 does not print them.
    [fromText('\u{2ebf0}\u{10d40}'), '\\U0002ebf0\\U00010d40'],
  ];

  test.each(vectors)('%j', (name, text) => {
    expect(quoteName(name)).toBe(text);
    expect(unquoteName(text)).toBe(name);
  });

  test('any bytes become well-formed text and come back', () => {
    fc.assert(
      fc.property(anyBytes, (name) => {
        const text = quoteName(name);
        expect(text.isWellFormed()).toBe(true);
        expect(unquoteName(text)).toBe(name);
      }),
    );
  });
});

describe('unquoteName', () => {
  test.each([
    ['\\101\\x4A\\x4a\\u00e9\\U0001F600', fromLatin1('AJJ\xc3\xa9\xf0\x9f\x98\x80')],
    ['\\377\\000', fromLatin1('\xff\x00')],
    ['raw \t and \r stay', fromText('raw \t and \r stay')],
  ])('reads %j', (text, name) => {
    expect(unquoteName(text)).toBe(name);
  });

  test.each([
    ['bare " quote', 'bare quote'],
    ['raw \n newline', 'raw newline'],
    ['é\\q', 'escape'],
    ["\\'", 'escape'],
    ['\\', 'escape'],
    ['\\A', 'escape'],
    ['\\x4', 'escape'],
    ['\\x4g', 'escape'],
    ['\\X41', 'escape'],
    ['\\400', 'escape'],
    ['\\08', 'escape'],
    ['\\u00e', 'escape'],
    ['\\U0001f60', 'escape'],
    ['\\ud800', 'code point'],
    ['\\ud83d\\ude00', 'code point'],
    ['\\U00110000', 'code point'],
    ['\\Uffffffff', 'code point'],
  ])('refuses %j', (text, why) => {
    expect(() => unquoteName(text)).toThrow(why);
  });
});

describe('isPrintable', () => {
  test('is Unicode 15.0, code point for code point', () => {
    const bitmap = new Uint8Array(codePoints / 8);
    let count = 0;
    for (let code = 0; code < codePoints; code++) {
      if (!isPrintable(code)) continue;
      count++;
      bitmap[code >> 3] = (bitmap[code >> 3] ?? 0) | (1 << (code & 7));
    }
    // From UnicodeData.txt 15.0.0: general categories L, M, N, P, S and the space; bit 0 of byte 0 is U+0000.
    expect(count).toBe(148_998);
    expect(createHash('sha256').update(bitmap).digest('hex')).toBe(
      'dbe4beecc0027b38c16c32d304958e611e27baa40412efea4cf616346eb631a2',
    );
  });

  test('agrees with the engine wherever a code point is older than Unicode 15.1', () => {
    const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
    for (let code = 0; code < codePoints; code++) {
      const isSurrogate = code >= 0xd800 && code < 0xe000;
      if (!isSurrogate && isPrintable(code)) {
        if (!printable.test(String.fromCodePoint(code))) expect.fail(`U+${code.toString(16)}`);
      }
    }
  });
});
