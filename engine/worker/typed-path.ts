/** Paths that a person typed or chose, as the engine works with them. */
import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { type ByteString, fromText } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';

/** `~/` is the home folder. The engine's process has no working folder of a person's, so other paths are absolute. */
export function typedPath(text: string): ByteString {
  const path = /^~(?:\/|$)/.test(text) ? text.replace('~', homedir()) : text;
  if (!isAbsolute(path) || path.includes('\0'))
    throw new Failure('usage', { why: 'path-not-absolute', path });
  return fromText(resolve(path));
}
