/** The plan of targets: what real restic 0.19.1 stored for the same targets, and what must hold for any. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { makeExcluder } from '../../engine/source/exclude.ts';
import { absolutePath, planTargets, type TargetNode } from '../../engine/source/targets.ts';
import { makeFixture, storedPaths } from './walk-plan.ts';

const fixture = makeFixture({
  'a/f': '6',
  'a/x/f': '1',
  'a/x/y/g': '2',
  'a/x-1/h': '3',
  'b/x/i': '4',
  'c/link -> ../a/x': '',
  'c/dead -> nowhere': '',
  f: '5',
});
afterAll(fixture.remove);

/** Observed with `restic backup` and `restic ls`. `@` is the folder that holds the files. */
const observed: [folder: string, targets: string[], excludes: string[], stored: string][] = [
  ['.', ['a'], [], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g'],
  [
    '.',
    ['.'],
    [],
    '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /b /b/x /b/x/i /c /c/dead /c/link /f',
  ],
  ['a', ['.'], [], '/f /x /x-1 /x-1/h /x/f /x/y /x/y/g'],
  [
    'a',
    ['..'],
    [],
    '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /b /b/x /b/x/i /c /c/dead /c/link /f',
  ],
  ['a/x/y', ['../..'], [], '/f /x /x-1 /x-1/h /x/f /x/y /x/y/g'],
  ['.', ['a/x'], [], '/a /a/x /a/x/f /a/x/y /a/x/y/g'],
  ['a', ['../b'], [], '/b /b/x /b/x/i'],
  ['a', ['../b/x', 'x'], [], '/b /b/x /b/x/i /x /x/f /x/y /x/y/g'],
  ['a', ['x', '../b/x'], [], '/b /b/x /b/x/i /x /x/f /x/y /x/y/g'],
  ['b/x', ['i', '../../f', '../../a/f'], [], '/a /a/f /f /i'],
  ['.', ['a', 'a/x/f'], [], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g'],
  ['.', ['a/x/f', 'a'], [], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g'],
  ['.', ['a', 'a/x', 'a/x/y/g'], [], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g'],
  ['.', ['a', 'a'], [], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g'],
  ['.', ['a', './a', 'a/', 'a/../a'], [], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g'],
  ['.', ['a/x', 'a/x/y'], [], '/a /a/x /a/x/f /a/x/y /a/x/y/g'],
  ['.', ['a/x/f', 'a/x/y'], [], '/a /a/x /a/x/f /a/x/y /a/x/y/g'],
  ['.', ['@/a/x'], [], '@ @/a @/a/x @/a/x/f @/a/x/y @/a/x/y/g'],
  [
    '.',
    ['@/a/x', 'a'],
    [],
    '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g @ @/a @/a/x @/a/x/f @/a/x/y @/a/x/y/g',
  ],
  [
    'a',
    ['@/a', '@/a/x/f', 'x'],
    [],
    '/x /x/f /x/y /x/y/g @ @/a @/a/f @/a/x @/a/x-1 @/a/x-1/h @/a/x/f @/a/x/y @/a/x/y/g',
  ],
  ['a', ['.', '../f'], [], '/f /f-1 /x /x-1 /x-1/h /x/f /x/y /x/y/g'],
  [
    '.',
    ['.', 'a/x'],
    [],
    '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /b /b/x /b/x/i /c /c/dead /c/link /f',
  ],
  [
    '.',
    ['a/x', '.'],
    [],
    '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /b /b/x /b/x/i /c /c/dead /c/link /f',
  ],
  [
    'a',
    ['x', '..'],
    [],
    '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /b /b/x /b/x/i /c /c/dead /c/link /f /x /x/f /x/y /x/y/g',
  ],
  ['.', ['c/link'], [], '/c /c/link'],
  ['.', ['c/link/f'], [], '/c /c/link /c/link/f'],
  ['.', ['c/link', 'c/link/f'], [], '/c /c/link /c/link/f /c/link/y /c/link/y/g'],
  ['.', ['c/dead', 'f'], [], '/c /c/dead /f'],
  ['.', ['a/x/../../b'], [], '/b /b/x /b/x/i'],
  ['b', ['../a/x', '../a/x-1', 'x'], [], '/a /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /x /x/i'],
  ['.', ['a', 'a/x'], ['x'], '/a /a/f /a/x /a/x-1 /a/x-1/h'],
  ['.', ['a/x'], ['x'], '/a /a/x'],
  ['.', ['a'], ['x'], '/a /a/f /a/x-1 /a/x-1/h'],
  ['.', ['.', 'a/x'], ['x'], '/a /a/f /a/x /a/x-1 /a/x-1/h /b /c /c/dead /c/link /f'],
  ['.', ['.', 'b'], ['x'], '/a /a/f /a/x-1 /a/x-1/h /b /c /c/dead /c/link /f'],
  ['.', ['.', 'b'], ['b'], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /c /c/dead /c/link /f'],
  ['.', ['b', '.'], ['b'], '/a /a/f /a/x /a/x-1 /a/x-1/h /a/x/f /a/x/y /a/x/y/g /b /c /c/dead /c/link /f'],
  ['.', ['a'], ['*'], '/a'],
  ['.', ['.'], ['*'], ''],
  ['a', ['.', 'x/y'], ['f', 'x'], '/x /x-1 /x-1/h /x/y'],
];

test.each(observed)('in %s: %j without %j', (folder, targets, excludes, stored) => {
  const world = { environment: {}, warn: () => undefined };
  const paths = storedPaths(fixture, folder, targets, (absolute) =>
    makeExcluder({ patterns: excludes }, absolute, world),
  );
  expect(paths.join(' ')).toBe(stored);
});

describe('planTargets', () => {
  /** A world in which each folder holds the same names. */
  const names = ['a', 'b', 'a-1'].map(fromText);
  const world = { cwd: fromText('/a/b'), listFolder: () => [...names] };

  function leaves(node: TargetNode, above = ''): [inTree: string, node: TargetNode][] {
    if (node.children === undefined) return [[above, node]];
    return [...node.children.values()].flatMap((child) => leaves(child, `${above}/${child.name}`));
  }

  test('loses no target to a name that another was given', () => {
    // restic 0.19.1 stores `a-1` in the place of the second target, and nothing of the second.
    const plan = planTargets(['../a', 'a', 'a-1', './b'].map(fromText), world);
    expect(leaves(plan).map(([inTree, { path }]) => [inTree, path])).toEqual([
      ['/a', '/a/a'],
      ['/a-1', '/a/b/a'],
      ['/a-1-1', '/a/b/a-1'],
      ['/b', '/a/b/b'],
    ]);
  });

  test('marks what was named, and nothing that was only found', () => {
    const plan = planTargets(['/a', '/a/b/a', '.'].map(fromText), world);
    const named = leaves(plan).filter(([, node]) => node.isTarget);
    expect(named.map(([inTree]) => inTree)).toEqual(['/a/b/a']);
  });

  test('a failure to list a folder ends it', () => {
    const listFolder = (): never => {
      throw new Error('no such folder');
    };
    expect(() => planTargets([fromText('.')], { ...world, listFolder })).toThrow('no such folder');
  });

  test('covers every target, once for each folder that it is reached from', () => {
    const target = fc.tuple(
      fc.constantFrom('', '', '/', '../', '../../'),
      fc.array(fc.constantFrom('a', 'b', 'a-1', '.'), { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(target, { minLength: 1, maxLength: 5 }), (parts) => {
        const targets = parts.map(([start, below]) => fromText(start + below.join('/')));
        const plan = planTargets(targets, world);
        const paths = leaves(plan).map(([, node]) => node.path);
        for (const given of targets.map((path) => absolutePath(world.cwd, path))) {
          const isCovered = paths.some(
            (path) => path === given || given.startsWith(`${path}/`) || path.startsWith(`${given}/`),
          );
          expect(isCovered || given === '/').toBe(true);
        }
        const inTree = leaves(plan).map(([path]) => path);
        expect(new Set(inTree).size).toBe(inTree.length);
      }),
    );
  });
});
