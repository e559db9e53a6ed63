import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../engine/base/byte-string.ts';
import { openFile } from '../../engine/system/open-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'slackwater-open-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): ByteString => fromText(join(folder, name));

function make(name: string, content = 'content'): ByteString {
  writeFileSync(at(name), content);
  return at(name);
}

describe.skipIf(process.platform === 'win32')('an opened file', () => {
  it('is read to its end', () => {
    const file = openFile(make('whole', 'abcdef'));
    const buffer = Buffer.alloc(8);
    expect([file.read(buffer, 1, 4), file.read(buffer, 5, 3), file.read(buffer, 0, 8)]).toEqual([4, 2, 0]);
    expect(buffer.toString('latin1')).toBe('\0abcdef\0');
    expect(file.stat.size).toBe(6n);
    expect(file.changedSince()).toBe(false);
    file.close();
  });

  it('keeps its time of last access', () => {
    const path = make('quiet');
    utimesSync(path, 1000, 2000);
    const file = openFile(path);
    file.read(Buffer.alloc(10), 0, 10);
    file.close();
    if (process.platform === 'linux') expect(lstatSync(path).atimeMs).toBe(1_000_000);
  });

  it.each([
    ['grows', (path: string) => appendFileSync(path, 'x')],
    ['is overwritten in place', (path: string) => writeFileSync(path, 'CONTENT')],
    ['changes its times back', (path: string) => utimesSync(path, 5, 5)],
    ['loses its name', (path: string) => renameSync(path, `${path}-moved`)],
  ])('notices when it %s', (name, change) => {
    const path = make(name);
    const file = openFile(path);
    // Coarse clocks of file systems tick every few milliseconds only.
    const until = lstatSync(path, { bigint: true }).ctimeNs;
    while (lstatSync(make('tick'), { bigint: true }).ctimeNs === until);
    change(path);
    expect(file.changedSince()).toBe(true);
    file.close();
  });

  it('is never a symlink', () => {
    make('pointed-at');
    symlinkSync('pointed-at', at('link'));
    expect(() => openFile(at('link'))).toThrow(expect.objectContaining({ code: 'ELOOP' }));
  });

  it('is never a fifo, which would make us wait, nor a folder', () => {
    execFileSync('mkfifo', [at('fifo')]);
    expect(() => openFile(at('fifo'))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(() => openFile(fromText(folder))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  it.skipIf(process.geteuid?.() !== 0)('may belong to someone else', () => {
    const path = make('foreign');
    execFileSync('chmod', ['755', folder]);
    process.seteuid?.(65_534);
    try {
      openFile(path).close();
    } finally {
      process.seteuid?.(0);
    }
  });
});
