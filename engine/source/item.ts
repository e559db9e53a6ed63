/**
 * An item: one entry of the user's files as it was found, before anything of the repository is known about it.
 * Names, link targets and attributes are the bytes that the system has. Read by the walk and by backups.
 */
import { type BigIntStats, constants, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { systemCalls } from '../system/libc.ts';
import { nameBook } from '../system/names.ts';
import { type AttributeError, type ExtendedAttribute, readAttributes } from '../system/xattr.ts';

export type ItemKind = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket' | 'irregular';

export interface Item {
  readonly name: ByteString;
  readonly kind: ItemKind;
  /** Permission bits with setuid, setgid and sticky: the lower twelve bits of `st_mode`. */
  readonly permissions: number;
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly uid: number;
  readonly gid: number;
  readonly user?: string;
  readonly group?: string;
  readonly inode: bigint;
  readonly deviceId: bigint;
  readonly sizeBytes: number;
  readonly links: number;
  readonly linkTarget?: ByteString;
  /** `st_rdev`. */
  readonly device: bigint;
  /** In the order in which the system lists them. */
  readonly extendedAttributes: readonly ExtendedAttribute[];
  /** Attributes that could not be read: the item is whole but for them, and the caller warns. */
  readonly attributeErrors: readonly AttributeError[];
}

/** What a first look at an item tells. */
export type Glance = Pick<Item, 'kind' | 'sizeBytes' | 'deviceId'>;

const kinds: Readonly<Record<number, ItemKind>> = {
  [constants.S_IFREG]: 'file',
  [constants.S_IFDIR]: 'dir',
  [constants.S_IFLNK]: 'symlink',
  [constants.S_IFBLK]: 'dev',
  [constants.S_IFCHR]: 'chardev',
  [constants.S_IFIFO]: 'fifo',
  [constants.S_IFSOCK]: 'socket',
};

/** Loads all that is native and is needed below. */
export function loadItemCalls(): void {
  systemCalls();
}

/** The entry at `path`, itself if it is a symlink. Throws the errors of `node:fs`. */
export function readItem(path: ByteString, name: ByteString): Item {
  return itemFromStat(lstatSync(Buffer.from(path, 'latin1'), { bigint: true }), path, name);
}

/** The entry at `path`, itself if it is a symlink, without its attributes and owners. */
export function glance(path: ByteString): Glance {
  const { mode, size, dev } = lstatSync(Buffer.from(path, 'latin1'));
  return {
    kind: kinds[mode & constants.S_IFMT] ?? 'irregular',
    sizeBytes: size,
    deviceId: process.platform === 'win32' ? 0n : BigInt.asUintN(64, BigInt(dev)),
  };
}

/**
 * The same from what `fstat` said of an opened file: then link target and attributes alone come from the path.
 * With `follow`, attributes are those of what a symlink at `path` leads to.
 */
export function itemFromStat(stat: BigIntStats, path: ByteString, name: ByteString, follow = false): Item {
  const mode = Number(stat.mode);
  const kind = kinds[mode & constants.S_IFMT] ?? 'irregular';
  const { attributes, errors } = readAttributes(path, { follow });
  // One object, filled in place: there are millions of them.
  const item: { -readonly [Key in keyof Item]: Item[Key] } = {
    name,
    kind,
    permissions: mode & 0o7777,
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
    extendedAttributes: attributes,
    attributeErrors: errors,
  };
  if (kind === 'symlink') item.linkTarget = readLinkTarget(path);
  if (process.platform === 'win32') return Object.assign(item, ownershipOnWindows(stat, kind));
  const user = nameBook().user(item.uid);
  const group = nameBook().group(item.gid);
  if (user !== undefined) item.user = user;
  if (group !== undefined) item.group = group;
  return item;
}

/** What restic stores on Windows, where the rest has no meaning: one bit of permissions, and times. */
function ownershipOnWindows(stat: BigIntStats, kind: ItemKind): Partial<Item> {
  const writable = (Number(stat.mode) & 0o200) !== 0;
  return {
    permissions: kind === 'dir' || kind === 'symlink' ? 0o777 : writable ? 0o666 : 0o444,
    ctimeNs: stat.mtimeNs,
    uid: 0,
    gid: 0,
    inode: 0n,
    deviceId: 0n,
    links: 0,
    device: 0n,
  };
}

function readLinkTarget(path: ByteString): ByteString {
  return fromLatin1(readlinkSync(Buffer.from(path, 'latin1'), { encoding: 'latin1' }));
}

/** The names in a folder, sorted by their bytes, which is the order of a tree. */
export function readFolderNames(path: ByteString): ByteString[] {
  return readdirSync(Buffer.from(path, 'latin1'), { encoding: 'latin1' }).map(fromLatin1).sort();
}
