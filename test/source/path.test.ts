/** Paths by their letters: the examples of Go's documentation, and that cleaning twice is cleaning once. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { absolutePath, baseName, cleanPath, joinPath, parentPath } from '../../engine/source/path.ts';

const anyPath = fc
  .array(fc.constantFrom('a', 'b', '.', '..', '', '/', '...', 'é'), { maxLength: 8 })
  .map((names) => fromText(names.join('/')));

test.each([
  ['', '.'],
  ['.', '.'],
  ['./', '.'],
  ['/', '/'],
  ['//', '/'],
  ['/..', '/'],
  ['/../a', '/a'],
  ['a//b/', 'a/b'],
  ['a/./b/../c', 'a/c'],
  ['a/..', '.'],
  ['../a/../..', '../..'],
  ['...', '...'],
])('cleanPath(%j)', (path, cleaned) => {
  expect(cleanPath(fromText(path))).toBe(cleaned);
});

test('cleaning twice is cleaning once', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      expect(cleanPath(cleanPath(path))).toBe(cleanPath(path));
    }),
  );
});

describe('a cleaned absolute path', () => {
  const cwd = fromText('/home/ann');

  test('is made of a relative one', () => {
    const made = ['x', '../bob', '/tmp/', '.', '../../..'].map((path) => absolutePath(cwd, fromText(path)));
    expect(made).toEqual(['/home/ann/x', '/home/bob', '/tmp', '/home/ann', '/']);
  });

  test('is its parent and its name', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const absolute = absolutePath(cwd, path);
        expect(joinPath(parentPath(absolute), baseName(absolute))).toBe(absolute);
      }),
    );
    expect([parentPath(fromText('/a')), parentPath(fromText('/')), parentPath(fromText('a'))]).toEqual([
      '/',
      '/',
      '.',
    ]);
  });
});
