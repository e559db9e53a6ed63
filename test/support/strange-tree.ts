/**
 * Makes a folder with every strange thing that a backup may meet. What this machine or user cannot make is left out
 * and named: a test that compares two trees says so, and one for root with all tools may ask that nothing is.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { seededBytes } from './seeded-bytes.ts';
import { strangeNames } from './strange-names.ts';

export interface StrangeTree {
  readonly made: readonly string[];
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

const KiB = 1024;
const MiB = 1024 * KiB;

/** `folder` must be there and be empty. The same tree every time, but for owners, change times and inode numbers. */
export function makeStrangeTree(folder: string): StrangeTree {
  const made: string[] = [];
  const leftOut: { what: string; why: string }[] = [];
  const tryTo: TryTo = (what, make) => {
    try {
      make();
      made.push(what);
    } catch (error) {
      leftOut.push({ what, why: error instanceof Error ? error.message.trim() : String(error) });
    }
  };
  const steps = [
    makeNames,
    makeSizes,
    makeTypes,
    makeSymlinks,
    makeHardLinks,
    makeSparse,
    makeModes,
    makeOwners,
  ];
  for (const step of [...steps, makeAttributes, makeAcls, makeTimes]) {
    // Each in a folder of its own, named as the function.
    const home = join(folder, step.name.slice('make'.length).toLowerCase());
    mkdirSync(home);
    step(home, tryTo);
  }
  // Last, because making an entry changes its folder's time.
  tryTo('times of folders', () => {
    for (const name of ['names', 'types', 'modes']) touch(folder, name, '2001-02-03 04:05:06.789012345');
  });
  return { made, leftOut };
}

type TryTo = (what: string, make: () => void) => void;

function makeNames(home: string, tryTo: TryTo): void {
  for (const [what, name] of Object.entries(strangeNames)) {
    const path = Buffer.from(join(home, name), 'latin1');
    tryTo(`name: ${what}`, () => writeFileSync(path, what));
  }
  tryTo('folder with a strange name', () => {
    const path = join(home, 'folder \xff\n"');
    mkdirSync(Buffer.from(path, 'latin1'));
    writeFileSync(Buffer.from(`${path}/in\xfeside`, 'latin1'), 'inside');
  });
}

function makeSizes(home: string, tryTo: TryTo): void {
  tryTo('empty file', () => writeFileSync(join(home, 'empty'), ''));
  tryTo('empty folder', () => mkdirSync(join(home, 'empty-folder')));
  for (const size of [1, 512 * KiB - 1, 512 * KiB, 512 * KiB + 1, 8 * MiB + 1, 20 * MiB]) {
    tryTo(`file of ${size} bytes`, () => writeFileSync(join(home, `${size}`), seededBytes(`${size}`, size)));
  }
  tryTo('file of zeros', () => writeFileSync(join(home, 'zeros'), Buffer.alloc(10 * MiB)));
  tryTo('two files with the same content', () =>
    copyFileSync(join(home, `${512 * KiB}`), join(home, 'same')),
  );
  tryTo('deep folders', () => mkdirSync(join(home, ...'deep'.repeat(10)), { recursive: true }));
}

function makeTypes(home: string, tryTo: TryTo): void {
  const mknod = (...args: string[]): void => void run('mknod', args, home);
  tryTo('fifo', () => run('mkfifo', ['fifo'], home));
  tryTo('socket', () => run(process.execPath, ['-e', listenAndDie, 'socket'], home));
  tryTo('character device', () => mknod('null', 'c', '1', '3'));
  tryTo('block device', () => mknod('loop', 'b', '7', '0'));
  tryTo('device with large numbers', () => mknod('large', 'c', '511', '70000'));
}

/** A socket stays when its server had no time to remove it. */
const listenAndDie = "require('net').createServer().listen(process.argv[1], () => process.reallyExit(0));";

function makeSymlinks(home: string, tryTo: TryTo): void {
  const targets: Record<string, string> = {
    absolute: '/etc/hostname',
    dangling: 'no/such/file',
    parent: '..',
    itself: 'itself',
    'not-utf-8': 'caf\xe9/\xff',
    newline: 'a\nb',
    long: 'x/'.repeat(1000),
  };
  for (const [name, target] of Object.entries(targets)) {
    tryTo(`symlink: ${name}`, () => symlinkSync(Buffer.from(target, 'latin1'), join(home, name)));
  }
}

function makeHardLinks(home: string, tryTo: TryTo): void {
  tryTo('hard links in two folders', () => {
    mkdirSync(join(home, 'b'));
    writeFileSync(join(home, 'a'), 'shared');
    linkSync(join(home, 'a'), join(home, 'b', 'a'));
    linkSync(join(home, 'a'), join(home, 'c'));
  });
  tryTo('hard links to an empty file', () => {
    writeFileSync(join(home, 'd'), '');
    linkSync(join(home, 'd'), join(home, 'e'));
  });
}

