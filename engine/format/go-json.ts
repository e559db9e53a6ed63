/**
 * Strings as Go's `encoding/json` writes them (HTML characters escaped), byte for byte: the ids of trees depend
 * on it. The answer is text with its quotes, to be encoded as UTF-8 by the caller.
 */
import { type ByteString, decodeCodePoint, isAscii } from '../base/byte-string.ts';

const plain = /^[\x20\x21\x23-\x25\x27-\x3b\x3d\x3f-\x5b\x5d-\x7f]*$/;
const special = /["\\<>&\x00-\x1f\u2028\u2029\p{Cs}]/gu;

const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** A text as JSON. A lone surrogate, which Go's strings cannot hold, is written as an invalid byte is. */
export function jsonString(text: string): string {
  return plain.test(text) ? `"${text}"` : `"${text.replace(special, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  return code >= 0xd800 && code < 0xe000 ? '\\ufffd' : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A byte string that should be UTF-8 as JSON; each byte that is not becomes the six characters `\ufffd`. */
export function jsonByteString(bytes: ByteString): string {
  if (isAscii(bytes)) return jsonString(bytes);
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const { code, length } = decodeCodePoint(bytes, at);
    // A lone low surrogate never pairs up with what stands before it, and `jsonString` escapes it.
    text += code < 0 ? '\udfff' : String.fromCodePoint(code);
    at += length;
  }
  return jsonString(text);
}
