/** Makes a restic node of an item of the user's files. Pure. */
import { type NodeType, toGoMode } from '../format/file-mode.ts';
import { formatTime } from '../format/go-time.ts';
import type { Id } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import type { Item } from '../source/item.ts';

/** What the run found out about the item's content. */
export interface ItemContent {
  /** Bytes that were really read. */
  readonly sizeBytes?: number;
  readonly content?: readonly Id[];
  readonly subtree?: Id;
}

/** Types for which restic keeps the number of links. */
const linked: readonly NodeType[] = ['file', 'symlink', 'dev', 'chardev'];

/** As restic, the access time is the modification time: reading a file for a backup must not change its tree. */
export function nodeFromItem(item: Item, found: ItemContent = {}): Node {
  const { name, kind, uid, gid, user, group, inode, deviceId, linkTarget, extendedAttributes } = item;
  const isDevice = kind === 'dev' || kind === 'chardev';
  const mtime = formatTime(item.mtimeNs);
  const node: { -readonly [Key in keyof Node]: Node[Key] } = {
    name,
    type: kind,
    mode: toGoMode(kind, item.permissions),
    mtime,
    atime: mtime,
    ctime: item.ctimeNs === item.mtimeNs ? mtime : formatTime(item.ctimeNs),
    uid,
    gid,
    inode,
    deviceId,
    size: kind === 'file' ? (found.sizeBytes ?? item.sizeBytes) : 0,
    links: linked.includes(kind) ? item.links : 0,
    extendedAttributes,
    device: isDevice ? item.device : 0n,
  };
  if (user !== undefined) node.user = user;
  if (group !== undefined) node.group = group;
  if (linkTarget !== undefined) node.linkTarget = linkTarget;
  if (found.content !== undefined) node.content = found.content;
  if (found.subtree !== undefined) node.subtree = found.subtree;
  return node;
}
