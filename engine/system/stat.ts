/**
 * What the system knows of an entry of a file system, exact to the nanosecond. On Linux it is asked straight: Node's own
 * answers are eighteen large integers and an object of dates for each entry, which takes longer than the system does.
 */
import { type BigIntStats, constants, fstatSync, lstatSync, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { type ByteString, fromText } from '../base/byte-string.ts';
import { type CLibrary, lendCText, systemCalls, systemError } from './libc.ts';

export type EntryKind = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket' | 'irregular';

export interface Stat {
  readonly kind: EntryKind;
  /** Permission bits with setuid, setgid and sticky: the lower twelve bits of `st_mode`. */
  readonly permissions: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly uid: number;
  readonly gid: number;
  readonly inode: bigint;
  readonly deviceId: bigint;
  readonly sizeBytes: number;
  readonly links: number;
  /** `st_rdev`. */
  readonly device: bigint;
}

const kinds: Readonly<Record<number, EntryKind>> = {
  [constants.S_IFREG]: 'file',
  [constants.S_IFDIR]: 'dir',
  [constants.S_IFLNK]: 'symlink',
  [constants.S_IFBLK]: 'dev',
  [constants.S_IFCHR]: 'chardev',
  [constants.S_IFIFO]: 'fifo',
  [constants.S_IFSOCK]: 'socket',
};
const permissionBits = 0o7777;

/** Without `follow`, a symlink at the end of the path is itself what is meant. Throws the errors of `node:fs`. */
export function statOf(path: ByteString, { follow = false } = {}): Stat {
  const ask = straight();
  if (ask !== undefined) {
    const stat = ask.path(path, follow);
    if (typeof stat === 'object') return stat;
    throw systemError(stat, follow ? 'stat' : 'lstat', path);
  }
  const bytes = Buffer.from(path, 'latin1');
  return fromNode(follow ? statSync(bytes, { bigint: true }) : lstatSync(bytes, { bigint: true }));
}

/** The same for what may not be there, a symlink itself: then undefined. */
export function statIfThere(path: ByteString): Stat | undefined {
  const ask = straight();
  if (ask !== undefined) {
    const stat = ask.path(path, false);
    if (typeof stat === 'object') return stat;
    if (stat === system.errno.ENOENT) return undefined;
    throw systemError(stat, 'lstat', path);
  }
  const stat = lstatSync(Buffer.from(path, 'latin1'), { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : fromNode(stat);
}

/** Of what is open. */
export function statOpen(descriptor: number): Stat {
  return straight()?.open(descriptor) ?? fromNode(fstatSync(descriptor, { bigint: true }));
}

function fromNode(stat: BigIntStats): Stat {
  const mode = Number(stat.mode);
  return {
    kind: kinds[mode & constants.S_IFMT] ?? 'irregular',
    permissions: mode & permissionBits,
    mtimeNs: stat.mtimeNs,
    atimeNs: stat.atimeNs,
    ctimeNs: stat.ctimeNs,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    // Node reads them as signed.
    inode: BigInt.asUintN(64, stat.ino),
    deviceId: BigInt.asUintN(64, stat.dev),
    sizeBytes: Number(stat.size),
    links: Number(stat.nlink),
    device: BigInt.asUintN(64, stat.rdev),
  };
}

/** Without Node between. */
interface StraightStat {
  /** The error's number where it fails. */
  path(path: ByteString, follow: boolean): Stat | number;
  /** Undefined where it fails. */
  open(descriptor: number): Stat | undefined;
}

let loaded: { straight: StraightStat | undefined } | undefined;

/** Used only where it gives Node's answer about the folder that is always there. */
function straight(): StraightStat | undefined {
  loaded ??= { straight: loadStraight() };
  return loaded.straight;
}

function loadStraight(): StraightStat | undefined {
  const calls = systemCalls();
  if (calls?.statx === undefined) return undefined;
  const asked = straightStat(calls, calls.statx);
  const expected = fromNode(lstatSync('/', { bigint: true }));
  const found = asked.path(fromText('/'), false);
  const isRight = typeof found === 'object' && keys.every((key) => found[key] === expected[key]);
  return isRight ? asked : undefined;
}

/** All but the time of the last access, which another process may move. */
const keys: readonly (keyof Stat)[] = [
  'kind',
  'permissions',
  'mtimeNs',
  'ctimeNs',
  'uid',
  'gid',
  'inode',
  'deviceId',
  'sizeBytes',
  'links',
  'device',
];

/** From Linux's `fcntl.h` and `stat.h`. */
const atCwd = -100;
const noFollow = 0x100;
const emptyPath = 0x1000;
const basicStats = 0x7ff;
const statxBytes = 256;
const noPath = fromText('');
const billion = 1_000_000_000n;

/** Where the members of Linux's `struct statx` lie, the same on every processor, counted in their own sizes. */
const at = {
  links: 16 / 4,
  uid: 20 / 4,
  gid: 24 / 4,
  mode: 28 / 2,
  inode: 32 / 8,
  size: 40 / 8,
  atime: 64,
  ctime: 96,
  mtime: 112,
  device: 128 / 4,
  deviceId: 136 / 4,
};

function straightStat(calls: CLibrary, statx: NonNullable<CLibrary['statx']>): StraightStat {
  const { bytes, address: into } = calls.lend(statxBytes);
  const space = bytes.buffer;
  const [u16, u32] = [new Uint16Array(space), new Uint32Array(space)];
  const [u64, i64] = [new BigUint64Array(space), new BigInt64Array(space)];
  const timeNs = (offset: number): bigint => i64[offset / 8]! * billion + BigInt(u32[offset / 4 + 2]!);
  const deviceAt = (index: number): bigint => deviceNumber(u32[index]!, u32[index + 1]!);
  const read = (): Stat => {
    const mode = u16[at.mode]!;
    return {
      kind: kinds[mode & constants.S_IFMT] ?? 'irregular',
      permissions: mode & permissionBits,
      mtimeNs: timeNs(at.mtime),
      atimeNs: timeNs(at.atime),
      ctimeNs: timeNs(at.ctime),
      uid: u32[at.uid]!,
      gid: u32[at.gid]!,
      inode: u64[at.inode]!,
      deviceId: deviceAt(at.deviceId),
      sizeBytes: Number(u64[at.size]!),
      links: u32[at.links]!,
      device: deviceAt(at.device),
    };
  };
  return {
    path(path, follow) {
      for (;;) {
        if (statx(atCwd, lendCText(calls, path), follow ? 0 : noFollow, basicStats, into) === 0)
          return read();
        const errno = calls.lastErrno();
        if (errno !== system.errno.EINTR) return errno;
      }
    },
    open: (descriptor) =>
      statx(descriptor, lendCText(calls, noPath), emptyPath, basicStats, into) === 0 ? read() : undefined,
  };
}

/** As glibc puts the two parts of a device's number together. */
function deviceNumber(major: number, minor: number): bigint {
  if (major < 0x1000 && minor < 0x100) return BigInt(major * 0x100 + minor);
  const [a, b] = [BigInt(major), BigInt(minor)];
  return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn);
}
