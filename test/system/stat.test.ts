import { execFileSync } from 'node:child_process';
import {
  type BigIntStats,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { type Stat, statIfThere, statOf, statOpen } from '../../engine/system/stat.ts';

const folder = mkdtempSync(join(tmpdir(), 'slackwater-stat-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** Node's names for what we know. */
const nodeNames = {
  mtimeNs: 'mtimeNs',
  atimeNs: 'atimeNs',
  ctimeNs: 'ctimeNs',
  uid: 'uid',
  gid: 'gid',
  inode: 'ino',
  deviceId: 'dev',
  sizeBytes: 'size',
  links: 'nlink',
  device: 'rdev',
} as const satisfies Partial<Record<keyof Stat, keyof BigIntStats>>;

function expectAsNodeHasIt(stat: Stat, expected: BigIntStats): void {
  const names = Object.keys(nodeNames) as (keyof typeof nodeNames)[];
  const found = names.map((name) => [name, BigInt(stat[name])]);
  expect(found).toEqual(names.map((name) => [name, expected[nodeNames[name]]]));
}

describe.skipIf(process.platform === 'win32')('what is known of an entry', () => {
  mkdirSync(at('dir'));
  writeFileSync(at('file'), 'hello', { mode: 0o640 });
  symlinkSync('file', at('symlink'));
  execFileSync('mkfifo', [at('fifo')]);
  writeFileSync(at('large'), '');
  truncateSync(at('large'), 2 ** 40 + 1);
  writeFileSync(at('early'), '');
  utimesSync(at('early'), -1.5, -86_400.25);
  const entries = ['dir', 'file', 'symlink', 'fifo', 'large', 'early'].map(at);

  it.each([...entries, '/dev/null', '/proc/self', '/', process.execPath])(
    'is what lstat tells of %s',
    (path) => {
      const expected = lstatSync(path, { bigint: true });
      const stat = statOf(fromText(path));
      expectAsNodeHasIt(stat, expected);
      expect(stat.permissions).toBe(Number(expected.mode) & 0o7777);
      expect(statIfThere(fromText(path))).toEqual(stat);
    },
  );

  it('is its kind', () => {
    const kinds = [...entries, '/dev/null'].map((path) => statOf(fromText(path)).kind);
    expect(kinds).toEqual(['dir', 'file', 'symlink', 'fifo', 'file', 'file', 'chardev']);
  });

  it('is that of what a symlink leads to, if it is to be followed', () => {
    const stat = statOf(fromText(at('symlink')), { follow: true });
    expectAsNodeHasIt(stat, statSync(at('file'), { bigint: true }));
    expect(stat.kind).toBe('file');
  });

  it('is that of what is open', () => {
    const descriptor = openSync(at('file'), 'r');
    try {
      expect(statOpen(descriptor)).toEqual(statOf(fromText(at('file'))));
    } finally {
      closeSync(descriptor);
    }
    expect(() => statOpen(descriptor)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  it('has any bytes in its path, and as many as the system takes', () => {
    const name = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xe9])]);
    writeFileSync(name, 'x');
    expect(statOf(fromLatin1(name.toString('latin1')))).toMatchObject({ kind: 'file', sizeBytes: 1 });
    const long = fromText(`${folder}${'/.'.repeat(1_500)}/file`);
    expect(statOf(long).sizeBytes).toBe(5);
    expect(() => statOf(fromText(`${folder}${'/.'.repeat(9_000)}`))).toThrow(
      expect.objectContaining({ code: 'ENAMETOOLONG' }),
    );
  });

  it('is nothing where nothing is, and an error where it cannot be known', () => {
    const nowhere = fromText(at('nowhere'));
    expect(statIfThere(nowhere)).toBeUndefined();
    expect(() => statOf(nowhere)).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'lstat' }));
    const below = fromText(at('file/below'));
    for (const look of [statOf, statIfThere])
      expect(() => look(below)).toThrow(expect.objectContaining({ code: 'ENOTDIR', path: at('file/below') }));
    expect(() => statOf(fromLatin1(`${folder}/file\0hidden`))).toThrow(
      expect.objectContaining({ code: 'EINVAL' }),
    );
  });
});
