import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { type Stat, statOf } from '../../engine/system/stat.ts';
import { type FolderHandles, holdOpen, lookEachTime } from '../../engine/target/folder-handles.ts';
import { type Draft, openSafeFolder, type Replace, SafeFolder } from '../../engine/target/safe-folder.ts';
import type { TargetPath } from '../../engine/target/safe-name.ts';

const chance = { bytes: (count: number) => Uint8Array.from({ length: count }, (_, i) => i) };
const unsafe = expect.objectContaining({ code: 'target-unsafe' });
const path = (text: string): TargetPath => (text === '' ? [] : text.split('/').map(fromLatin1));

const asRoot = process.geteuid?.() === 0;
const metadata = { permissions: 0o777, uid: 1, gid: 1, mtimeNs: 0n, atimeNs: 0n, extendedAttributes: [] };

function sameNumber(stat: Stat, { inode, deviceId }: Stat): Stat {
  return { ...stat, inode, deviceId };
}

let box: string;
let target: string;
let outside: string;
let folder: SafeFolder;

const kindsOfHandles: [string, (root: ReturnType<typeof fromText>) => FolderHandles][] = [
  ['looks each time', lookEachTime],
];
if (process.platform === 'linux') kindsOfHandles.unshift(['holds folders open', holdOpen]);

function writeWhole(name: string, content: string, replace: Replace = 'entry'): void {
  const draft = folder.draftFile(path(name), content.length, false);
  folder.writeAt(draft, 0, Buffer.from(content));
  folder.publish(draft, replace);
}

