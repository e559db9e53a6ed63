/**
 * A node's name as text: Go's `strconv.Quote` and `Unquote` without the outer quotes. Any bytes become text that
 * JSON can hold, and come back unchanged. Only names of nodes are quoted so; see `node.ts`.
 */
import {
  type ByteString,
  decodeCodePoint,
  encodeCodePoint,
  fromLatin1,
  fromText,
} from '../base/byte-string.ts';
import { isPrintable } from './printable.ts';

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const shortEscapes = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
  [0x0b, '\\v'],
  [0x5c, '\\\\'],
  [0x22, '\\"'],
]);

const unescaped = new Map([...shortEscapes].map(([code, text]) => [text[1], String.fromCharCode(code)]));

/** The text of a name: valid Unicode whatever the bytes are. */
export function quoteName(name: ByteString): string {
  if (plain.test(name)) return name;
  let text = '';
  for (let at = 0; at < name.length; ) {
    const { code, length } = decodeCodePoint(name, at);
    text += code < 0 ? hex('\\x', name.charCodeAt(at), 2) : quoteCodePoint(code);
    at += length;
  }
  return text;
}

function quoteCodePoint(code: number): string {
  const short = shortEscapes.get(code);
  if (short !== undefined) return short;
  if (isPrintable(code)) return String.fromCodePoint(code);
  if (code < 0x20 || code === 0x7f) return hex('\\x', code, 2);
  return code < 0x10000 ? hex('\\u', code, 4) : hex('\\U', code, 8);
}

function hex(prefix: string, value: number, digits: number): string {
  return prefix + value.toString(16).padStart(digits, '0');
}

const piece =
  /[^\\"\n]+|\\(?:([abfnrtv\\"])|x([\da-fA-F]{2})|([0-3][0-7]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/y;

/** The bytes that a quoted name stands for. A plain `Error` says why, if the text stands for none. */
export function unquoteName(text: string): ByteString {
  if (plain.test(text)) return fromLatin1(text);
  let bytes = '';
  piece.lastIndex = 0;
  while (piece.lastIndex < text.length) {
    const start = piece.lastIndex;
    const match = piece.exec(text);
    if (match === null) throw new Error(whyNot(text[start]));
    bytes += unquotePiece(match);
  }
  return fromLatin1(bytes);
}

function unquotePiece([whole, short, byte, octal, utf16, utf32]: RegExpExecArray): string {
  if (short !== undefined) return unescaped.get(short) ?? '';
  if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  const digits = utf16 ?? utf32;
  if (digits === undefined) return fromText(whole);
  const code = Number.parseInt(digits, 16);
  const isCharacter = code <= 0x10ffff && (code < 0xd800 || code >= 0xe000);
  if (!isCharacter) throw new Error('a name has an escape for a code point that does not exist');
  return encodeCodePoint(code);
}

function whyNot(character: string | undefined): string {
  if (character === '"') return 'a name has a bare quote';
  if (character === '\n') return 'a name has a raw newline';
  return 'a name has an unknown or unfinished escape';
}
