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
import { openFile, openSmallFile } from '../../engine/system/open-file.ts';

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
    expect(file.stat.sizeBytes).toBe(6);
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

describe.skipIf(process.platform === 'win32')('a small file that was seen before', () => {
  const asSeen = (): boolean => true;
  const read = (path: ByteString, isAsSeen: () => boolean, bytes: number): [string, boolean] => {
    const file = openSmallFile(path, isAsSeen);
    const buffer = Buffer.alloc(bytes);
    let text = '';
    for (let count = 1; count > 0; ) {
      count = file.read(buffer, 0, bytes);
      text += buffer.toString('latin1', 0, count);
    }
    const changed = file.changedSince();
    file.close();
    return [text, changed];
  };

  it('is whole after one read where it is as it was seen', () => {
    const path = make('small', 'abcdef');
    const file = openSmallFile(path, asSeen);
    const buffer = Buffer.alloc(8);
    expect([file.read(buffer, 0, 8), file.read(buffer, 0, 8)]).toEqual([6, 0]);
    expect(file.stat.sizeBytes).toBe(6);
    // What comes later is no part of what was read.
    appendFileSync(path, 'x');
    expect([file.read(buffer, 0, 8), file.changedSince()]).toEqual([0, false]);
    file.close();
  });

  it.each([
    ['is not as it was seen', () => false, 100],
    ['does not fit into the first read', asSeen, 4],
    ['just fits, so that its end was not seen', asSeen, 6],
  ])('is read from its beginning again where it %s', (_, isAsSeen, bytes) => {
    expect(read(make('small', 'abcdef'), isAsSeen, bytes)).toEqual(['abcdef', false]);
  });

  it('is watched as any other where it is not as it was seen', () => {
    const path = make('watched', 'abc');
    const file = openSmallFile(path, () => false);
    file.read(Buffer.alloc(8), 0, 8);
    appendFileSync(path, 'def');
    expect(file.changedSince()).toBe(true);
    file.close();
  });

  it('may be empty', () => {
    expect(read(make('empty', ''), asSeen, 8)).toEqual(['', false]);
  });

  it('is never a fifo, a folder or a symlink', () => {
    execFileSync('mkfifo', [at('small-fifo')]);
    symlinkSync('small-fifo', at('small-link'));
    for (const name of ['small-fifo', '.', 'small-link']) expect(() => read(at(name), asSeen, 8)).toThrow();
  });
});
