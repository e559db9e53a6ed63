import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { Failure } from '../../engine/base/failure.ts';
import { parseTime } from '../../engine/format/go-time.ts';
import { compilePatterns } from '../../engine/source/pattern.ts';
import { seededChance } from '../support/fixed-world.ts';
import { node, noon, noonNs, RestoreWorld } from './restore-world.ts';

let world: RestoreWorld;

beforeEach(async () => {
  world = await new RestoreWorld().open();
  mkdirSync(world.outside);
  writeFileSync(join(world.outside, 'precious'), 'precious');
});

afterEach(() => {
  expect(readdirSync(world.outside)).toEqual(['precious']);
  expect(readFileSync(join(world.outside, 'precious'), 'utf8')).toBe('precious');
  world.remove();
});

const at = (path: string): string => join(world.target, path);
const read = (path: string): string => readFileSync(at(path), 'utf8');
const stat = (path: string) => lstatSync(at(path), { bigint: true });
const asRoot = process.geteuid?.() === 0;
const put = (path: string, content: string): void => {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), content);
};

describe('a restore', () => {
  it('brings back files, folders, links and fifos with their metadata', async () => {
    const big = seededChance('big').bytes(9_000);
    const links = { links: 2, inode: 77n };
    const summary = await world.restore([
      world.folder('a', [
        world.folder('b', [world.file('deep', ['one', 'two'])], { mtime: '2019-01-01T00:00:00.5Z' }),
        world.file('x', ['twice'], links),
        world.file('empty', []),
      ]),
      world.file('y', ['twice'], links),
      world.file('\xff', [big.subarray(0, 5_000), big.subarray(5_000)]),
      world.symlink('link', '../outside/precious'),
      node('pipe', 'fifo', 0o604),
      node('sock', 'socket', 0o600),
    ]);
    expect(world.errors()).toEqual([]);
    expect(read('a/b/deep')).toBe('onetwo');
    expect(read('y')).toBe('twice');
    expect(stat('a/x').ino).toBe(stat('y').ino);
    expect(stat('a/x').nlink).toBe(2n);
    expect(stat('a/empty').size).toBe(0n);
    expect(readFileSync(Buffer.concat([Buffer.from(`${world.target}/`), Buffer.of(255)]))).toEqual(
      Buffer.from(big),
    );
    expect(readlinkSync(at('link'))).toBe('../outside/precious');
    expect(stat('link').mtimeNs).toBe(noonNs);
    expect(stat('pipe').isFIFO()).toBe(true);
    expect(stat('pipe').mode & 0o777n).toBe(0o604n);
    for (const path of ['a', 'a/x', 'a/b/deep']) expect(stat(path).mtimeNs).toBe(noonNs);
    expect(stat('a/b').mtimeNs).toBe(parseTime('2019-01-01T00:00:00.5Z'));
    expect(stat('a').mode & 0o777n).toBe(0o750n);
    expect(stat('a/x').mode & 0o777n).toBe(0o640n);
    expect(summary).toMatchObject({ filesDone: 9, filesTotal: 9, bytesDone: 9_011, bytesTotal: 9_011 });
    expect(summary).toMatchObject({ filesSkipped: 1, filesVerified: 4, errors: 0 });
    expect(world.progress.at(-1)).toMatchObject({ filesDone: 9 });
  });

  it('of a folder brings what it holds, of a file the file', async () => {
    const nodes = [world.folder('a', [world.folder('b', [world.file('f', ['x'])])])];
    await world.restore(nodes, { path: fromText('/a') });
    expect(readdirSync(world.target)).toEqual(['b']);
    await world.restore(nodes, { path: fromText('a/b/f') });
    expect(readdirSync(world.target).sort()).toEqual(['b', 'f']);
    const missing = world.restore(nodes, { path: fromText('/a/c') });
    await expect(missing).rejects.toMatchObject({ code: 'not-found' });
  });

  it('restores what the filter includes, with the folders on the way', async () => {
    const nodes = [
      world.folder('a', [world.folder('b', [world.file('f.c', ['x']), world.file('f.o', ['y'])])]),
      world.folder('other', []),
    ];
    await world.restore(nodes, { filter: { kind: 'include', lists: [compilePatterns(['*.c'])] } });
    expect(readdirSync(world.target)).toEqual(['a']);
    expect(readdirSync(at('a/b'))).toEqual(['f.c']);
    expect(stat('a').mtimeNs).toBe(noonNs);
    await world.restore(nodes, { filter: { kind: 'exclude', lists: [compilePatterns(['*.c', 'other'])] } });
    expect(readdirSync(at('a/b')).sort()).toEqual(['f.c', 'f.o']);
    expect(existsSync(at('other'))).toBe(false);
  });

  it('reads each pack once', async () => {
    const shared = seededChance('s').bytes(500);
    const files = Array.from({ length: 30 }, (_, i) => {
      const own = seededChance(i).bytes(700);
      return world.file(`f${i}`, [own, shared]);
    });
    await world.restore(files);
    const loads = world.backend.asked.filter((asked) => asked.startsWith('load pack/'));
    expect(new Set(loads).size).toBeGreaterThan(4);
    // Two walks load the one tree twice.
    expect(loads.length).toBe(new Set(loads).size + 1);
    expect(world.errors()).toEqual([]);
  });

  it('leaves holes when asked', async () => {
    const zeros = new Uint8Array(1_000_000);
    await world.restore([world.file('s', ['start', zeros, zeros, 'end'])], { sparse: true });
    expect(stat('s').size).toBe(2_000_008n);
    expect(stat('s').blocks).toBeLessThan(100n);
    expect(readFileSync(at('s')).subarray(-4).toString()).toBe('\0end');
  });
});

