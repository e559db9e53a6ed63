/**
 * One component of a path against one shell pattern, with the meaning of Go's `filepath.Match` on Unix: `*`, `?`,
 * `[a-z]`, `[^a-z]` and `\` before a character. A `?` or a class takes one UTF-8 character, or one invalid byte.
 */
import { type ByteString, decodeCodePoint, fromLatin1 } from '../base/byte-string.ts';

/** Literal bytes, or one character out of ranges of code points (both ends included). */
type Element =
  | string
  | { readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** What stands between two stars. */
interface Chunk {
  readonly isAfterStar: boolean;
  readonly elements: readonly Element[];
  /** The whole chunk, if it is but literal bytes. */
  readonly literal: string | undefined;
}

export type Glob = readonly Chunk[];

const anyCharacter: Element = { isNegated: true, ranges: [] };
/** What Go makes of an invalid byte. */
const replacement = 0xfffd;

/** A pattern taken apart, or undefined if it is malformed. */
export function compileGlob(pattern: ByteString): Glob | undefined {
  const chunks: Chunk[] = [];
  let elements: Element[] = [];
  let isAfterStar = false;
  const endChunk = (): void => {
    const literal = elements.every((element) => typeof element === 'string') ? elements.join('') : undefined;
    if (isAfterStar || elements.length > 0) chunks.push({ isAfterStar, elements, literal });
    elements = [];
  };
  const addByte = (byte: string): void => {
    const last = elements.at(-1);
    if (typeof last === 'string') elements[elements.length - 1] = last + byte;
    else elements.push(byte);
  };
  for (let at = 0; at < pattern.length; at++) {
    const byte = pattern.charAt(at);
    if (byte === '*') {
      endChunk();
      isAfterStar = true;
      while (pattern[at + 1] === '*') at++;
    } else if (byte === '?') {
      elements.push(anyCharacter);
    } else if (byte === '[') {
      const found = readClass(pattern, at + 1);
      if (found === undefined) return undefined;
      elements.push(found.element);
      at = found.end - 1;
    } else if (byte === '\\') {
      at++;
      if (at === pattern.length) return undefined;
      addByte(pattern.charAt(at));
    } else {
      addByte(byte);
    }
  }
  endChunk();
  return chunks;
}

function readClass(pattern: ByteString, start: number): { element: Element; end: number } | undefined {
  let at = start;
  const isNegated = pattern[at] === '^';
  if (isNegated) at++;
  const ranges: [number, number][] = [];
  while (pattern[at] !== ']' || ranges.length === 0) {
    const first = readClassCharacter(pattern, at);
    if (first === undefined) return undefined;
    const isRange = pattern[first.end] === '-';
    const last = isRange ? readClassCharacter(pattern, first.end + 1) : first;
    if (last === undefined) return undefined;
    ranges.push([first.code, last.code]);
    at = last.end;
  }
  return { element: { isNegated, ranges }, end: at + 1 };
}

function readClassCharacter(pattern: ByteString, start: number): { code: number; end: number } | undefined {
  if (pattern[start] === '-' || pattern[start] === ']') return undefined;
  const at = pattern[start] === '\\' ? start + 1 : start;
  if (at >= pattern.length) return undefined;
  const { code, length } = decodeCodePoint(pattern, at);
  const end = at + length;
  return code < 0 || end >= pattern.length ? undefined : { code, end };
}

/** Whether the whole name matches. */
export function matchGlob(glob: Glob, name: string): boolean {
  let at = 0;
  for (let i = 0; i < glob.length; i++) {
    const chunk = glob[i]!;
    const end = i === glob.length - 1 ? findLast(chunk, name, at) : findNext(chunk, name, at);
    if (end < 0) return false;
    at = end;
  }
  return at === name.length;
}

/** Where the chunk's leftmost match ends, or -1. */
function findNext(chunk: Chunk, name: string, from: number): number {
  if (!chunk.isAfterStar) return matchChunk(chunk, name, from);
  if (chunk.literal !== undefined) {
    const start = name.indexOf(chunk.literal, from);
    return start < 0 ? -1 : start + chunk.literal.length;
  }
  for (let start = from; start <= name.length; start++) {
    const end = matchChunk(chunk, name, start);
    if (end >= 0) return end;
  }
  return -1;
}

/** The name's length if the last chunk can match up to there, or -1. */
function findLast(chunk: Chunk, name: string, from: number): number {
  if (!chunk.isAfterStar) return matchChunk(chunk, name, from);
  if (chunk.literal !== undefined) {
    const fits = name.length - from >= chunk.literal.length && name.endsWith(chunk.literal);
    return fits ? name.length : -1;
  }
  for (let start = from; start <= name.length; start++) {
    if (matchChunk(chunk, name, start) === name.length) return name.length;
  }
  return -1;
}

function matchChunk(chunk: Chunk, name: string, from: number): number {
  let at = from;
  for (const element of chunk.elements) {
    if (typeof element === 'string') {
      if (!name.startsWith(element, at)) return -1;
      at += element.length;
    } else {
      if (at >= name.length) return -1;
      const decoded = decodeCodePoint(fromLatin1(name), at);
      const code = decoded.code < 0 ? replacement : decoded.code;
      if (element.ranges.some(([first, last]) => first <= code && code <= last) === element.isNegated)
        return -1;
      at += decoded.length;
    }
  }
  return at;
}
