import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import {
  decodePassword,
  passwordFromCommand,
  passwordFromFile,
  splitCommand,
  typeKeys,
} from '../../engine/cli/read-password.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const never = new AbortController().signal;

describe('decoding', () => {
  const utf16 = (text: string, isBig: boolean): Buffer => {
    const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
    return isBig ? bytes.swap16() : bytes;
  };
  test.each([
    [Buffer.from('secret\n'), 'secret'],
    [Buffer.from('  two words \r\n'), 'two words'],
    [Buffer.from('\ufeffmarked'), 'marked'],
    [utf16('wide grüße', false), 'wide grüße'],
    [utf16('wide grüße\n', true), 'wide grüße'],
    [Buffer.alloc(0), ''],
  ])('%j', (bytes, password) => expect(decodePassword(bytes)).toBe(password));
});

describe('splitting a command', () => {
  test.each([
    ['foo', ['foo']],
    [' foo  bar\tbaz ', ['foo', 'bar', 'baz']],
    [`'bar box' baz`, ['bar box', 'baz']],
    [`"bar 'box'" baz`, [`bar 'box'`, 'baz']],
    [`'bar "box"' baz`, [`bar "box"`, 'baz']],
    [`\\"bar box`, [`"bar`, 'box']],
    [`a\\ b --x="c d"`, ['a b', '--x=c d']],
    ['C:\\tools\\pw.exe -q', ['C:\\tools\\pw.exe', '-q']],
    [`''`, ['']],
    ['', []],
    ['$(rm -rf /); x | y', ['$(rm', '-rf', '/);', 'x', '|', 'y']],
  ])('%s', (line, words) => expect(splitCommand(line)).toEqual(words));

  test.each([`foo'`, `"foo`, `a 'b`])('an open quote in %s is refused', (line) =>
    expect(() => splitCommand(line)).toThrow(Failure),
  );

  test('a quoted word is taken as it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (word) => {
        fc.pre(!word.includes("'"));
        expect(splitCommand(`x '${word}'`)).toEqual(['x', word]);
      }),
    );
  });
});

describe('typing', () => {
  test.each([
    ['', 'abc', { line: 'abc' }],
    ['ab', 'c\r', { line: 'abc', end: 'enter' }],
    ['ab', '\n', { line: 'ab', end: 'enter' }],
    ['ab', '\x7f\x7f\x7fx', { line: 'x' }],
    ['añ🎉', '\b', { line: 'añ' }],
    ['ab', 'c\x03', { line: '', end: 'cancel' }],
    ['', '\x04', { line: '', end: 'cancel' }],
    ['ab', '\x04\x1b', { line: 'ab' }],
  ])('%j then %j', (before, keys, after) => expect(typeKeys(before, keys)).toEqual(after));
});

describe('from a file', () => {
  test('trimmed', async () => {
    const path = join(temporaryFolder(), 'password');
    writeFileSync(path, ' top secret\n');
    expect((await passwordFromFile(path)).reveal()).toBe('top secret');
  });
  test('one that is not there is named', async () => {
    await expect(passwordFromFile('/no/such/file')).rejects.toMatchObject({
      code: 'password-missing',
      detail: { why: 'The password file /no/such/file does not exist.' },
    });
  });
});

describe('from a command', () => {
  test('what it prints, trimmed; no shell looks at it', async () => {
    expect((await passwordFromCommand('echo "a  b" $HOME', never)).reveal()).toBe('a  b $HOME');
  });
  test.each([
    ['false', /ended with code 1/],
    ['no-such-program-at-all', /no such program/],
    [tmpdir(), /no such program that you may run/],
    ["sh -c 'kill -9 $$'", /ended by SIGKILL/],
    ['', /empty/],
  ])('"%s" that gives none is told', async (line, why) => {
    await expect(passwordFromCommand(line, never)).rejects.toMatchObject({
      code: 'password-missing',
      detail: { why: expect.stringMatching(why) },
    });
  });
  test('what a failed command printed is not repeated', async () => {
    const error = await passwordFromCommand(`sh -c 'echo s3cret; exit 1'`, never).catch(
      (failure: unknown) => failure,
    );
    expect(error).toBeInstanceOf(Failure);
    expect(JSON.stringify((error as Failure).detail)).not.toContain('s3cret\n');
    expect((error as Failure).detail.why).toBe(
      'The password command "sh" gave no password: it ended with code 1.',
    );
  });
});