describe('what exists', () => {
  const older = new Date('2001-01-01');
  const newer = new Date('2031-01-01');

  it('is compared piece by piece, and what is right is not loaded', async () => {
    put('f', 'AAAAbbbbCCCCrest');
    put('same', 'same');
    const inode = stat('same').ino;
    await world.restore([world.file('f', ['AAAA', 'BBBB', 'CCCC']), world.file('same', ['same'])]);
    expect(read('f')).toBe('AAAABBBBCCCC');
    expect(stat('same')).toMatchObject({ ino: inode, mtimeNs: noonNs });
    expect(world.actions()).toEqual(['unchanged /same', 'updated /f']);
    expect(world.progress.at(-1)).toMatchObject({ bytesDone: 12, bytesTotal: 12, bytesSkipped: 4 });
  });

  it('that is only longer or shorter is made right', async () => {
    put('long', 'AAAABBBBmore');
    put('short', 'AAAA');
    await world.restore([world.file('long', ['AAAA', 'BBBB']), world.file('short', ['AAAA', 'BBBB'])]);
    expect([read('long'), read('short')]).toEqual(['AAAABBBB', 'AAAABBBB']);
  });

  it.each([
    ['always', 'new', 'new', 'new'],
    ['if-changed', 'new', 'new', 'old'],
    ['if-newer', 'new', 'old', 'old'],
    ['never', 'old', 'old', 'old'],
  ] as const)('with %s: older, newer, and of the same time and size', async (overwrite, ...expected) => {
    put('older', 'old');
    utimesSync(at('older'), older, older);
    put('newer', 'old');
    utimesSync(at('newer'), newer, newer);
    put('same', 'old');
    utimesSync(at('same'), 1_580_644_800, 1_580_644_800);
    const mtime = { mtime: '2020-02-02T12:00:00Z' };
    const summary = await world.restore(
      ['older', 'newer', 'same'].map((name) => world.file(name, ['new'], mtime)),
      { overwrite, verify: false },
    );
    expect(['older', 'newer', 'same'].map(read)).toEqual(expected);
    expect(summary.filesSkipped).toBe(expected.filter((word) => word === 'old').length);
    expect(summary.errors).toBe(0);
  });

  it('in the way of another type makes way, but a full folder only with delete', async () => {
    put('was-file', 'x');
    put('was-full/child', 'x');
    mkdirSync(at('was-empty'));
    const nodes = [
      world.folder('was-file', [world.file('in', ['y'])]),
      world.symlink('was-empty', 'x'),
      world.file('was-full', ['y']),
    ];
    expect((await world.restore(nodes)).errors).toBe(1);
    expect(read('was-file/in')).toBe('y');
    expect(readlinkSync(at('was-empty'))).toBe('x');
    expect(existsSync(at('was-full/child'))).toBe(true);
    await world.restore(nodes, { delete: true });
    expect(read('was-full')).toBe('y');
  });

  it('with delete is removed where the snapshot does not have it, and the filter selects it', async () => {
    for (const path of ['a/keep', 'a/old', 'a/sub/x', 'a/sub/y.log', 'top', 'unrelated/z', 'a/only.log'])
      put(path, 'x');
    const nodes = [world.folder('a', [world.file('keep', ['x'])])];
    const filter = { kind: 'exclude', lists: [compilePatterns(['*.log', '/unrelated'])] } as const;
    const summary = await world.restore(nodes, { delete: true, filter, dryRun: true });
    expect(summary.filesDeleted).toBe(3);
    expect(readdirSync(at('a')).sort()).toEqual(['keep', 'old', 'only.log', 'sub']);
    expect((await world.restore(nodes, { delete: true, filter })).filesDeleted).toBe(3);
    expect(readdirSync(world.target).sort()).toEqual(['a', 'unrelated']);
    expect(readdirSync(at('a')).sort()).toEqual(['keep', 'only.log', 'sub']);
    expect(readdirSync(at('a/sub'))).toEqual(['y.log']);
    expect(world.actions().filter((action) => action.startsWith('deleted'))).toEqual([
      'deleted /a/old',
      'deleted /a/sub/x',
      'deleted /top',
    ]);
  });

  it('is not touched by a dry run, which tells the same', async () => {
    put('changed', 'old');
    const nodes = [
      world.file('changed', ['new']),
      world.folder('d', [world.file('f', ['x'])]),
      world.symlink('l', 'x'),
    ];
    const dry = await world.restore(nodes, { dryRun: true });
    const told = world.actions();
    expect(readdirSync(world.target)).toEqual(['changed']);
    expect(read('changed')).toBe('old');
    const wet = await world.restore(nodes);
    expect(world.actions()).toEqual(told);
    expect({ ...wet, filesVerified: 0, dryRun: true }).toEqual(dry);
    await world.restore(nodes, { dryRun: true, target: fromText(at('missing')) });
    expect(existsSync(at('missing'))).toBe(false);
  });
});

