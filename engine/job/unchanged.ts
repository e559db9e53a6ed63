/** Tells whether a file is as its parent snapshot knows it, by restic's rule. Pure. */
import { parseTime } from '../format/go-time.ts';
import type { Node } from '../format/node.ts';
import type { FileFingerprint } from '../journal/file-records.ts';
import type { Item } from '../source/item.ts';

export interface ChangeRule {
  /** A ZFS snapshot mounts with new inode numbers each time. Without inodes, restic ignores ctime as well. */
  readonly ignoreInode: boolean;
  readonly ignoreCtime: boolean;
}

/** Regular files only: all else is read anew each time. The device id is never compared. */
export function isUnchanged(item: Item, parent: Node | undefined, rule: ChangeRule): parent is Node {
  if (parent === undefined || parent.type !== 'file' || item.kind !== 'file') return false;
  if (parent.size !== item.sizeBytes || parseTime(parent.mtime) !== item.mtimeNs) return false;
  const comparesCtime = !rule.ignoreCtime && !rule.ignoreInode;
  if (comparesCtime && parseTime(parent.ctime) !== item.ctimeNs) return false;
  return rule.ignoreInode || parent.inode === item.inode;
}

/** The same for a file that an earlier run has read to its end. */
export function isAsRead(item: Item, read: FileFingerprint, rule: ChangeRule): boolean {
  if (item.kind !== 'file' || item.sizeBytes !== read.sizeBytes || item.mtimeNs !== read.mtimeNs)
    return false;
  const comparesCtime = !rule.ignoreCtime && !rule.ignoreInode;
  if (comparesCtime && item.ctimeNs !== read.ctimeNs) return false;
  return rule.ignoreInode || item.inode === read.inode;
}
