/**
 * Leaving out what lies beside a tag file, such as `CACHEDIR.TAG`: of a folder that holds one, the folder itself and
 * the tag file are kept and nothing else. A tag file that does not say what it should tags nothing.
 */
import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';
import { type ByteString, fromLatin1, toText } from '../base/byte-string.ts';
import { Failure, systemCode } from '../base/failure.ts';
import { baseName, joinPath, parentPath } from './path.ts';

export const cacheTag = 'CACHEDIR.TAG:Signature: 8a477f597d28d172789f06886806bc55';

export interface TagWarning {
  readonly why: 'tag-unreadable' | 'tag-without-header';
  readonly path: ByteString;
  readonly cause?: unknown;
}

/** `NAME` or `NAME:HEADER`. What is found of a folder is kept in mind. */
export function makeTagRule(
  tag: ByteString,
  warn: (warning: TagWarning) => void,
): (path: ByteString) => boolean {
  const colon = tag.indexOf(':');
  const name = fromLatin1(colon < 0 ? tag : tag.slice(0, colon));
  const header = fromLatin1(colon < 0 ? '' : tag.slice(colon + 1));
  if (name === '') throw new Failure('usage', { why: 'tag-without-name', tag: toText(tag) });
  const tagged = new Map<ByteString, boolean>();
  return (path) => {
    if (baseName(path) === name) return false;
    const folder = parentPath(path);
    const isTagged = tagged.get(folder) ?? holdsTag(joinPath(folder, name), header, warn);
    tagged.set(folder, isTagged);
    return isTagged;
  };
}

function holdsTag(path: ByteString, header: ByteString, warn: (warning: TagWarning) => void): boolean {
  try {
    lstatSync(Buffer.from(path, 'latin1'));
    if (header === '' || readStart(path, header.length) === header) return true;
    warn({ why: 'tag-without-header', path });
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') warn({ why: 'tag-unreadable', path, cause });
  }
  return false;
}

function readStart(path: ByteString, bytesMax: number): ByteString {
  // A fifo of that name must not keep us waiting.
  const descriptor = openSync(Buffer.from(path, 'latin1'), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const start = Buffer.alloc(bytesMax);
    return fromLatin1(start.toString('latin1', 0, readSync(descriptor, start, 0, bytesMax, 0)));
  } finally {
    closeSync(descriptor);
  }
}
