/** restic's patterns, and Go's globs that they are made of: vectors by their rules. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { isFailure } from '../../engine/base/failure.ts';
import { compileGlob, matchGlob } from '../../engine/source/glob.ts';
import { compilePatterns, matchPatterns } from '../../engine/source/pattern.ts';

function match(patterns: string[], path: string, ignoreCase = false): [matched: boolean, childMay: boolean] {
  const { matched, childMayMatch } = matchPatterns(compilePatterns(patterns, { ignoreCase }), fromText(path));
  return [matched, childMayMatch];
}

describe('one pattern', () => {
  test.each([
    ['*.tmp', '/home/ann/x.tmp', true],
    ['*.tmp', '/home/ann/x.tmp/below', true],
    ['*.tmp', '/home/ann/x.tmpl', false],
    ['ann', '/home/ann/mail/inbox', true],
    ['ann/mail', '/home/ann/mail', true],
    ['mail/ann', '/home/ann/mail', false],
    ['/ann', '/home/ann', false],
    ['/home/ann/', '/home/ann', true],
    ['/home//./x/../ann', '/home/ann/y', true],
    ['/home/*', '/home', false],
    ['/home/*/mail', '/home/ann/mail/inbox', true],
    ['/home/*/inbox', '/home/ann/mail/inbox', false],
    ['home/**/inbox', '/home/inbox', true],
    ['home/**/inbox', '/home/ann/mail/inbox', true],
    ['home/**', '/home', true],
    ['/**/inbox', '/home/ann/inbox', true],
    ['**', '/home', true],
    ['a/**/b/**', '/a/x/b', true],
    ['/a/**/b/**', '/a/x/b', false],
    ['/a/**/b/**', '/a/b', false],
    ['/a/**/b/**', '/a/x/b/c', true],
    ['a/**/b/**', '/a/x/b/c', true],
    ['/', '/home', true],
    ['!', '/home', false],
    ['../x', '/x', false],
    ['[!a]x', '/!x', true],
    ['[!a]x', '/bx', false],
    ['[^a]x', '/bx', true],
    ['a\\*b', '/a*b', true],
    ['a\\*b', '/axb', false],
    ['?', '/é', true],
    ['[à-ü]', '/é', true],
    ['Ann', '/home/ann', false],
  ])('%s on %s: %s', (pattern, path, matched) => {
    expect(match([pattern], path)[0]).toBe(matched);
  });

  test.each([
    ['/home/ann/mail', '/home', true],
    ['/home/ann/mail', '/home/bob', false],
    ['/home/ann', '/home/ann/mail/x', true],
    ['/home/**/mail', '/home/bob/x', true],
    ['/home/*/mail', '/home/bob', true],
    ['/home/*/mail', '/home/bob/x', false],
    ['mail', '/home/bob', true],
  ])('%s may match below %s: %s', (pattern, path, childMay) => {
    expect(match([pattern], path)[1]).toBe(childMay);
  });

  test.each([
    ['ÉTÉ*', '/x/été.TXT', true],
    ['şi̇', '/Şİ', false],
    ['şi', '/Şİ', true],
    ['σας', '/ΣΑΣ', false],
    ['σασ', '/ΣΑΣ', true],
  ])('%s on %s, ignoring case: %s', (pattern, path, matched) => {
    expect(match([pattern], path, true)[0]).toBe(matched);
  });

  test('a byte that is no text is one character, three bytes long when case is ignored', () => {
    const path = fromLatin1('/bad\xff');
    expect(matchPatterns(compilePatterns(['bad?']), path).matched).toBe(true);
    expect(matchPatterns(compilePatterns(['BAD?'], { ignoreCase: true }), path).matched).toBe(true);
    expect(matchPatterns(compilePatterns(['bad\ufffd'], { ignoreCase: true }), path).matched).toBe(true);
    expect(matchPatterns(compilePatterns(['bad\ufffd']), path).matched).toBe(false);
  });

  test.each(['s/[', '[]a]', '[a-]', '[-a]', '[^]', 'x\\', 'a\\/b', '**/[', '!['])(
    '%s is refused',
    (pattern) => {
      let thrown: unknown;
      try {
        compilePatterns(['fine', pattern]);
      } catch (error) {
        thrown = error;
      }
      expect(isFailure(thrown, 'usage') && thrown.detail).toEqual({ why: 'bad-pattern', pattern });
    },
  );
});

describe('several patterns', () => {
  test.each<[string[], string, boolean, boolean]>([
    [[], '/a', false, false],
    [[''], '/a', false, false],
    [['*.c', '*.h'], '/a/x.h', true, true],
    [['/src/*', '!*.c'], '/src/x.c', false, false],
    [['/src/*', '!*.c'], '/src/x.h', true, true],
    [['!*.c', '/src/*'], '/src/x.c', true, true],
    [['/src/*', '!x.*', '*.c'], '/src/x.c', true, true],
    [['/src/*', '!/src/sub'], '/src/sub/below', false, false],
    [['!a'], '/b', false, false],
  ])('%j on %s', (patterns, path, matched, childMay) => {
    expect(match(patterns, path)).toEqual([matched, childMay]);
  });

  test('what lies below a match matches, whatever the pattern', () => {
    const name = fc.constantFrom('a', 'b', 'ab', '*', '?', 'a*', '[^a]', '**');
    const pattern = fc
      .tuple(fc.constantFrom('', '/'), fc.array(name, { minLength: 1, maxLength: 4 }))
      .map(([start, names]) => start + names.join('/'));
    const path = fc
      .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 5 })
      .map((names) => `/${names.join('/')}`);
    fc.assert(
      fc.property(pattern, path, (text, above) => {
        const [matched, childMay] = match([text], above);
        const [below] = match([text], `${above}/b`);
        if (matched) expect(below).toBe(true);
        if (below) expect(childMay).toBe(true);
      }),
    );
  });
});

describe('a glob', () => {
  test.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['a*b*c', 'aXbXbc', true],
    ['a*b*c', 'aXbXbcd', false],
    ['a*b?c', 'abbxbyc', true],
    ['*b', 'b', true],
    ['ab*b', 'ab', false],
    ['*?é', 'xé', true],
    ['[]', 'x', undefined],
    ['[\\]-\\^]', '^', true],
    ['[a*]', '*', true],
    ['[[]', '[', true],
    [']', ']', true],
  ])('%s on %s: %s', (pattern, name, matched) => {
    const glob = compileGlob(fromText(pattern));
    expect(glob && matchGlob(glob, fromText(name))).toBe(matched);
  });

  test('a name with its special characters escaped matches itself alone', () => {
    const name = fc
      .string({ unit: fc.constantFrom('a', '*', '?', '[', ']', '\\', '-', '^', 'é') })
      .map(fromText);
    fc.assert(
      fc.property(name, name, (one, other) => {
        const glob = compileGlob(fromLatin1(one.replace(/[\\*?[\]]/g, '\\$&')));
        expect(glob && matchGlob(glob, one)).toBe(true);
        expect(glob && matchGlob(glob, other)).toBe(one === other);
      }),
    );
  });
});
