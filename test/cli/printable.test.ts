import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromLatin1 } from '../../engine/base/byte-string.ts';
import {
  columnsOf,
  fitEnd,
  fitStart,
  padEnd,
  padStart,
  printable,
  printablePath,
} from '../../engine/cli/printable.ts';

test.each([
  ['plain', 'plain'],
  ['Grüße 漢字 🎉 e\u0301', 'Grüße 漢字 🎉 e\u0301'],
  ['\x1b[2J\x07', '\\x1b[2J\\x07'],
  ['\x9b31m', '\\x9b31m'],
  ['a\nb\rc\td\x7f', 'a\\x0ab\\x0dc\\x09d\\x7f'],
  ['abc\u202etxt.exe', 'abc\\u202etxt.exe'],
  ['\u2028\u2066\ufeff\ud800', '\\u2028\\u2066\\ufeff\\ud800'],
])('%j is shown as %j', (text, shown) => expect(printable(text)).toBe(shown));

test('no byte of any name reaches the terminal as a control', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const shown = printablePath(fromLatin1(Buffer.from(bytes).toString('latin1')));
      expect(shown).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test('columns: wide characters take two, combining ones none', () => {
  expect(['abc', '漢字', 'e\u0301', '🎉', '👩‍👩‍👧', 'ｆ', 'é'].map(columnsOf)).toEqual([3, 4, 1, 2, 2, 2, 1]);
});

test('a text that is cut fits, and shows that it was', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 30 }).map(printable);
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: 20 }), (text, columns) => {
      for (const cut of [fitStart, fitEnd]) {
        const fitted = cut(text, columns);
        expect(columnsOf(fitted)).toBeLessThanOrEqual(columns);
        if (columnsOf(text) <= columns) expect(fitted).toBe(text);
        else if (columns > 0) expect(fitted).toContain('…');
      }
    }),
  );
  expect(fitStart('/home/me/very/long/name.txt', 12)).toBe('…ng/name.txt');
  expect(fitEnd('漢字漢字', 5)).toBe('漢字…');
});

test('padding counts columns', () => {
  expect(padEnd('漢', 4)).toBe('漢  ');
  expect(padStart('漢', 4)).toBe('  漢');
});
