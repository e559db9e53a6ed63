import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ByteString, fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { readFolderNames, readItem } from '../../engine/source/item.ts';

const folder = mkdtempSync(join(tmpdir(), 'slackwater-item-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): ByteString => fromLatin1(`${fromText(folder)}/${name}`);
const bytes = (path: ByteString): Buffer => Buffer.from(path, 'latin1');
const read = (name: string) => readItem(at(name), fromLatin1(name));

describe.skipIf(process.platform === 'win32')('an item', () => {
  it('tells of a file what lstat tells', () => {
    writeFileSync(at('file'), 'hello', { mode: 0o640 });
    const stat = lstatSync(at('file'), { bigint: true });
    expect(read('file')).toEqual({
      name: 'file',
      kind: 'file',
      permissions: 0o640,
      mtimeNs: stat.mtimeNs,
      atimeNs: stat.atimeNs,
      ctimeNs: stat.ctimeNs,
      uid: userInfo().uid,
      gid: Number(stat.gid),
      user: userInfo().username,
      group: expect.any(String),
      inode: stat.ino,
      deviceId: stat.dev,
      sizeBytes: 5,
      links: 1,
      device: 0n,
      extendedAttributes: [],
      attributeErrors: [],
    });
  });

  it('has any bytes as name and link target', () => {
    symlinkSync(Buffer.from('to/\xfe\xff', 'latin1'), bytes(at('l\xff')));
    expect(read('l\xff')).toMatchObject({ name: 'l\xff', kind: 'symlink', linkTarget: 'to/\xfe\xff' });
  });

  it('keeps setuid, setgid and sticky bits', () => {
    mkdirSync(at('sticky'));
    execFileSync('chmod', ['7751', at('sticky')]);
    expect(read('sticky')).toMatchObject({ kind: 'dir', permissions: 0o7751 });
  });

  it('may be a fifo, a socket or a device', async () => {
    execFileSync('mkfifo', [at('fifo')]);
    const server = createServer().listen(at('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    expect(read('fifo').kind).toBe('fifo');
    expect(read('socket').kind).toBe('socket');
    server.close();
    const device = readItem(fromText('/dev/null'), fromText('null'));
    expect(device).toMatchObject({ kind: 'chardev', device: lstatSync('/dev/null', { bigint: true }).rdev });
  });

  it('that is not there throws what node:fs throws', () => {
    expect(() => read('missing')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});

it.skipIf(process.platform !== 'linux')('names of a folder are sorted by their bytes', () => {
  mkdirSync(at('names'));
  const names = ['b', 'a', '\xff', '\xef\xbf\xbf', '\xf0\x9f\x98\x80', 'a.b', 'Z'].map(fromLatin1);
  for (const name of names) writeFileSync(bytes(at(`names/${name}`)), '');
  const sorted = [...names].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
  expect(readFolderNames(at('names'))).toEqual(sorted);
});
