/** What a backup leaves out: what real restic 0.19.1 left out of the same folder, and how it refuses nonsense. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in patterns are what is tested
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { isFailure } from '../../engine/base/failure.ts';
import {
  type ExcludeOptions,
  makeExcluder,
  parsePatternFile,
  parseSizeBytes,
} from '../../engine/source/exclude.ts';
import type { TagWarning } from '../../engine/source/exclude-tag.ts';
import { makeFixture, storedPaths } from './walk-plan.ts';

const signature = 'Signature: 8a477f597d28d172789f06886806bc55';
const utf8 = (text: string): string => fromText(text);

const fixture = makeFixture({
  's/cache/CACHEDIR.TAG': `${signature}\nmore`,
  's/cache/f': '1\n',
  's/cache/deep/g': '2\n',
  's/badtag/CACHEDIR.TAG': 'Signature: nope nope nope nope nope nope nope nope',
  's/badtag/f': '3\n',
  's/empty/CACHEDIR.TAG': '',
  's/empty/f': '\n',
  's/short/CACHEDIR.TAG': 'Sign',
  's/short/f': '\n',
  's/lnk/CACHEDIR.TAG -> ../cache/CACHEDIR.TAG': '',
  's/lnk/f': '\n',
  's/tagged/TAG': '\n',
  's/tagged/HTAG': 'HEAD12',
  's/tagged/a': '\n',
  's/tagged/sub/b': '\n',
  's/dirtag/TAG/in': '',
  's/dirtag/x': '\n',
  's/big': '0'.repeat(2000),
  's/exact': '0'.repeat(1024),
  [`s/longlink -> ${'a'.repeat(38)}`]: '',
  's/Src/Build/Main.O': '\n',
  [utf8('s/café/ÉTÉ.txt')]: '\n',
  's/$HOME': '\n',
  's/bad\xffNAME': '',
});
const patternFile = join(mkdtempSync(join(tmpdir(), 'slackwater-patterns-')), 'patterns');
writeFileSync(
  patternFile,
  '\ufeff*.o\n\n# comment\n  /nothing  \r\n$X/big\n${Y}act\n$$HOME\n${}longlink\n\u00a0Build\u3000\n',
);
afterAll(() => {
  fixture.remove();
  rmSync(join(patternFile, '..'), { recursive: true });
});

const everything = storedPaths(fixture, '.', ['s']);

function leftOut(options: ExcludeOptions): { paths: string[]; warnings: string[] } {
  const warnings: string[] = [];
  const warn = ({ why, path }: TagWarning): void => {
    warnings.push(`${why} ${path.slice(fixture.root.length)}`);
  };
  const environment = { X: `${fixture.root}/s`, Y: 'ex' };
  const stored = storedPaths(fixture, '.', ['s'], (targets) =>
    makeExcluder(options, targets, { environment, warn }),
  );
  return { paths: everything.filter((path) => !stored.includes(path)), warnings };
}

describe('leaves out what restic leaves out', () => {
  const build = ['/s/Src/Build', '/s/Src/Build/Main.O'];
  const caches = ['/s/cache', '/s/cache/CACHEDIR.TAG', '/s/cache/deep', '/s/cache/deep/g', '/s/cache/f'];
  const café = [utf8('/s/café'), utf8('/s/café/ÉTÉ.txt')];
  const fromFile = ['/s/$HOME', ...build, '/s/big', '/s/exact', '/s/longlink'];
  const tags = ['/s/badtag/CACHEDIR.TAG', '/s/cache/CACHEDIR.TAG'];

  test.each<[ExcludeOptions, string[]]>([
    [{ patternFiles: [patternFile] }, fromFile],
    [{ patternFilesIgnoringCase: [patternFile] }, fromFile],
    [{ patternsIgnoringCase: ['été*', 'BUILD', 'bad?name'] }, [...build, '/s/bad\xffNAME', café[1]!]],
    [{ patternsIgnoringCase: ['bad???name'] }, []],
    [
      { patterns: ['s/*', '!s/ca*'] },
      everything.filter((path) => path !== '/s' && !path.startsWith('/s/ca')),
    ],
    [{ patterns: ['s/*'], patternsIgnoringCase: ['!s/ca*'] }, everything.slice(1)],
    [{ patterns: ['[!c]*'] }, [...caches, ...café]],
    [{ patterns: ['/'] }, everything.slice(1)],
    [{ largerThan: '1k' }, ['/s/big']],
    [{ largerThan: '1024b' }, ['/s/big']],
    [{ largerThan: '30' }, [...tags, '/s/big', '/s/exact', '/s/longlink']],
    [
      { ifPresent: ['TAG'] },
      ['/s/dirtag/x', '/s/tagged/HTAG', '/s/tagged/a', '/s/tagged/sub', '/s/tagged/sub/b'],
    ],
    [{ ifPresent: ['HTAG:HEAD'] }, ['/s/tagged/TAG', '/s/tagged/a', '/s/tagged/sub', '/s/tagged/sub/b']],
  ])('%j', (options, paths) => {
    expect(leftOut(options)).toEqual({ paths: [...paths].sort(), warnings: [] });
  });

  test('caches, and warns of tags that do not say what they should', () => {
    expect(leftOut({ caches: true })).toEqual({
      paths: ['/s/cache/deep', '/s/cache/deep/g', '/s/cache/f', '/s/lnk/f'],
      warnings: [
        'tag-without-header /s/badtag/CACHEDIR.TAG',
        'tag-without-header /s/empty/CACHEDIR.TAG',
        'tag-without-header /s/short/CACHEDIR.TAG',
      ],
    });
    expect(leftOut({ ifPresent: ['HTAG:HEAD12345'] }).paths).toEqual([]);
  });
});

describe('oneFileSystem', () => {
  const device = lstatSync('/', { bigint: true }).dev;
  const options = { oneFileSystem: true };
  const world = { environment: {}, warn: () => undefined };
  const item = (kind: string, deviceId: bigint) => ({ kind, sizeBytes: 0, deviceId });

  test('keeps what is on the file system of the nearest target, and mount points', () => {
    const { byItem } = makeExcluder(options, [fixture.root], world);
    const own = lstatSync(fixture.root, { bigint: true }).dev;
    const child = fromText(`${fixture.root}/s`);
    expect(byItem(child, item('dir', own))).toBe(false);
    expect(byItem(child, item('file', own + 1n))).toBe(true);
    expect(byItem(child, item('dir', own + 1n))).toBe(false);
    expect(byItem(fromText(`${fixture.root}/gone/x`), item('dir', own + 1n))).toBe(true);
  });

  test.skipIf(process.platform !== 'linux')('leaves out what lies in a mount point', () => {
    const mounted = lstatSync('/proc', { bigint: true }).dev;
    const root = makeExcluder(options, [fromText('/')], world);
    expect(mounted).not.toBe(device);
    expect(root.byItem(fromText('/proc'), item('dir', mounted))).toBe(false);
    expect(root.byItem(fromText('/proc/sys'), item('dir', mounted))).toBe(true);
    const both = makeExcluder(options, [fromText('/'), fromText('/proc')], world);
    expect(both.byItem(fromText('/proc/sys'), item('dir', mounted))).toBe(false);
  });
});

describe('refuses', () => {
  test.each<[ExcludeOptions, string]>([
    [{ patterns: ['s/['] }, 'bad-pattern'],
    [{ ifPresent: [''] }, 'tag-without-name'],
    [{ ifPresent: [':x'] }, 'tag-without-name'],
    ...['1kB', '-1', '', 'k', '1.5G', '9999999T'].map((largerThan): [ExcludeOptions, string] => [
      { largerThan },
      'bad-size',
    ]),
  ])('%j', (options, why) => {
    let thrown: unknown;
    try {
      makeExcluder(options, [], { environment: {}, warn: () => undefined });
    } catch (error) {
      thrown = error;
    }
    expect(isFailure(thrown, 'usage') && thrown.detail.why).toBe(why);
  });

  test('a pattern file that is not there', () => {
    expect(() => leftOut({ patternFiles: [`${patternFile}-none`] })).toThrow('not-found');
  });
});

test('parseSizeBytes', () => {
  expect(['0', '+7', '100B', '2k', '3M', '1G', '4t'].map(parseSizeBytes)).toEqual([
    0,
    7,
    100,
    2048,
    3 * 1024 ** 2,
    1024 ** 3,
    4 * 1024 ** 4,
  ]);
});

describe('parsePatternFile', () => {
  const variables = { HOME: '/home/ann', A1: 'x', 1: 'one' };

  test.each([
    ['$HOME/x', '/home/ann/x'],
    ['${HOME}x', '/home/annx'],
    ['$A1$1a', 'xonea'],
    ['$UNKNOWN/x', '/x'],
    ['${constructor}x', 'x'],
    ['$$HOME ${$}', '$HOME $'],
    ['cost$ a$/b', 'cost$ a$/b'],
    ['${HOME', 'HOME'],
  ])('%s', (line, pattern) => {
    expect(parsePatternFile(Buffer.from(line), variables)).toEqual([pattern]);
  });

  test('keeps bytes that are not UTF-8', () => {
    expect(parsePatternFile(Buffer.from('a\xff\n', 'latin1'), {})).toEqual([fromLatin1('a\xff')]);
  });
});
