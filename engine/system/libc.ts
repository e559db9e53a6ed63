/**
 * What Node lacks of the operating system: extended attributes, times to the nanosecond, devices and fifos, by
 * calls into the machine's own C library. Loaded on first use, so that a command that needs none of it starts
 * quickly; where it cannot be loaded (and always on Windows) `systemCalls` answers undefined.
 *
 * The branch for macOS follows Apple's manual pages and has not run yet.
 */
import { constants } from 'node:os';
import { getSystemErrorMessage } from 'node:util';
import type { LibraryHandle } from 'koffi';
import { type ByteString, toText } from '../base/byte-string.ts';
import { type Koffi, loadKoffi } from './load-koffi.ts';

type Native = (...parameters: unknown[]) => number;

/** Memory with its address: told by that, it is passed in a third of the time. */
export interface Lent {
  readonly bytes: Buffer;
  readonly address: number;
}

/**
 * The C functions, with what differs between systems ironed out. Paths and names end in NUL (see `toCText`); where a number
 * is wanted, it is the address of such a one (see `lendCText`). Each returns -1 when it fails; `lastErrno` then tells why,
 * until the next call. Without `follow`, a symlink at the end of the path is itself what is meant.
 */
export interface CLibrary {
  lend(bytes: number): Lent;
  listAttributes(path: number, into: Lent, follow: boolean): number;
  /** Of what is open for reading or writing: no path has to be walked. */
  listOpenAttributes(descriptor: number, into: Lent): number;
  setOpenTimes(descriptor: number, times: number): number;
  /** All of it will soon be read: the system may begin to. */
  readonly readSoon?: (descriptor: number) => number;
  getAttribute(path: Uint8Array, name: Uint8Array, into: Lent, follow: boolean): number;
  setAttribute(path: Uint8Array, name: Uint8Array, value: Uint8Array, follow: boolean): number;
  removeAttribute(path: Uint8Array, name: Uint8Array, follow: boolean): number;
  /** `times`: the address of two `timespec`, of reading and of changing. */
  setTimes(path: number, times: number, follow: boolean): number;
  /** Within a folder that is open. */
  renameIn(folder: number, from: number, to: number): number;
  /** Linux's own. */
  readonly statx?: (folder: number, path: number, flags: number, wanted: number, into: number) => number;
  makeNode(path: Uint8Array, mode: number, device: bigint): number;
  makeFifo(path: Uint8Array, mode: number): number;
  /** Only where users are not listed in `/etc/passwd`. */
  readonly userName?: (uid: number) => string | undefined;
  readonly groupName?: (gid: number) => string | undefined;
  lastErrno(): number;
}

let loaded: { calls: CLibrary | undefined } | undefined;

/** Undefined where this machine offers none of it; the same answer for the whole life of the process. */
export function systemCalls(): CLibrary | undefined {
  loaded ??= { calls: load() };
  return loaded.calls;
}

/** Throws `ENOTSUP` where there are none. */
export function needSystemCalls(syscall: string, path: ByteString): CLibrary {
  const calls = systemCalls();
  if (calls === undefined) throw systemError(constants.errno.ENOTSUP, syscall, path);
  return calls;
}

/** Whether extended attributes, exact times and devices can be had: if not, tell the person once. */
export function systemCallsAvailable(): boolean {
  return systemCalls() !== undefined;
}

function load(): CLibrary | undefined {
  if (process.platform !== 'linux' && process.platform !== 'darwin') return undefined;
  try {
    const koffi = loadKoffi();
    // `timespec` below is that of 64-bit systems, the only ones that current Node runs on.
    if (koffi.sizeof('long') !== 8) return undefined;
    const library = koffi.load(null);
    return process.platform === 'linux' ? onLinux(koffi, library) : onMac(koffi, library);
  } catch {
    return undefined;
  }
}