describe.skipIf(process.platform === 'win32').each(kindsOfHandles)('a folder that %s', (_how, open) => {
  beforeEach(() => {
    box = mkdtempSync(join(tmpdir(), 'slackwater-target-'));
    target = join(box, 'target');
    outside = join(box, 'outside');
    mkdirSync(target);
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), 'precious');
    folder = new SafeFolder(open(fromText(target)), chance);
  });

  afterEach(() => {
    folder.close();
    expect(readdirSync(outside)).toEqual(['precious']);
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('precious');
    rmSync(box, { recursive: true });
  });

  it('makes folders, files, symlinks, hard links and fifos', () => {
    expect(folder.ensureFolder(path('a'), 'nothing')).toBe(true);
    expect(folder.ensureFolder(path('a'), 'nothing')).toBe(false);
    expect(folder.ensureFolder(path('a/b'), 'nothing')).toBe(true);
    expect(lstatSync(join(target, 'a/b')).mode & 0o777).toBe(0o700);
    writeWhole('a/b/file', 'hello');
    folder.publish(folder.draftSymlink(path('a/link'), fromText('../../outside')), 'nothing');
    folder.publish(folder.draftHardLink(path('hard'), path('a/b/file')), 'nothing');
    folder.publish(folder.draftFifo(path('fifo')), 'nothing');
    expect(readFileSync(join(target, 'hard'), 'utf8')).toBe('hello');
    expect(lstatSync(join(target, 'a/b/file')).nlink).toBe(2);
    expect(readlinkSync(join(target, 'a/link'))).toBe('../../outside');
    expect(lstatSync(join(target, 'fifo')).isFIFO()).toBe(true);
    expect(folder.list(path('')).sort()).toEqual(['a', 'fifo', 'hard']);
    expect([path(''), path('a'), path('a/link')].map((each) => folder.look(each)?.kind === 'dir')).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('takes the longest names, of any bytes', () => {
    const name = fromLatin1('\xff'.repeat(255));
    folder.ensureFolder([name], 'nothing');
    const draft = folder.draftFile([name, name], 1, false);
    folder.publish(draft, 'nothing');
    expect(folder.list([name])).toEqual([name]);
  });

  it('refuses names that lead elsewhere, at any place of a path', () => {
    mkdirSync(join(target, 'a'));
    const ways = [path('../outside/x'), [fromText('..')], [fromText('a/../../outside'), fromText('x')]];
    for (const way of [...ways, [fromText('a'), fromText('')], [fromText('/etc')], [fromText('.')]]) {
      expect(() => folder.draftFile(way, 1, false)).toThrow(unsafe);
      expect(() => folder.ensureFolder(way, 'tree')).toThrow(unsafe);
      expect(() => folder.remove(way, 'tree')).toThrow(unsafe);
      expect(() => folder.look(way)).toThrow(unsafe);
    }
  });

  it('does not go through a planted symlink', () => {
    symlinkSync(outside, join(target, 'way'));
    expect(() => folder.draftFile(path('way/new'), 1, false)).toThrow(unsafe);
    expect(() => folder.draftSymlink(path('way/new'), fromText('x'))).toThrow(unsafe);
    expect(() => folder.ensureFolder(path('way/new'), 'tree')).toThrow(unsafe);
    expect(() => folder.remove(path('way/precious'), 'tree')).toThrow(unsafe);
    expect(() => folder.list(path('way'))).toThrow(unsafe);
    expect(() => folder.draftHardLink(path('stolen'), path('way/precious'))).toThrow(unsafe);
    expect(() => folder.ensureFolder(path('way'), 'nothing')).toThrow(
      expect.objectContaining({ code: 'file-exists' }),
    );
  });

  it('replaces a planted symlink by a folder, if it may', () => {
    symlinkSync(outside, join(target, 'way'));
    expect(folder.ensureFolder(path('way'), 'entry')).toBe(true);
    writeWhole('way/new', 'inside');
    expect(readFileSync(join(target, 'way/new'), 'utf8')).toBe('inside');
  });

  it('is not led out when a folder becomes a symlink between calls', () => {
    folder.ensureFolder(path('a'), 'nothing');
    folder.ensureFolder(path('a/b'), 'nothing');
    const draft = folder.draftFile(path('a/b/file'), 4, false);
    renameSync(join(target, 'a/b'), join(target, 'moved'));
    symlinkSync(outside, join(target, 'a/b'));
    const attempts = [
      () => folder.writeAt(draft, 0, Buffer.from('evil')),
      () => folder.publish(draft, 'tree'),
      () => writeWhole('a/b/precious', 'evil'),
      () => folder.remove(path('a/b/precious'), 'tree'),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(target-unsafe|ENOENT)$/) });
      }
    }
  });

  it('does not write through an existing hard link to a file outside', () => {
    linkSync(join(outside, 'precious'), join(target, 'file'));
    writeWhole('file', 'restored');
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('restored');
  });

  it('does not write through an existing symlink, and neither opens one', () => {
    symlinkSync(join(outside, 'precious'), join(target, 'file'));
    expect(() => folder.openExisting(path('file'))).toThrow(expect.objectContaining({ code: 'ELOOP' }));
    writeWhole('file', 'restored');
    expect(lstatSync(join(target, 'file')).isFile()).toBe(true);
  });

  it('does not wait for a fifo in place of a file', () => {
    execFileSync('mkfifo', [join(target, 'file')]);
    expect(() => folder.openExisting(path('file'))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    writeWhole('file', 'restored');
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('restored');
  });

  it('replaces nothing unless it may', () => {
    writeFileSync(join(target, 'file'), 'mine');
    expect(() => writeWhole('file', 'theirs', 'nothing')).toThrow(
      expect.objectContaining({ code: 'file-exists' }),
    );
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('mine');
  });

  it('removes a folder in the way only as far as it may', () => {
    mkdirSync(join(target, 'empty'));
    mkdirSync(join(target, 'full'));
    writeFileSync(join(target, 'full/child'), '');
    writeWhole('empty', 'file', 'entry');
    expect(() => writeWhole('full', 'file', 'entry')).toThrow(expect.objectContaining({ code: 'ENOTEMPTY' }));
    expect(existsSync(join(target, 'full/child'))).toBe(true);
    writeWhole('full', 'file', 'tree');
    expect(readFileSync(join(target, 'full'), 'utf8')).toBe('file');
  });

  it('removes a tree, and symlinks in it without what they lead to', () => {
    mkdirSync(join(target, 'tree/deep'), { recursive: true });
    symlinkSync(outside, join(target, 'tree/deep/link'));
    symlinkSync('/', join(target, 'tree/root'));
    writeFileSync(join(target, 'tree/file'), '');
    folder.list(path('tree/deep'));
    folder.remove(path('tree'), 'tree');
    folder.remove(path('tree'), 'tree');
    expect(readdirSync(target)).toEqual([]);
  });

  it('gives a file its name only when it is published', () => {
    const draft = folder.draftFile(path('file'), 4, false);
    folder.writeAt(draft, 0, Buffer.from('ha'));
    expect(existsSync(join(target, 'file'))).toBe(false);
    expect(folder.list([])).toEqual([]);
    folder.close();
    expect(readdirSync(target)).toEqual([]);
    folder = new SafeFolder(open(fromText(target)), chance);
  });

  it('leaves no second name when a hard link is there already', () => {
    writeWhole('file', 'x');
    folder.publish(folder.draftHardLink(path('hard'), path('file')), 'nothing');
    folder.publish(folder.draftHardLink(path('hard'), path('file')), 'entry');
    expect(readdirSync(target).sort()).toEqual(['file', 'hard']);
  });

  it('notices when a draft was exchanged', () => {
    const draft = folder.draftFile(path('file'), 4, false);
    const others = manyDrafts(70);
    const temporary = join(target, draft.temporary[0]!);
    rmSync(temporary);
    linkSync(join(outside, 'precious'), temporary);
    expect(() => folder.writeAt(draft, 0, Buffer.from('evil'))).toThrow(unsafe);
    expect(() => folder.describe(draft, metadata, { setIdBits: false })).toThrow(unsafe);
    for (const other of others) folder.discard(other);
  });

  it.runIf(asRoot)(
    'notices when another owner has put something in the place of a draft, under its number',
    () => {
      const draft = folder.draftFile(path('file'), 4, false);
      const fifo = folder.draftFifo(path('fifo'));
      const others = manyDrafts(70);
      // What is removed and made again may get the number that just came free; here it is the thing itself.
      for (const each of [draft, fifo]) chownSync(join(target, each.temporary[0]!), 1234, 1234);
      expect(() => folder.writeAt(draft, 0, Buffer.from('evil'))).toThrow(unsafe);
      expect(() => folder.describe(draft, metadata, { setIdBits: true })).toThrow(unsafe);
      expect(() => folder.describe(fifo, metadata, { setIdBits: true })).toThrow(unsafe);
      for (const other of others) folder.discard(other);
    },
  );

  it('notices when a draft became something of another type, under its number', () => {
    const draft = folder.draftFifo(path('fifo'));
    writeFileSync(join(target, 'file'), 'evil');
    const stat = sameNumber(draft.stat, statOf(fromText(join(target, 'file'))));
    const mixed = { ...draft, temporary: path('file'), stat };
    expect(() => folder.describe(mixed, metadata, { setIdBits: true })).toThrow(unsafe);
  });

  it('keeps writing to more drafts and folders than it holds open', () => {
    const drafts = manyDrafts(300);
    for (const [i, draft] of drafts.entries()) folder.writeAt(draft, 2, Buffer.from(String(i % 10)));
    for (const [i, draft] of drafts.entries()) folder.writeAt(draft, 0, Buffer.from(`${i % 10}-`));
    for (const draft of drafts) folder.publish(draft, 'nothing');
    for (let i = 0; i < drafts.length; i++)
      expect(readFileSync(join(target, `d${i}`, 'file'), 'utf8')).toBe(`${i % 10}-${i % 10}`);
    if (process.platform === 'linux') expect(readdirSync('/proc/self/fd').length).toBeLessThan(300);
  });

  function manyDrafts(count: number): Draft[] {
    return Array.from({ length: count }, (_, i) => {
      folder.ensureFolder(path(`d${i}`), 'nothing');
      return folder.draftFile(path(`d${i}/file`), 3, false);
    });
  }

  it('goes deeper than a path may be long', () => {
    if (open === lookEachTime) return;
    const names = Array.from({ length: 40 }, () => fromLatin1('d'.repeat(200)));
    for (let depth = 1; depth <= names.length; depth++) folder.ensureFolder(names.slice(0, depth), 'nothing');
    const draft = folder.draftFile([...names, fromText('deep')], 0, false);
    folder.publish(draft, 'nothing');
    expect(folder.list(names)).toEqual(['deep']);
    folder.remove([names[0]!], 'tree');
    expect(folder.list([])).toEqual([]);
  });

  it('leaves holes where there are only zeros', () => {
    const size = 8 * 1024 * 1024;
    const content = Buffer.alloc(size);
    content.write('start', 0);
    content.write('middle', 5_000_001);
    content.write('end', size - 3);
    for (const sparse of [true, false]) {
      const draft = folder.draftFile(path(`sparse-${sparse}`), size, sparse);
      for (let at = 0; at < size; at += 1_000_003)
        folder.writeAt(draft, at, content.subarray(at, at + 1_000_003));
      folder.publish(draft, 'nothing');
      expect(readFileSync(join(target, `sparse-${sparse}`)).equals(content)).toBe(true);
    }
    const blocks = (name: string): number => lstatSync(join(target, name)).blocks;
    expect(blocks('sparse-true') * 10).toBeLessThan(blocks('sparse-false'));
  });
});

it('makes the target and the folders above it, for the owner only', () => {
  const top = mkdtempSync(join(tmpdir(), 'slackwater-target-'));
  openSafeFolder(fromText(join(top, 'x/y')), chance).close();
  expect(lstatSync(join(top, 'x/y')).mode & 0o777).toBe(0o700);
  rmSync(top, { recursive: true });
});
