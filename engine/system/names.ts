/**
 * The names of users and groups by their numbers, as restic finds them: from `/etc/passwd` and `/etc/group`
 * alone (on macOS, whose users are not listed there, from the C library). A book is read once and then kept, so
 * that one run sees one truth.
 */
import { readFileSync } from 'node:fs';
import { systemCalls } from './libc.ts';

export interface NameBook {
  user(uid: number): string | undefined;
  group(gid: number): string | undefined;
}

let ofThisMachine: NameBook | undefined;

export function nameBook(): NameBook {
  ofThisMachine ??= open();
  return ofThisMachine;
}

function open(): NameBook {
  if (process.platform === 'win32') return { user: () => undefined, group: () => undefined };
  const { userName, groupName } = process.platform === 'darwin' ? (systemCalls() ?? {}) : {};
  return {
    user: remember(parseNames(readIfThere('/etc/passwd'), 7), userName),
    group: remember(parseNames(readIfThere('/etc/group'), 4), groupName),
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function remember(
  known: Map<number, string | undefined>,
  ask: (id: number) => string | undefined = () => undefined,
): (id: number) => string | undefined {
  return (id) => {
    if (!known.has(id)) known.set(id, ask(id));
    return known.get(id);
  };
}

/**
 * Number to name, from lines of `name:password:number:…`. The first line of a number counts; comments, lines
 * with too few fields and entries that stand for another directory (`+`, `-`) do not.
 */
export function parseNames(text: string, fields: 4 | 7): Map<number, string | undefined> {
  const names = new Map<number, string | undefined>();
  for (const line of text.split('\n')) {
    const parts = line.trim().split(':');
    const [name = '', , number = ''] = parts;
    // The last field may be missing, as in Go.
    if (parts.length < fields - 1 || !/^[^#+-]/.test(name) || !/^\d{1,10}$/.test(number)) continue;
    if (!names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}
