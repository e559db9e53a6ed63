/** Lists of targets: what real restic 0.19.1 made of the same lists. */
import { afterAll, describe, expect, test } from 'vitest';
import { type ByteString, fromText } from '../../engine/base/byte-string.ts';
import { isFailure } from '../../engine/base/failure.ts';
import { expandGlobList, parseRawList, parseVerbatimList } from '../../engine/source/files-from.ts';
import { makeFixture } from './walk-plan.ts';

const fixture = makeFixture({
  's/big': '',
  's/exact': '',
  's/cache/f': '',
  's/c2': '',
  's/[x]/y': '',
  's/with space/# hash': '',
  's/tagged/HTAG': '',
  's/.hidden': '',
  's/$HOME': '',
  's/bad\xffNAME': '',
});
afterAll(fixture.remove);

function usage(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (isFailure(error, 'usage')) return error.detail.why;
  }
  return undefined;
}

describe('expandGlobList', () => {
  const expand = (text: string): { found: ByteString[]; unmatched: ByteString[] } => {
    const unmatched: ByteString[] = [];
    const found = expandGlobList(Buffer.from(text), fixture.root, (glob) => unmatched.push(glob));
    return { found, unmatched };
  };

  test.each([
    ['s/c*', ['s/c2', 's/cache']],
    ['# s/big\n \n  s/big  \r\n', ['s/big']],
    ['s/[[]x]/y', ['s/[x]/y']],
    ['s/with space/#*', ['s/with space/# hash']],
    ['s/*/HTAG', ['s/tagged/HTAG']],
    ['s/\\$HOME', ['s/$HOME']],
    ['./s//tagged/../exact', ['./s//tagged/../exact']],
    ['./s/e*', ['s/exact']],
    ['s/ba?*NAME', ['s/bad\xffNAME']],
    ['s/?h*', ['s/.hidden']],
    ['s/**/y', ['s/[x]/y']],
    ['s/big/*\ns/big', ['s/big']],
  ])('%j', (text, found) => {
    expect(expand(text).found).toEqual(found);
  });

  test('an absolute glob gives absolute paths', () => {
    expect(expand(`${fixture.root}/s/b?g`).found).toEqual([`${fixture.root}/s/big`]);
  });

  test('tells what matches nothing', () => {
    expect(expand('s/nothere*\ns/t*/\ns/none\ns/big')).toEqual({
      found: ['s/big'],
      unmatched: ['s/nothere*', 's/t*/', 's/none'],
    });
  });

  test.each(['s/[a', 's\\/b', '[a/b]'])('refuses %s', (text) => {
    expect(usage(() => expand(text))).toBe('bad-pattern');
  });

  test('reads UTF-16', () => {
    const big = Buffer.from('\ufeffs/big\n', 'utf16le');
    expect(expandGlobList(big, fixture.root, () => undefined)).toEqual(['s/big']);
    expect(expandGlobList(big.swap16(), fixture.root, () => undefined)).toEqual(['s/big']);
  });
});

test('parseVerbatimList takes lines as they are', () => {
  const content = Buffer.from('\ufeff# comment\n\n s/big\ns/big\r\ns/c*\nlast');
  expect(parseVerbatimList(content)).toEqual(['# comment', ' s/big', 's/big', 's/c*', 'last']);
  expect(parseVerbatimList(Buffer.from('s/é'))).toEqual([fromText('s/é')]);
});

describe('parseRawList', () => {
  test('takes any bytes', () => {
    const content = Buffer.from('s/big\0a\nb\xff\0', 'latin1');
    expect(parseRawList(content)).toEqual(['s/big', 'a\nb\xff']);
    expect(parseRawList(new Uint8Array())).toEqual([]);
  });

  test.each([
    ['s/big', 'files-from-raw-unterminated'],
    ['s/big\0\0', 'files-from-raw-empty-name'],
    ['\0', 'files-from-raw-empty-name'],
  ])('refuses %j', (text, why) => {
    expect(usage(() => parseRawList(Buffer.from(text)))).toBe(why);
  });
});
