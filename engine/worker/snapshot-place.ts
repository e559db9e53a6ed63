/** A path in a snapshot as the app hands it back: bytes, one to a character. */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { namesOf } from '../repo/tree-path.ts';

/** Absolute and clean. Fails with `usage` for what cannot be bytes. */
export function snapshotPlace(path: string): ByteString {
  if (!/^[\x00-\xff]*$/.test(path)) throw new Failure('usage', { why: 'path-not-bytes' });
  return fromLatin1(`/${namesOf(path).join('/')}`);
}
