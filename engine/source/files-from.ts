/**
 * Targets out of a file or standard input: `--files-from` (a glob in each line), `--files-from-verbatim` (a path in
 * each line) and `--files-from-raw` (each path ended by a zero byte). The caller reads the content.
 */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { type ByteString, fromLatin1, toText } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { compileGlob, matchGlob } from './glob.ts';
import { absolutePath, joinPath } from './path.ts';
import { decodeTextFile, meaningfulLines, splitLines } from './text-lines.ts';

/** `--files-from-verbatim`: nothing has a meaning but the ends of lines; empty ones are left out. */
export function parseVerbatimList(content: Uint8Array): ByteString[] {
  return splitLines(decodeTextFile(content)).filter((line) => line !== '');
}

/** `--files-from-raw`: a `usage` failure for a path that is empty or lacks its zero byte. */
export function parseRawList(content: Uint8Array): ByteString[] {
  const paths = Buffer.from(content).toString('latin1').split('\0');
  if (paths.pop() !== '') throw new Failure('usage', { why: 'files-from-raw-unterminated' });
  if (paths.includes('')) throw new Failure('usage', { why: 'files-from-raw-empty-name' });
  return paths.map(fromLatin1);
}

/**
 * `--files-from`: comments (`#`) and empty lines are left out, each other line is a glob whose matches follow, sorted.
 * `cwd` is what relative ones start from; `noMatch` hears of each that matches nothing. A malformed one is a `usage`
 * failure.
 */
export function expandGlobList(
  content: Uint8Array,
  cwd: ByteString,
  noMatch: (glob: ByteString) => void,
): ByteString[] {
  return meaningfulLines(content).flatMap((line) => {
    const found = expandGlob(line, cwd);
    if (found === undefined) throw new Failure('usage', { why: 'bad-pattern', pattern: toText(line) });
    if (found.length === 0) noMatch(line);
    return found;
  });
}

/** The paths that a glob matches, relative as it is; undefined if it is malformed. Go's `filepath.Glob`. */
function expandGlob(glob: ByteString, cwd: ByteString): ByteString[] | undefined {
  if (!compileGlob(glob)) return undefined;
  if (!/[*?[\\]/.test(glob)) return exists(glob, cwd) ? [glob] : [];
  const slash = glob.lastIndexOf('/');
  const pattern = compileGlob(fromLatin1(glob.slice(slash + 1)));
  const above = fromLatin1(slash < 0 ? '.' : slash === 0 ? '/' : glob.slice(0, slash));
  const folders = /[*?[\\]/.test(above) ? expandGlob(above, cwd) : [above];
  if (pattern === undefined || folders === undefined) return undefined;
  return folders.flatMap((folder) =>
    folderNames(absolutePath(cwd, folder))
      .filter((name) => matchGlob(pattern, name))
      .map((name) => joinPath(folder, name)),
  );
}

function exists(path: ByteString, cwd: ByteString): boolean {
  try {
    lstatSync(Buffer.from(absolutePath(cwd, path), 'latin1'));
    return true;
  } catch {
    return false;
  }
}

/** Nothing, if it is no folder or cannot be read: then a glob matches nothing in it. */
function folderNames(path: ByteString): ByteString[] {
  const raw = Buffer.from(path, 'latin1');
  try {
    return statSync(raw).isDirectory() ? readdirSync(raw, { encoding: 'latin1' }).map(fromLatin1).sort() : [];
  } catch {
    return [];
  }
}