function makeSparse(home: string, tryTo: TryTo): void {
  const holes: Record<string, readonly number[]> = {
    'hole-at-start': [4 * MiB],
    'hole-in-the-middle': [0, 6 * MiB],
    'hole-at-end': [0],
    'only-a-hole': [],
  };
  for (const [name, writesAt] of Object.entries(holes)) {
    tryTo(`sparse file: ${name}`, () => {
      const file = openSync(join(home, name), 'w');
      const data = seededBytes(name, 100 * KiB);
      for (const at of writesAt) writeSync(file, data, 0, data.length, at);
      ftruncateSync(file, name === 'hole-at-start' ? 4 * MiB + data.length : 9 * MiB);
      closeSync(file);
    });
  }
}

function makeModes(home: string, tryTo: TryTo): void {
  for (const mode of ['0000', '0200', '0444', '0755', '4755', '2755', '1644', '7777']) {
    if (process.getuid?.() !== 0 && (Number.parseInt(mode, 8) & 0o400) === 0) {
      tryTo(`file of mode ${mode}`, () => {
        throw new Error('only root could read it');
      });
      continue;
    }
    tryTo(`file of mode ${mode}`, () => {
      writeFileSync(join(home, mode), mode);
      chmodSync(join(home, mode), Number.parseInt(mode, 8));
    });
  }
  for (const mode of ['1777', '2775', '0500', '7777']) {
    tryTo(`folder of mode ${mode}`, () => {
      mkdirSync(join(home, `folder-${mode}`));
      writeFileSync(join(home, `folder-${mode}`, 'file'), mode);
      chmodSync(join(home, `folder-${mode}`), Number.parseInt(mode, 8));
    });
  }
}

function makeOwners(home: string, tryTo: TryTo): void {
  const owners: Record<string, readonly [number, number]> = {
    known: [1, 2],
    nameless: [12345, 54321],
    large: [3_000_000_000, 4_000_000_000],
  };
  for (const [name, [uid, gid]] of Object.entries(owners)) {
    tryTo(`owner: ${name}`, () => {
      writeFileSync(join(home, name), name);
      chownSync(join(home, name), uid, gid);
      // Changing the owner takes these bits away, so a restore must set them after it.
      chmodSync(join(home, name), 0o6755);
    });
  }
}

function makeAttributes(home: string, tryTo: TryTo): void {
  mkdirSync(join(home, 'folder'));
  for (const name of ['file', 'folder/file']) writeFileSync(join(home, name), name);
  symlinkSync('file', join(home, 'symlink'));
  const set = (what: string, path: string, name: string, ...value: string[]): void =>
    tryTo(`extended attribute: ${what}`, () => run('setfattr', ['-h', '-n', name, ...value, path], home));
  set('text', 'file', 'user.text', '-v', 'some text');
  set('empty', 'file', 'user.empty');
  set('binary', 'file', 'user.binary', '-v', '0x00ff0a0d225c00');
  set('long', 'folder/file', 'user.long', '-v', `0x${'5ca1ab1e'.repeat(700)}`);
  set('name that is not ASCII', 'file', 'user.é "\\', '-v', 'x');
  set('of a folder', 'folder', 'user.folder', '-v', 'x');
  set('trusted', 'file', 'trusted.secret', '-v', 'x');
  set('of a symlink', 'symlink', 'trusted.symlink', '-v', 'x');
}

function makeAcls(home: string, tryTo: TryTo): void {
  writeFileSync(join(home, 'file'), 'acl');
  mkdirSync(join(home, 'folder'));
  tryTo('ACL of a file', () => run('setfacl', ['-m', 'u:12345:rw,g:54321:r', 'file'], home));
  tryTo('ACL of a folder, and its default', () =>
    run('setfacl', ['-m', 'u:12345:rwx,d:u:12345:rwx,d:o::-', 'folder'], home),
  );
}

function makeTimes(home: string, tryTo: TryTo): void {
  const times: Record<string, string> = {
    'before-1970': '1955-11-05 06:15:00.5',
    'just-before-1970': '1969-12-31 23:59:59.999999999',
    zero: '1970-01-01 00:00:00',
    'one-nanosecond': '2020-02-29 12:00:00.000000001',
    'last-nanosecond': '2020-02-29 12:00:00.999999999',
    'after-2038': '2040-06-01 00:00:00.123456789',
    'in-2100': '2100-01-01 00:00:00.1',
  };
  for (const [name, time] of Object.entries(times)) {
    tryTo(`time: ${name}`, () => {
      writeFileSync(join(home, name), name);
      touch(home, name, time);
      symlinkSync(name, join(home, `${name}-symlink`));
      touch(home, `${name}-symlink`, time);
    });
  }
}

/** To the nanosecond, which Node's own call is not. */
function touch(cwd: string, name: string, time: string): void {
  run('touch', ['-h', '-d', `${time} UTC`, name], cwd);
}

function run(program: string, args: readonly string[], cwd: string): void {
  execFileSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}