function onLinux(koffi: Koffi, c: LibraryHandle): CLibrary {
  const list = ['uintptr_t', 'uintptr_t', 'size_t'];
  const get = ['void *', 'void *', 'uintptr_t', 'size_t'];
  const set = ['void *', 'void *', 'void *', 'size_t', 'int'];
  const remove = ['void *', 'void *'];
  const pair = (name: string, result: string, types: string[]): ((follow: boolean) => Native) => {
    const here: Native = c.func(`l${name}`, result, types);
    const through: Native = c.func(name, result, types);
    return (follow) => (follow ? through : here);
  };
  const listxattr = pair('listxattr', 'intptr_t', list);
  const getxattr = pair('getxattr', 'intptr_t', get);
  const flistxattr: Native = c.func('flistxattr', 'intptr_t', ['int', 'uintptr_t', 'size_t']);
  const setxattr = pair('setxattr', 'int', set);
  const removexattr = pair('removexattr', 'int', remove);
  const fadvise: Native = c.func('posix_fadvise', 'int', ['int', 'int64_t', 'int64_t', 'int']);
  return {
    ...filesOfPosix(koffi, c, { atCwd: -100, noFollow: 0x100 }),
    ...statxOnLinux(c),
    makeNode: makeNodeOnLinux(c),
    // POSIX_FADV_WILLNEED
    readSoon: (descriptor) => fadvise(descriptor, 0, 0, 3),
    listAttributes: (path, { address, bytes }, follow) => listxattr(follow)(path, address, bytes.length),
    listOpenAttributes: (descriptor, { address, bytes }) => flistxattr(descriptor, address, bytes.length),
    getAttribute: (path, name, { address, bytes }, follow) =>
      getxattr(follow)(path, name, address, bytes.length),
    setAttribute: (path, name, value, follow) => setxattr(follow)(path, name, value, value.length, 0),
    removeAttribute: (path, name, follow) => removexattr(follow)(path, name),
  };
}

function statxOnLinux(c: LibraryHandle): Pick<CLibrary, 'statx'> {
  try {
    return { statx: c.func('statx', 'int', ['int', 'uintptr_t', 'int', 'uint', 'uintptr_t']) };
  } catch {
    // Older C libraries do without.
    return {};
  }
}

function makeNodeOnLinux(c: LibraryHandle): CLibrary['makeNode'] {
  try {
    const mknod: Native = c.func('mknod', 'int', ['void *', 'uint', 'uint64_t']);
    return (path, mode, device) => mknod(path, mode, device);
  } catch {
    // glibc before 2.33 has it only under this name, with a version and the device by reference.
    const mknod: Native = c.func('__xmknod', 'int', ['int', 'void *', 'uint', 'void *']);
    return (path, mode, device) => mknod(0, path, mode, BigUint64Array.of(device));
  }
}

function onMac(koffi: Koffi, c: LibraryHandle): CLibrary {
  const listxattr: Native = c.func('listxattr', 'intptr_t', ['uintptr_t', 'uintptr_t', 'size_t', 'int']);
  const flistxattr: Native = c.func('flistxattr', 'intptr_t', ['int', 'uintptr_t', 'size_t', 'int']);
  const value = (of: string): string[] => ['void *', 'void *', of, 'size_t', 'uint32_t', 'int'];
  const getxattr: Native = c.func('getxattr', 'intptr_t', value('uintptr_t'));
  const setxattr: Native = c.func('setxattr', 'int', value('void *'));
  const removexattr: Native = c.func('removexattr', 'int', ['void *', 'void *', 'int']);
  const mknod: Native = c.func('mknod', 'int', ['void *', 'uint16_t', 'int32_t']);
  const option = (follow: boolean): number => (follow ? 0 : 1);
  return {
    ...filesOfPosix(koffi, c, { atCwd: -2, noFollow: 0x20 }),
    makeNode: (path, mode, device) => mknod(path, mode, Number(BigInt.asIntN(32, device))),
    listAttributes: (path, { address, bytes }, follow) =>
      listxattr(path, address, bytes.length, option(follow)),
    listOpenAttributes: (descriptor, { address, bytes }) => flistxattr(descriptor, address, bytes.length, 0),
    getAttribute: (path, name, { address, bytes }, follow) =>
      getxattr(path, name, address, bytes.length, 0, option(follow)),
    setAttribute: (path, name, bytes, follow) => setxattr(path, name, bytes, bytes.length, 0, option(follow)),
    removeAttribute: (path, name, follow) => removexattr(path, name, option(follow)),
    userName: nameBy(koffi, c, 'getpwuid'),
    groupName: nameBy(koffi, c, 'getgrgid'),
  };
}