describe('a hostile snapshot', () => {
  it('leads nowhere by its names', async () => {
    const names = ['..', '.', 'a/b', '../outside/evil', '/etc/evil', 'a\0b', 'n'.repeat(300)];
    const nodes = names.flatMap((name) => [world.file(name, ['evil'])]);
    const folders = ['../outside', '..\0'].map((name) => world.folder(name, [world.file('evil', ['evil'])]));
    const summary = await world.restore([...nodes, ...folders, world.file('good', ['good'])], {
      delete: true,
    });
    expect(summary.errors).toBe(9);
    expect(readdirSync(world.target)).toEqual(['good']);
    expect(readdirSync(world.box).sort()).toEqual(['outside', 'target']);
  });

  it('cannot plant a symlink and write through it, in one restore or in two', async () => {
    const link = world.symlink('way', world.outside);
    const folder = world.folder('way', [world.file('precious', ['evil'])]);
    await expect(world.restore([link, folder])).rejects.toMatchObject({ code: 'damaged' });
    await world.restore([link]);
    expect(stat('way').isSymbolicLink()).toBe(true);
    expect((await world.restore([folder], { overwrite: 'never' })).errors).toBe(1);
    const includes = { kind: 'include', lists: [compilePatterns(['precious'])] } as const;
    expect((await world.restore([folder], { filter: includes })).errors).toBe(1);
    expect(stat('way').isSymbolicLink()).toBe(true);
    expect((await world.restore([folder])).errors).toBe(0);
    expect(read('way/precious')).toBe('evil');
  });

  it('does not write through hard links to files outside, nor change their metadata', async () => {
    mkdirSync(world.target);
    linkSync(join(world.outside, 'precious'), at('same'));
    linkSync(join(world.outside, 'precious'), at('other'));
    const before = stat('same').mode;
    await world.restore([
      world.file('same', ['precious'], { mode: 0o777 }),
      world.file('other', ['changed'], { mode: 0o777 }),
    ]);
    expect(lstatSync(join(world.outside, 'precious'), { bigint: true })).toMatchObject({
      mode: before,
      nlink: 1n,
    });
    expect(read('other')).toBe('changed');
  });

  it('that lies about sizes is told, and what is there is restored', async () => {
    const summary = await world.restore([
      world.file('small', ['abc'], { size: 5_000_000_000_000 }),
      world.file('large', ['abc'], { size: 1 }),
    ]);
    expect(world.errors()).toEqual([
      '/large: the snapshot says it has 1 bytes, but its content has 3',
      '/small: the snapshot says it has 5000000000000 bytes, but its content has 3',
    ]);
    expect([read('small'), read('large')]).toEqual(['abc', 'abc']);
    expect(summary.filesDone).toBe(2);
  });

  it.skipIf(!asRoot)('gets devices and set-id bits only when trusted', async () => {
    const nodes = [
      { ...node('zero', 'chardev', 0o666), device: 0x105n, links: 1 },
      world.file('suid', ['x'], { mode: 0o755 + (1 << 23) }),
    ];
    await world.restore(nodes, { trust: { devices: false, setIdBits: false } });
    expect(readdirSync(world.target)).toEqual(['suid']);
    expect(stat('suid').mode & 0o7777n).toBe(0o755n);
    await world.restore(nodes);
    expect(stat('zero')).toMatchObject({ rdev: 0x105n });
    expect(stat('suid').mode & 0o7777n).toBe(0o4755n);
  });

  it('joins names of different content by no link', async () => {
    const links = { links: 2, inode: 9n };
    await world.restore([world.file('a', ['one'], links), world.file('b', ['two'], links)]);
    expect([read('a'), read('b')]).toEqual(['one', 'two']);
  });
});

