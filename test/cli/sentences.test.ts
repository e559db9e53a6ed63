import { describe, expect, test } from 'vitest';
import { Failure, type FailureCode } from '../../engine/base/failure.ts';
import { sentenceOfFinding } from '../../engine/cli/check-sentences.ts';
import { exitCodeOf } from '../../engine/cli/exit-code.ts';
import { reasonOf, sentenceOf, sentenceOfFault, shortReason } from '../../engine/cli/sentences.ts';
import type { CheckCode } from '../../engine/protocol/check-news.ts';

/** Total by its type: a code that is added must be added here. */
const exitCodes: Record<FailureCode, number> = {
  'ambiguous-id': 1,
  cancelled: 130,
  'command-failed': 1,
  'commit-incomplete': 1,
  'commit-waiting': 1,
  damaged: 1,
  'file-exists': 1,
  io: 1,
  'lock-lost': 1,
  'login-refused': 1,
  'location-unsupported': 1,
  'no-space': 1,
  'not-found': 1,
  'not-kept': 1,
  'not-the-store': 1,
  'nothing-to-back-up': 1,
  'password-missing': 1,
  'password-wrong': 12,
  'permission-denied': 1,
  'read-only': 1,
  'repository-exists': 1,
  'repository-locked': 11,
  'repository-missing': 10,
  'repository-replaced': 1,
  'repository-unsupported': 1,
  'source-missing': 1,
  'source-unreadable': 1,
  'store-busy': 1,
  'store-unreachable': 1,
  'target-unsafe': 1,
  usage: 1,
  'verification-failed': 1,
};
const codes = Object.keys(exitCodes) as FailureCode[];

const hostile = '\x1b[31mevil\r\n\x9b';
const hostileDetail = Object.fromEntries(
  [
    'what',
    'id',
    'why',
    'path',
    'operation',
    'errno',
    'location',
    'hostname',
    'username',
    'pid',
    'since',
    'time',
  ]
    .concat(['version', 'scheme', 'command', 'pattern', 'instead', 'todo', 'create'])
    .map((name) => [name, hostile]),
);

describe.each(codes)('%s', (code) => {
  test('has a sentence of its own without any details', () => {
    const sentence = sentenceOf(new Failure(code));
    expect(sentence.length).toBeGreaterThan(20);
    expect(sentence).toMatch(/[.)]$/);
    expect(sentence).not.toMatch(/undefined|NaN|\[object|""|\(\)| {2}/);
    expect(codes.filter((other) => sentenceOf(new Failure(other)) === sentence)).toEqual([code]);
  });

  test('shows nothing of its details that could control a terminal', () => {
    expect(sentenceOf(new Failure(code, hostileDetail))).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  });

  test('ends with its exit code', () => {
    expect(exitCodeOf(code)).toBe(exitCodes[code]);
  });
});

test.each<[FailureCode, Record<string, string | number>, string[]]>([
  ['not-found', { what: 'snapshot', id: 'abc' }, ['no snapshot "abc"']],
  [
    'damaged',
    { what: 'pack', id: 'a'.repeat(64), why: 'it is truncated' },
    ['pack aaaaaaaa ', 'it is truncated', 'check'],
  ],
  ['no-space', { path: '/mnt/x' }, ['full', '/mnt/x', 'Make room']],
  ['repository-missing', { location: '/srv/repo' }, ['/srv/repo', 'slackwater init']],
  [
    'repository-missing',
    { location: '/v', create: 'slackwater backup FOLDER' },
    ['`slackwater backup FOLDER`'],
  ],
  [
    'repository-locked',
    { hostname: 'box', username: 'me', pid: 12, since: '2026-01-01T00:00:00Z' },
    ['by me on box (process 12) since 2026', '--retry-lock'],
  ],
  ['usage', { why: 'bad-pattern', pattern: '[a' }, ['The pattern "[a" is not valid']],
  ['usage', { why: 'bad-size', size: '3x' }, ['"3x" is not a size']],
  ['usage', { why: 'That is wrong.', instead: 'Do this.' }, ['That is wrong. Do this.']],
  [
    'command-failed',
    { command: '"pg_dump"', why: 'it ended with code 2' },
    ['"pg_dump" failed (it ended with code 2)'],
  ],
  ['source-missing', { path: '/x' }, ['/x does not exist']],
  ['source-missing', {}, ['None of the sources exists']],
])('%s %j', (code, detail, parts) => {
  const sentence = sentenceOf(new Failure(code, detail));
  for (const part of parts) expect(sentence).toContain(part);
});

test('a fault of ours is told as one', () => {
  expect(sentenceOfFault(new Error('oh\x1b'))).toContain('Slackwater made a mistake (oh\\x1b)');
  expect(sentenceOfFault('text')).toContain('(text)');
});

test('reasons for items are short', () => {
  expect(reasonOf(new Failure('io', { errno: 'EIO', path: '/x' }))).toBe('EIO');
  expect(reasonOf(new Failure('password-wrong'))).toBe(sentenceOf(new Failure('password-wrong')));
  expect(shortReason("EACCES: permission denied, open '/etc/x'")).toBe('permission denied');
  expect(shortReason('EIO: i/o error, read')).toBe('i/o error');
  expect(shortReason('it shrank, then grew')).toBe('it shrank, then grew');
});

const findings: Record<CheckCode, string> = {
  'index-unreadable': 'index',
  'pack-in-several-indexes': 'pack',
  'pack-entries-differ': 'pack',
  'pack-mixed': 'pack',
  'pack-missing': 'pack',
  'pack-size': 'pack',
  'pack-unreferenced': 'pack',
  'snapshot-unreadable': 'snapshot',
  'tree-missing': 'tree',
  'tree-unreadable': 'tree',
  'tree-too-deep': 'tree',
  'folder-without-tree': 'tree',
  'name-unsafe': 'tree',
  'blob-missing': 'tree',
  'size-differs': 'tree',
  'pack-unreadable': 'pack',
  'pack-hash': 'pack',
  'pack-header': 'pack',
  'pack-header-differs': 'pack',
  'blob-damaged': 'pack',
};

test.each(Object.entries(findings))(
  'finding %s names the %s, shortened, and stays printable',
  (code, what) => {
    const detail = {
      [what]: 'b'.repeat(64),
      why: hostile,
      name: hostile,
      sizeBytes: 1,
      expectedBytes: 2,
      count: 1,
    };
    const sentence = sentenceOfFinding({ severity: 'error', code: code as CheckCode, detail });
    expect(sentence).toContain(`${what} bbbbbbbb`);
    expect(sentence).not.toContain('b'.repeat(9));
    expect(sentence).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  },
);
