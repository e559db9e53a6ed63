/** Lists that a user wrote down in a file: decoded and taken apart as restic does, for patterns and file names. */
import { type ByteString, fromLatin1, fromText } from '../base/byte-string.ts';

/** What Go's `unicode.IsSpace` knows, in UTF-8. */
const space =
  '(?:[\\t\\n\\v\\f\\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)+';
const spaceAround = new RegExp(`^${space}|${space}$`, 'g');

/** Without a byte order mark, and out of UTF-16 if the mark says so. What is not UTF-8 keeps its bytes. */
export function decodeTextFile(content: Uint8Array): ByteString {
  const [first, second, third] = content;
  if (first === 0xfe && second === 0xff) return fromText(new TextDecoder('utf-16be').decode(content));
  if (first === 0xff && second === 0xfe) return fromText(new TextDecoder('utf-16le').decode(content));
  const hasMark = first === 0xef && second === 0xbb && third === 0xbf;
  return fromLatin1(Buffer.from(content.subarray(hasMark ? 3 : 0)).toString('latin1'));
}

/** Lines without their ends, which are LF or CR LF. */
export function splitLines(text: ByteString): ByteString[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => fromLatin1(line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** The lines that say something: white space around them is cut, empty ones and comments (`#`) are left out. */
export function meaningfulLines(content: Uint8Array): ByteString[] {
  return splitLines(decodeTextFile(content))
    .map((line) => fromLatin1(line.replace(spaceAround, '')))
    .filter((line) => line !== '' && !line.startsWith('#'));
}
