/**
 * An item: one entry of the user's files as it was found, before anything of the repository is known about it.
 * Names, link targets and attributes are the bytes that the system has. Read by the walk and by backups.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { systemCalls } from '../system/libc.ts';
import { nameBook } from '../system/names.ts';
import { type EntryKind, type Stat, statOf } from '../system/stat.ts';
import { type AttributeError, type ExtendedAttribute, readAttributes } from '../system/xattr.ts';

export type ItemKind = EntryKind;

export interface Item extends Stat {
  readonly name: ByteString;
  readonly user?: string;
  readonly group?: string;
  readonly linkTarget?: ByteString;
  /** In the order in which the system lists them. */
  readonly extendedAttributes: readonly ExtendedAttribute[];
  /** Attributes that could not be read: the item is whole but for them, and the caller warns. */
  readonly attributeErrors: readonly AttributeError[];
}

/** What a first look at an item tells. */
export type Glance = Pick<Item, 'kind' | 'sizeBytes' | 'deviceId'>;

/** Loads all that is native and is needed below. */
export function loadItemCalls(): void {
  systemCalls();
}

/** The entry at `path`, itself if it is a symlink. Throws the errors of `node:fs`. */
export function readItem(path: ByteString, name: ByteString): Item {
  return itemFromStat(statOf(path), path, name);
}

/** The entry at `path`, itself if it is a symlink, without its attributes and owners. */
export function glance(path: ByteString): Glance {
  const stat = statOf(path);
  return process.platform === 'win32' ? { ...stat, deviceId: 0n } : stat;
}

/**
 * The same from what was seen of an opened file: then link target and attributes alone come from the path.
 * With `follow`, attributes are those of what a symlink at `path` leads to.
 */
export function itemFromStat(stat: Stat, path: ByteString, name: ByteString, follow = false): Item {
  const { attributes, errors } = readAttributes(path, { follow });
  // One object, filled in place: there are millions of them.
  const item: { -readonly [Key in keyof Item]: Item[Key] } = {
    name,
    kind: stat.kind,
    permissions: stat.permissions,
    mtimeNs: stat.mtimeNs,
    atimeNs: stat.atimeNs,
    ctimeNs: stat.ctimeNs,
    uid: stat.uid,
    gid: stat.gid,
    inode: stat.inode,
    deviceId: stat.deviceId,
    sizeBytes: stat.sizeBytes,
    links: stat.links,
    device: stat.device,
    extendedAttributes: attributes,
    attributeErrors: errors,
  };
  if (stat.kind === 'symlink') item.linkTarget = readLinkTarget(path);
  if (process.platform === 'win32') return Object.assign(item, ownershipOnWindows(stat));
  const user = nameBook().user(item.uid);
  const group = nameBook().group(item.gid);
  if (user !== undefined) item.user = user;
  if (group !== undefined) item.group = group;
  return item;
}

/** What restic stores on Windows, where the rest has no meaning: one bit of permissions, and times. */
function ownershipOnWindows({ kind, permissions, mtimeNs }: Stat): Partial<Item> {
  const writable = (permissions & 0o200) !== 0;
  return {
    permissions: kind === 'dir' || kind === 'symlink' ? 0o777 : writable ? 0o666 : 0o444,
    ctimeNs: mtimeNs,
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
