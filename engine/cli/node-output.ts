/** A node of a snapshot as `ls` and `find` print it: restic's JSON fields, or a line for people. */
import { type ByteString, toText } from '../base/byte-string.ts';
import { showMode } from '../format/file-mode.ts';
import type { Node } from '../format/node.ts';
import { showBytes, showTime } from './display.ts';
import { printablePath } from './printable.ts';

/** The message of `ls --json`. */
export function lsNodeJson(path: ByteString, node: Node): Record<string, unknown> {
  return {
    name: toText(node.name),
    type: node.type,
    path: toText(path),
    uid: node.uid,
    gid: node.gid,
    ...(node.type === 'file' ? { size: node.size } : {}),
    ...(node.mode === 0 ? {} : { mode: node.mode }),
    permissions: showMode(node.mode),
    mtime: node.mtime,
    atime: node.atime,
    ctime: node.ctime,
    ...(node.inode === 0n ? {} : { inode: node.inode }),
    message_type: 'node',
    struct_type: 'node',
  };
}

/** A match of `find --json`. */
export function matchJson(path: ByteString, node: Node): Record<string, unknown> {
  return {
    path: toText(path),
    permissions: showMode(node.mode),
    name: toText(node.name),
    type: node.type,
    ...(node.mode === 0 ? {} : { mode: node.mode }),
    mtime: node.mtime,
    atime: node.atime,
    ctime: node.ctime,
    uid: node.uid,
    gid: node.gid,
    ...(node.user === undefined ? {} : { user: node.user }),
    ...(node.group === undefined ? {} : { group: node.group }),
    ...(node.inode === 0n ? {} : { inode: node.inode }),
    ...(node.deviceId === 0n ? {} : { device_id: node.deviceId }),
    ...(node.size === 0 ? {} : { size: node.size }),
    ...(node.links === 0 ? {} : { links: node.links }),
    ...(node.linkTarget === undefined ? {} : { linktarget: toText(node.linkTarget) }),
  };
}

export interface LineStyle {
  readonly long: boolean;
  readonly humanReadable: boolean;
}

export function nodeLine(path: ByteString, node: Node, { long, humanReadable }: LineStyle): string {
  const name = printablePath(path);
  if (!long) return name;
  const size = humanReadable ? showBytes(node.size) : String(node.size);
  const owner = `${String(node.uid).padStart(5)} ${String(node.gid).padStart(5)}`;
  const target = node.linkTarget === undefined ? '' : ` -> ${printablePath(node.linkTarget)}`;
  return `${showMode(node.mode)} ${owner} ${size.padStart(10)} ${showTime(node.mtime)} ${name}${target}`;
}