describe('damage', () => {
  it('fails the files that need the blob, and no other', async () => {
    const links = { links: 2, inode: 5n };
    const nodes = [
      world.file('bad1', ['good part', 'bad part'], links),
      world.file('bad2', ['bad part']),
      world.file('bad3', ['good part', 'bad part'], links),
      world.file('good', ['good part']),
      world.folder('d', []),
    ];
    put('bad2', 'what I had');
    await world.restore(nodes, { dryRun: true });
    world.damage('bad part');
    const summary = await world.restore(nodes);
    expect(world.errors().map((error) => error.split(':')[0])).toEqual(['/bad1', '/bad2', '/bad3']);
    expect(readdirSync(world.target).sort()).toEqual(['bad2', 'd', 'good']);
    expect(read('bad2')).toBe('what I had');
    expect(summary).toMatchObject({ errors: 3, filesDone: 2, filesTotal: 5 });
  });

  it('of one tree fails that folder, deletes nothing in it, and the rest is restored', async () => {
    put('broken/mine', 'x');
    const lost = { ...node('broken', 'dir', 0o700), subtree: '0'.repeat(64) };
    const noTree = node('no-tree', 'dir', 0o700);
    const summary = await world.restore([lost, noTree, world.file('z', ['z'])], { delete: true });
    expect(summary.errors).toBe(2);
    expect(read('broken/mine')).toBe('x');
    expect(read('z')).toBe('z');
  });

  it('by a missing blob fails that file', async () => {
    const gone = world.file('gone', ['x'], { content: ['1'.repeat(64)] });
    expect((await world.restore([gone, world.file('z', ['z'])])).errors).toBe(1);
    expect(readdirSync(world.target)).toEqual(['z']);
  });

  it('at the target is found by verifying', async () => {
    put('f', 'something of the same size and time'.slice(0, 7));
    utimesSync(at('f'), 1_580_644_800, 1_580_644_800);
    const file = world.file('f', ['content'], { mtime: '2020-02-02T12:00:00Z' });
    const summary = await world.restore([file], { overwrite: 'if-changed' });
    expect(summary).toMatchObject({ errors: 1, filesVerified: 0 });
    expect(world.news).toContainEqual(expect.objectContaining({ type: 'error', during: 'verify' }));
  });
});

describe('a cancel', () => {
  it('leaves no file that is not whole, and nothing else of ours', async () => {
    const pieces = Array.from({ length: 20 }, (_, i) => seededChance(i).bytes(3_000));
    const cancel = new AbortController();
    put('old', 'what I had');
    let loads = 0;
    world.backend.before = (operation, { type }) => {
      if (operation === 'load' && type === 'pack' && ++loads === 8) cancel.abort(new Failure('cancelled'));
    };
    const restore = world.restore(
      [world.file('first', [pieces[0]!]), world.file('old', pieces), world.file('new', pieces)],
      {},
      cancel.signal,
    );
    await expect(restore).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(world.target).sort()).toEqual(['first', 'old']);
    expect(read('old')).toBe('what I had');
    expect(stat('first').mtimeNs).toBe(parseTime(noon));
  });
});

it('a target that cannot be is a clear failure', async () => {
  writeFileSync(join(world.box, 'file'), '');
  const target = fromText(join(world.box, 'file/below'));
  await expect(world.restore([], { target })).rejects.toMatchObject({
    code: 'io',
    detail: { errno: 'ENOTDIR', operation: 'create' },
  });
  symlinkSync(world.outside, join(world.box, 'link'));
  await world.restore([], { target: fromText(join(world.box, 'link')) });
});
