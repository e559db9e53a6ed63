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
  const isDevice = item.kind === 'dev' || item.kind === 'chardev';
  const mtime = formatTime(item.mtimeNs);
  return {
    name: item.name,
    type: item.kind,
    mode: toGoMode(item.kind, item.permissions),
    mtime,
    atime: mtime,
    ctime: formatTime(item.ctimeNs),
    uid: item.uid,
    gid: item.gid,
    ...(item.user === undefined ? {} : { user: item.user }),
    ...(item.group === undefined ? {} : { group: item.group }),
    inode: item.inode,
    deviceId: item.deviceId,
    size: item.kind === 'file' ? (found.sizeBytes ?? item.sizeBytes) : 0,
    links: linked.includes(item.kind) ? item.links : 0,
    ...(item.linkTarget === undefined ? {} : { linkTarget: item.linkTarget }),
    extendedAttributes: item.extendedAttributes,
    device: isDevice ? item.device : 0n,
    ...(found.content === undefined ? {} : { content: found.content }),
    ...(found.subtree === undefined ? {} : { subtree: found.subtree }),
  };
}
