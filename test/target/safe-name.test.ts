import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { checkName, shownName } from '../../engine/target/safe-name.ts';

const refusal = expect.objectContaining({ code: 'target-unsafe' });
const everywhere = ['', '.', '..', '/', 'a/b', '/etc', '../x', 'a/', 'a\0b', '\0', 'n'.repeat(256)];
const onWindows = [
  'a\\b',
  '..\\x',
  'c:',
  'a:stream',
  'con',
  'NUL.txt',
  'com1',
  'LPT9 .x',
  'x.',
  'x ',
  'a?',
  '\x01',
];

describe('a name from a repository', () => {
  it.each(everywhere)('is refused anywhere: %j', (name) => {
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      expect(() => checkName(fromLatin1(name), platform)).toThrow(refusal);
  });

  it.each(onWindows)('is refused on Windows alone: %j', (name) => {
    expect(() => checkName(fromLatin1(name), 'win32')).toThrow(refusal);
    checkName(fromLatin1(name), 'linux');
  });

  it.each(['...', '.a', 'a..', '-rf', ' ', '\xff', '\n', 'n'.repeat(255)])('is allowed: %j', (name) => {
    checkName(fromLatin1(name), 'linux');
  });

  it.each(['console', 'com10', 'auxiliary.c', 'nul-', '.con'])('is allowed on Windows: %j', (name) => {
    checkName(fromText(name), 'win32');
  });

  it('that passes never holds a way out', () => {
    const pieces = fc.array(fc.constantFrom('.', '..', '/', '\\', '\0', 'a', ':', ' '), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const name = fromLatin1(parts.join(''));
        try {
          checkName(name, 'linux');
        } catch {
          return;
        }
        expect(name).not.toMatch(/^\.{0,2}$|[/\0]/);
      }),
    );
  });

  it('is shown without what steers a terminal', () => {
    expect(shownName(fromText('a\x1b[2Jb\u202ec\r\n'))).toBe('a\ufffd[2Jb\ufffdc\ufffd\ufffd');
    expect(shownName(fromLatin1('\xff'))).toBe('\ufffd');
  });
});
