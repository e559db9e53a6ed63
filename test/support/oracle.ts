/**
 * Says in what two folders differ, deeply, without a line of the engine: tests of backup and restore believe it.
 * Names and paths are bytes, one character per byte. Where a file has holes does not matter.
 */
import {
  type BigIntStats,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { readTreeAttributes } from './tree-attributes.ts';

export type Aspect =
  | 'presence'
  | 'type'
  | 'mode'
  | 'owner'
  | 'mtime'
  | 'size'
  | 'content'
  | 'target'
  | 'device'
  | 'links'
  | 'xattrs';

export interface CompareOptions {
  /** Differences that do not count. `path` is relative; a socket, for example, is what restic never stores. */
  readonly ignore?: (path: string, aspect: Aspect, type: NodeType) => boolean;
  /** The two folders' own metadata too, as path `.`; otherwise only what is in them. */
  readonly alsoTop?: boolean;
}

export type NodeType = 'file' | 'dir' | 'symlink' | 'fifo' | 'socket' | 'chardev' | 'dev' | 'unknown';

interface Entry {
  readonly stat: BigIntStats;
  readonly type: NodeType;
  readonly xattrs: string;
  /** All paths in the folder that lead to the same file. */
  readonly links: string;
}

/** One line for each difference, such as `a/b: mode 644 -> 600`; empty when the folders are the same. */
export function compareFolders(before: string, after: string, options: CompareOptions = {}): string[] {
  const was = readTree(before);
  const is = readTree(after);
  const differences: string[] = [];
  const ignore = options.ignore ?? (() => false);
  for (const path of [...new Set([...was.keys(), ...is.keys()])].sort()) {
    if (path === '.' && !options.alsoTop) continue;
    const a = was.get(path);
    const b = is.get(path);
    const differs = (aspect: Aspect, from: unknown, to: unknown): void => {
      const type = a?.type ?? b?.type ?? 'unknown';
      if (from !== to && !ignore(path, aspect, type)) {
        differences.push(`${JSON.stringify(path)}: ${aspect} ${String(from)} -> ${String(to)}`);
      }
    };
    if (a === undefined || b === undefined) {
      differs('presence', a?.type ?? 'nothing', b?.type ?? 'nothing');
    } else {
      compareEntries(a, b, differs);
      if (a.type === b.type) compareContents(a, bytesOf(before, path), b, bytesOf(after, path), differs);
    }
  }
  return differences;
}

/** Sockets cannot be stored in restic's format: for comparisons after a restore. */
export function ignoreSockets(_path: string, aspect: Aspect, type: NodeType): boolean {
  return type === 'socket' && aspect === 'presence';
}

type Differs = (aspect: Aspect, from: unknown, to: unknown) => void;

function compareEntries(a: Entry, b: Entry, differs: Differs): void {
  differs('type', a.type, b.type);
  differs('mode', (a.stat.mode & 0o7777n).toString(8), (b.stat.mode & 0o7777n).toString(8));
  differs('owner', `${a.stat.uid}:${a.stat.gid}`, `${b.stat.uid}:${b.stat.gid}`);
  differs('mtime', a.stat.mtimeNs, b.stat.mtimeNs);
  differs('links', a.links, b.links);
  differs('xattrs', a.xattrs, b.xattrs);
}

function compareContents(a: Entry, pathA: Buffer, b: Entry, pathB: Buffer, differs: Differs): void {
  if (a.type === 'file') {
    differs('size', a.stat.size, b.stat.size);
    if (a.stat.size === b.stat.size) differs('content', 'same', firstDifference(pathA, pathB));
  } else if (a.type === 'symlink') {
    differs('target', readlinkSync(pathA, 'latin1'), readlinkSync(pathB, 'latin1'));
  } else if (a.type === 'chardev' || a.type === 'dev') {
    differs('device', a.stat.rdev, b.stat.rdev);
  }
}

function readTree(top: string): Map<string, Entry> {
  const found = new Map<string, { stat: BigIntStats; type: NodeType }>();
  const linked = new Map<string, string[]>();
  const visit = (path: string): void => {
    const stat = lstatSync(bytesOf(top, path), { bigint: true });
    const type = typeOf(stat);
    found.set(path, { stat, type });
    if (type === 'dir') {
      for (const name of readdirSync(bytesOf(top, path), 'latin1'))
        visit(path === '.' ? name : `${path}/${name}`);
    } else if (stat.nlink > 1n) {
      const key = `${stat.dev}:${stat.ino}`;
      linked.set(key, [...(linked.get(key) ?? []), path]);
    }
  };
  visit('.');
  const attributes = readTreeAttributes(top);
  const entries = [...found].map(([path, { stat, type }]): [string, Entry] => {
    const paths = linked.get(`${stat.dev}:${stat.ino}`) ?? [path];
    return [path, { stat, type, links: JSON.stringify(paths.sort()), xattrs: attributes.get(path) ?? '' }];
  });
  return new Map(entries);
}

function typeOf(stat: BigIntStats): NodeType {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isSocket()) return 'socket';
  if (stat.isCharacterDevice()) return 'chardev';
  return stat.isBlockDevice() ? 'dev' : 'unknown';
}

function bytesOf(top: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${top}/`), Buffer.from(path, 'latin1')]);
}

/** `same`, or where they begin to differ. Both have the same size. */
function firstDifference(pathA: Buffer, pathB: Buffer): string {
  const fileA = openSync(pathA, 'r');
  const fileB = openSync(pathB, 'r');
  try {
    const partA = Buffer.alloc(1024 * 1024);
    const partB = Buffer.alloc(partA.length);
    for (let at = 0; ; ) {
      const read = readSync(fileA, partA, 0, partA.length, at);
      const readB = readSync(fileB, partB, 0, partB.length, at);
      if (read !== readB) return `of another length from byte ${at + Math.min(read, readB)}`;
      if (read === 0) return 'same';
      if (!partA.subarray(0, read).equals(partB.subarray(0, read))) {
        return `other from byte ${at + partA.findIndex((byte, i) => byte !== partB[i])}`;
      }
      at += read;
    }
  } finally {
    closeSync(fileA);
    closeSync(fileB);
  }
}
