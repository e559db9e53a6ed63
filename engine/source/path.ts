/**
 * Paths as byte strings, taken apart and put together by their letters alone, as Go's `path/filepath` does on
 * Unix: nothing here looks at a file system, so `link/..` is taken for the folder that holds `link`.
 */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';

export function isAbsolutePath(path: ByteString): boolean {
  return path.startsWith('/');
}

/** The shortest path of the same meaning: no `.`, no `//`, no slash at the end, `..` only at the start. */
export function cleanPath(path: ByteString): ByteString {
  const isAbsolute = isAbsolutePath(path);
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.length > 0 && names.at(-1) !== '..') names.pop();
    else if (!isAbsolute) names.push('..');
  }
  return fromLatin1(isAbsolute ? `/${names.join('/')}` : names.join('/') || '.');
}

/** Cleaned; an empty folder or name adds nothing. */
export function joinPath(folder: ByteString, name: ByteString): ByteString {
  if (folder === '') return name === '' ? name : cleanPath(name);
  return cleanPath(fromLatin1(`${folder}/${name}`));
}

/** What a folder, cleaned, has under a name that it lists. */
export function childPath(folder: ByteString, name: ByteString): ByteString {
  return fromLatin1(folder === '/' ? `/${name}` : `${folder}/${name}`);
}

/** Cleaned and absolute; `cwd` is the absolute path of the folder that relative paths start from. */
export function absolutePath(cwd: ByteString, path: ByteString): ByteString {
  return isAbsolutePath(path) ? cleanPath(path) : joinPath(cwd, path);
}

/** The last component of a cleaned path; `/` of the root. */
export function baseName(path: ByteString): ByteString {
  return path === '/' ? path : fromLatin1(path.slice(path.lastIndexOf('/') + 1));
}

/** A cleaned path without its last component; the root is its own parent, `.` the parent of a bare name. */
export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/');
  return fromLatin1(slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash));
}
