import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../engine/cli/nearest.ts';

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['bakcup', 'backup', 1],
])('from "%s" to "%s" it is %i', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

test('a distance is symmetric, and zero only between equals', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});

test('what is near is found, what is not is not', () => {
  const known = ['backup', 'restore', 'snapshots', 'stats', 'ls'];
  expect(nearest('bakup', known)).toBe('backup');
  expect(nearest('snap', known)).toBe('snapshots');
  expect(nearest('l', known)).toBe('ls');
  expect(nearest('prune', known)).toBeUndefined();
  expect(nearest('x'.repeat(10_000), known)).toBeUndefined();
});
