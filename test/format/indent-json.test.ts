import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indentJson } from '../../engine/format/indent-json.ts';

describe('laying out JSON', () => {
  it('is as JSON.stringify does it, where that loses nothing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        expect(indentJson(json)).toBe(JSON.stringify(JSON.parse(json), undefined, 2));
      }),
    );
  });

  it('changes nothing but white space', () => {
    const json = '{"big":18446744073709551615,"a\\u003cb":"\\u003c \\" {,:","empty":[ ],"o":{\n}}';
    expect(indentJson(json)).toBe(
      '{\n  "big": 18446744073709551615,\n  "a\\u003cb": "\\u003c \\" {,:",\n  "empty": [],\n  "o": {}\n}',
    );
  });

  it('refuses what would grow without bounds', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(() => indentJson(deep)).toThrow('too deep');
  });
});
