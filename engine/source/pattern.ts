/**
 * restic's patterns for `--exclude`, `--include` and their like. A pattern is matched component by component,
 * anywhere in a path unless it begins with `/`; `**` stands for any number of components, `!` before a pattern takes
 * back what earlier ones matched, and whatever lies below a match matches too.
 */
import { type ByteString, fromLatin1, fromText, isAscii, toText } from '../base/byte-string.ts';
import { Failure } from '../base/failure.ts';
import { compileGlob, type Glob, matchGlob } from './glob.ts';
import { cleanPath } from './path.ts';

type Part = { readonly literal: string } | { readonly glob: Glob };

export interface Pattern {
  readonly isNegated: boolean;
  readonly isAbsolute: boolean;
  readonly ignoreCase: boolean;
  /** The parts between the `**`; `/` is the first part of an absolute pattern. Never empty. */
  readonly segments: readonly (readonly Part[])[];
  /** All parts, each `**` counted as one. */
  readonly partCount: number;
}

export interface PatternOptions {
  readonly ignoreCase?: boolean;
}

/** Texts, as they came from a command line. Empty ones are ignored, a malformed one is a `usage` failure. */
export function compilePatterns(patterns: readonly string[], options: PatternOptions = {}): Pattern[] {
  return compileBytePatterns(patterns.map(fromText), options);
}

export function compileBytePatterns(
  patterns: readonly ByteString[],
  { ignoreCase = false }: PatternOptions = {},
): Pattern[] {
  return patterns.filter((pattern) => pattern !== '').map((pattern) => compilePattern(pattern, ignoreCase));
}

function compilePattern(original: ByteString, ignoreCase: boolean): Pattern {
  const pattern = ignoreCase ? toLower(original) : original;
  const isNegated = pattern.startsWith('!');
  const names = splitPath(cleanPath(fromLatin1(isNegated ? pattern.slice(1) : pattern)));
  const segments: Part[][] = [[]];
  for (const name of names) {
    // The pattern `/` splits into `/` and an empty name, which restic takes for a `**`: it matches everything.
    if (name === '**' || name === '') segments.push([]);
    else segments.at(-1)?.push(compilePart(name, original));
  }
  return { isNegated, isAbsolute: names[0] === '/', ignoreCase, segments, partCount: names.length };
}

function compilePart(name: string, pattern: ByteString): Part {
  if (!/[\\[\]*?]/.test(name)) return { literal: name };
  const glob = compileGlob(fromLatin1(name));
  if (glob === undefined) throw new Failure('usage', { why: 'bad-pattern', pattern: toText(pattern) });
  return { glob };
}

/** The components of a cleaned path; `/` is the first one of an absolute path. */
function splitPath(path: string): string[] {
  const names = path.split('/');
  if (names[0] === '') names[0] = '/';
  return names;
}

export interface PatternMatch {
  /** The last pattern with a say in it matched, and was not a negated one. */
  readonly matched: boolean;
  /** Something below the path may match. */
  readonly childMayMatch: boolean;
}

/** The patterns must have been compiled together. The path is cleaned, and absolute unless a test says otherwise. */
export function matchPatterns(patterns: readonly Pattern[], path: ByteString): PatternMatch {
  let matched = false;
  let childMayMatch = false;
  if (path === '') return { matched, childMayMatch };
  const names = splitPath(patterns[0]?.ignoreCase ? toLower(path) : path);
  const mayEndEarly = !patterns.some((pattern) => pattern.isNegated);
  for (const pattern of patterns) {
    if (pattern.isNegated) {
      if ((matched || childMayMatch) && matchPattern(pattern, names)) matched = childMayMatch = false;
    } else {
      matched ||= matchPattern(pattern, names);
      childMayMatch ||= matchPrefix(pattern, names);
      if (mayEndEarly && matched && childMayMatch) break;
    }
  }
  return { matched, childMayMatch };
}

function matchPattern(pattern: Pattern, names: readonly string[]): boolean {
  const first = pattern.segments[0] ?? [];
  const offsetMin = !pattern.isAbsolute && names[0] === '/' ? 1 : 0;
  const offsetMax = pattern.isAbsolute ? 0 : names.length - first.length;
  for (let offset = offsetMin; offset <= offsetMax; offset++) {
    if (!matchParts(first, names, offset)) continue;
    if (pattern.segments.length === 1) return true;
    if (matchSegments(pattern, 1, names, offset + first.length, 0)) return true;
  }
  return false;
}

// Lets the `**` before the segment `index` take names from `at` on. restic expands one `**` after the other and
// counts each that is still to come as a name: `/a/**/b/**` does not match `/a/x/b`. We keep to that.
function matchSegments(
  pattern: Pattern,
  index: number,
  names: readonly string[],
  at: number,
  taken: number,
): boolean {
  const segment = pattern.segments[index] ?? [];
  const takenMax = names.length - pattern.partCount + index;
  const isLast = index === pattern.segments.length - 1;
  for (let more = 0; taken + more <= takenMax && at + more + segment.length <= names.length; more++) {
    if (!matchParts(segment, names, at + more)) continue;
    const end = at + more + segment.length;
    if (isLast || matchSegments(pattern, index + 1, names, end, taken + more)) return true;
  }
  return false;
}

function matchParts(parts: readonly Part[], names: readonly string[], at: number): boolean {
  if (at + parts.length > names.length) return false;
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i]!;
    const name = names[at + i]!;
    if ('literal' in part ? part.literal !== name : !matchGlob(part.glob, name)) return false;
  }
  return true;
}

/** Whether what lies below the path may match: always, unless an absolute pattern leads elsewhere. */
function matchPrefix(pattern: Pattern, names: readonly string[]): boolean {
  if (!pattern.isAbsolute) return true;
  const fixed = pattern.segments[0] ?? [];
  return matchParts(fixed.slice(0, names.length), names, 0);
}

/** Go's `strings.ToLower`: each character by itself, an invalid byte becomes U+FFFD. */
function toLower(bytes: ByteString): ByteString {
  if (isAscii(bytes)) return fromLatin1(bytes.toLowerCase());
  const lower = Array.from(toText(bytes), (character) =>
    String.fromCodePoint(character.toLowerCase().codePointAt(0)!),
  );
  return fromText(lower.join(''));
}
