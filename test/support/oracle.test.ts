/** Other tests believe the oracle: it must notice every kind of difference, and none where there is none. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareFolders, ignoreSockets } from './oracle.ts';
import { makeStrangeTree } from './strange-tree.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { parseAttributes } from './tree-attributes.ts';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)('a strange tree', () => {
  it('is made whole by root, and is the same as its copy', () => {
    const tree = temporaryFolder('strange');
    const { made, leftOut } = makeStrangeTree(tree);
    expect(made.length).toBeGreaterThan(80);
    for (const { what, why } of leftOut) process.stderr.write(`left out: ${what}: ${why}\n`);
    // A container's root may not be allowed everything, but `npm test` has installed all programs for it.
    if (isRoot && process.env.CI) expect(leftOut.filter(({ why }) => why.includes('ENOENT'))).toEqual([]);
    const copy = temporaryFolder('copy');
    execFileSync('cp', ['-a', `${tree}/.`, copy]);
    expect(compareFolders(tree, copy, { alsoTop: true })).toEqual([]);
  });
});

type Change = readonly [difference: string, change: (at: (name: string) => string) => void];

const changes: readonly Change[] = [
  ['"extra": presence nothing -> file', (at) => fs.writeFileSync(at('extra'), '')],
  ['"file": presence file -> nothing', (at) => fs.rmSync(at('file'))],
  ['"file": type file -> dir', (at) => fs.rmSync(at('file')) ?? fs.mkdirSync(at('file'))],
  ['"file": mode 644 -> 4644', (at) => fs.chmodSync(at('file'), 0o4644)],
  ['"file": size 4 -> 5', (at) => fs.appendFileSync(at('file'), '!')],
  ['"file": content same -> other from byte 3', (at) => fs.writeFileSync(at('file'), 'texT')],
  ['"file": mtime', (at) => execFileSync('touch', ['-d', '2020-01-01 00:00:00.000000001 UTC', at('file')])],
  ['"link": target file -> other', (at) => fs.rmSync(at('link')) ?? fs.symlinkSync('other', at('link'))],
  ['"hard": links', (at) => fs.copyFileSync(at('hard'), at('x')) ?? fs.renameSync(at('x'), at('hard'))],
  ['"folder": mode 755 -> 1755', (at) => fs.chmodSync(at('folder'), 0o1755)],
  ['"folder/inside": mode', (at) => fs.chmodSync(at('folder/inside'), 0o600)],
];

const changesByRoot: readonly Change[] = [
  ['"file": owner 0:0 -> 0:7', (at) => fs.chownSync(at('file'), 0, 7)],
  ['"link": owner 0:0 -> 7:0', (at) => fs.lchownSync(at('link'), 7, 0)],
  [
    '"device": device',
    (at) => fs.rmSync(at('device')) ?? execFileSync('mknod', [at('device'), 'c', '1', '5']),
  ],
  ['"file": xattrs', (at) => execFileSync('setfattr', ['-n', 'trusted.a', '-v', 'b', at('file')])],
  ['"folder": xattrs', (at) => execFileSync('setfacl', ['-m', 'd:u:7:r', at('folder')])],
];

describe.skipIf(!isLinux)('the oracle', () => {
  it.each([...changes, ...(isRoot ? changesByRoot : [])])('notices %s', (difference, change) => {
    const [before, after] = [temporaryFolder('before'), temporaryFolder('after')];
    makeSmallTree(before);
    execFileSync('cp', ['-a', `${before}/.`, after]);
    expect(compareFolders(before, after)).toEqual([]);
    change((name) => join(after, name));
    const found = compareFolders(before, after);
    expect(found.filter((line) => line.startsWith(difference))).toHaveLength(1);
  });

  it('ignores what it is told to', () => {
    const [before, after] = [temporaryFolder('before'), temporaryFolder('after')];
    fs.writeFileSync(join(before, 'a'), '');
    expect(compareFolders(before, after, { ignore: (path) => path === 'a' })).toEqual([]);
    expect(ignoreSockets('a', 'presence', 'socket')).toBe(true);
    expect(ignoreSockets('a', 'presence', 'file')).toBe(false);
  });
});

it('reads the attributes of strange names', () => {
  const dump = '# file: a\\012b\\134\nuser.b=0x00\nuser.a\n\n# file: \xff\nuser.c=0x\n\n';
  expect(parseAttributes(dump)).toEqual(
    new Map([
      ['a\nb\\', 'user.a user.b=0x00'],
      ['\xff', 'user.c'],
    ]),
  );
});

function makeSmallTree(folder: string): void {
  const at = (name: string): string => join(folder, name);
  fs.writeFileSync(at('file'), 'text');
  fs.writeFileSync(at('hard'), 'hard');
  fs.linkSync(at('hard'), at('link-to-hard'));
  fs.symlinkSync('file', at('link'));
  fs.mkdirSync(at('folder'));
  fs.writeFileSync(at('folder/inside'), '');
  for (const [name, mode] of [
    ['file', 0o644],
    ['folder', 0o755],
  ] as const)
    fs.chmodSync(at(name), mode);
  if (isRoot) execFileSync('mknod', [at('device'), 'c', '1', '3']);
}