/** Both answer with a structure whose first member points to the name. */
function nameBy(koffi: Koffi, c: LibraryHandle, call: string): (id: number) => string | undefined {
  const find = c.func(call, 'void *', ['uint32_t']);
  return (id) => {
    const entry = find(id);
    return entry ? koffi.decode(entry, 'char *') : undefined;
  };
}

function filesOfPosix(
  koffi: Koffi,
  c: LibraryHandle,
  { atCwd, noFollow }: { atCwd: number; noFollow: number },
): Pick<CLibrary, 'lend' | 'renameIn' | 'setTimes' | 'setOpenTimes' | 'makeFifo' | 'lastErrno'> {
  const utimensat: Native = c.func('utimensat', 'int', ['int', 'uintptr_t', 'uintptr_t', 'int']);
  const futimens: Native = c.func('futimens', 'int', ['int', 'uintptr_t']);
  const renameat: Native = c.func('renameat', 'int', ['int', 'uintptr_t', 'int', 'uintptr_t']);
  const mkfifo: Native = c.func('mkfifo', 'int', ['void *', 'uint']);
  return {
    lend(count) {
      const bytes = Buffer.allocUnsafeSlow(count);
      return { bytes, address: Number(koffi.address(bytes)) };
    },
    renameIn: (folder, from, to) => renameat(folder, from, folder, to),
    setTimes: (path, times, follow) => utimensat(atCwd, path, times, follow ? 0 : noFollow),
    setOpenTimes: (descriptor, times) => futimens(descriptor, times),
    makeFifo: (path, mode) => mkfifo(path, mode),
    lastErrno: () => koffi.errno(),
  };
}

/** The bytes of a path or name as C wants them. A NUL within would hide the rest, and is refused. */
export function toCText(bytes: ByteString): Buffer {
  if (bytes.includes('\0')) throw systemError(constants.errno.EINVAL, 'path', bytes);
  return Buffer.from(`${bytes}\0`, 'latin1');
}

/** As long as a path may be, and longer. */
const pathBytesMax = 8 * 1024;
const lent: Lent[] = [];

/**
 * The address of the same, good until the next call of this with the same number: for functions that do not keep it, and take
 * more than one.
 */
export function lendCText(calls: CLibrary, bytes: ByteString, number: 0 | 1 = 0): number {
  if (bytes.length >= pathBytesMax) throw systemError(constants.errno.ENAMETOOLONG, 'path', bytes);
  if (bytes.includes('\0')) throw systemError(constants.errno.EINVAL, 'path', bytes);
  lent[number] ??= calls.lend(pathBytesMax);
  const space = lent[number];
  space.bytes[space.bytes.write(bytes, 'latin1')] = 0;
  return space.address;
}

const codes = new Map<number, string>();
for (const [code, errno] of Object.entries(constants.errno)) if (!codes.has(errno)) codes.set(errno, code);
// macOS says ENOATTR, which Node has no name for.
if (process.platform === 'darwin') codes.set(93, 'ENODATA');

/** An error like those of `node:fs`: with `code`, `errno`, `syscall` and, for people, `path`. */
export function systemError(errno: number, syscall: string, path: ByteString): NodeJS.ErrnoException {
  const code = codes.get(errno) ?? `E${errno}`;
  const shown = toText(path);
  const error = new Error(`${code}: ${getSystemErrorMessage(-errno)}, ${syscall} '${shown}'`);
  return Object.assign(error, { code, errno: -errno, syscall, path: shown });
}
