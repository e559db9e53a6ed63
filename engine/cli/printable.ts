/**
 * Makes hostile text safe for a terminal, and measures it. File names, host names, tags and messages of servers come
 * from strangers: a control character in them could move the cursor, retitle the window or hide what was done.
 */
import { type ByteString, toText } from '../base/byte-string.ts';

/** Controls (C0, DEL, C1), marks that turn the writing direction, line and paragraph separators, half characters. */
const dangerous = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;

/** The text with each such character shown as its escape, `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replace(dangerous, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** As `printable`, but lines may break: for texts that we composed of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

export function printablePath(path: ByteString): string {
  return printable(toText(path));
}

const zeroWidth = /^(?:\p{M}|\p{Cf})+$/u;
const emoji = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
/** Made when it is first needed: it takes longer than all else that this file does. */
let segmenter: Intl.Segmenter | undefined;

function graphemesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Blocks whose characters take two columns (Unicode's East Asian Wide and Fullwidth). */
const wideBlocks: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

function graphemeColumns(grapheme: string): number {
  if (zeroWidth.test(grapheme)) return 0;
  const code = grapheme.codePointAt(0) ?? 0;
  const isWide = wideBlocks.some(([from, to]) => code >= from && code <= to) || emoji.test(grapheme);
  return isWide ? 2 : 1;
}

/** Columns that printable text takes on a terminal. */
export function columnsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemesOf(text)) columns += graphemeColumns(grapheme);
  return columns;
}

/** The text cut at its end to fit, an ellipsis showing that it was. */
export function fitEnd(text: string, columnsMax: number): string {
  if (columnsOf(text) <= columnsMax) return text;
  let fitted = '';
  let columns = 0;
  for (const grapheme of graphemesOf(text)) {
    columns += graphemeColumns(grapheme);
    if (columns > columnsMax - 1) break;
    fitted += grapheme;
  }
  return columnsMax > 0 ? `${fitted}…` : '';
}

/** The text cut at its beginning: of a path, the end says more. */
export function fitStart(text: string, columnsMax: number): string {
  if (columnsOf(text) <= columnsMax) return text;
  let fitted = '';
  let columns = 0;
  for (const grapheme of graphemesOf(text).reverse()) {
    columns += graphemeColumns(grapheme);
    if (columns > columnsMax - 1) break;
    fitted = grapheme + fitted;
  }
  return columnsMax > 0 ? `…${fitted}` : '';
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text;
}
