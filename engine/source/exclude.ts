/**
 * What a backup leaves out, by restic's rules. Asked for every item that was not itself named as a target: first
 * by its path, then, once its metadata is known, by what it is and what lies beside it.
 */
import { readFileSync } from 'node:fs';
import { type ByteString, fromText } from '../base/byte-string.ts';
import { Failure, fromSystemError } from '../base/failure.ts';
import { statOf } from '../system/stat.ts';
import { cacheTag, makeTagRule, type TagWarning } from './exclude-tag.ts';
import { parentPath } from './path.ts';
import { compileBytePatterns, matchPatterns, type Pattern } from './pattern.ts';
import { meaningfulLines } from './text-lines.ts';

export interface ExcludeOptions {
  readonly patterns?: readonly string[];
  readonly patternsIgnoringCase?: readonly string[];
  /** Paths of files with a pattern in each line, `$NAME` or `${NAME}` standing for variables and `$$` for `$`. */
  readonly patternFiles?: readonly string[];
  readonly patternFilesIgnoringCase?: readonly string[];
  /** `NAME` or `NAME:HEADER`: in a folder with a file NAME that begins with HEADER, only that file is kept. */
  readonly ifPresent?: readonly string[];
  /** The same for `CACHEDIR.TAG` with the signature that bford.info/cachedir asks for. */
  readonly caches?: boolean;
  /** Such as `100`, `20M` or `1G`: larger items that are not folders are left out. */
  readonly largerThan?: string;
  /** Leave out what is on another file system than the target that leads to it; mount points stay, empty. */
  readonly oneFileSystem?: boolean;
  /** Paths that are left out whatever the patterns say. */
  readonly paths?: readonly ByteString[];
}

/** All that an excluder knows, as plain data: with it, a thread makes one of its own. */
export interface ExcludePlan {
  readonly paths: ReadonlySet<ByteString>;
  readonly patterns: readonly ByteString[];
  readonly patternsIgnoringCase: readonly ByteString[];
  readonly tags: readonly string[];
  readonly sizeBytesMax?: number;
  /** Of each target, the file system that all below it must be on. */
  readonly devices?: ReadonlyMap<ByteString, bigint>;
}

/** What the rules look at, of any item. */
export interface ExcludableItem {
  readonly kind: string;
  readonly sizeBytes: number;
  readonly deviceId: bigint;
}

/** Paths are absolute and cleaned. True: leave it out. */
export interface Excluder {
  readonly plan: ExcludePlan;
  byPath(path: ByteString): boolean;
  byItem(path: ByteString, item: ExcludableItem): boolean;
}

export interface ExcludeWorld {
  /** The variables for pattern files. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of tag files that do not say what they should. */
  warn(warning: TagWarning): void;
}

type ItemRule = (path: ByteString, item: ExcludableItem) => boolean;

/** Targets are absolute and exist. Malformed options are `usage` failures. */
export function makeExcluder(
  options: ExcludeOptions,
  targets: readonly ByteString[],
  world: ExcludeWorld,
): Excluder {
  const { patterns, patternFiles, patternsIgnoringCase, patternFilesIgnoringCase } = options;
  const plan: ExcludePlan = {
    paths: new Set(options.paths),
    patterns: collectPatterns(patterns, patternFiles, world),
    patternsIgnoringCase: collectPatterns(patternsIgnoringCase, patternFilesIgnoringCase, world),
    tags: [...(options.ifPresent ?? []), ...(options.caches ? [cacheTag] : [])],
    ...(options.largerThan === undefined ? {} : { sizeBytesMax: parseSizeBytes(options.largerThan) }),
    ...(options.oneFileSystem ? { devices: devicesOf(targets) } : {}),
  };
  return excluderOf(plan, world.warn);
}

export function excluderOf(plan: ExcludePlan, warn: ExcludeWorld['warn']): Excluder {
  const { paths, sizeBytesMax, devices } = plan;
  // Two lists, so that a negated pattern takes back only what its own list matched.
  const lists = [
    compileBytePatterns(plan.patterns),
    compileBytePatterns(plan.patternsIgnoringCase, { ignoreCase: true }),
  ].filter((list: Pattern[]) => list.length > 0);
  const rules: ItemRule[] = [];
  if (devices !== undefined) rules.push(otherFileSystemRule(devices));
  if (sizeBytesMax !== undefined) rules.push(sizeRule(sizeBytesMax));
  for (const tag of plan.tags) rules.push(makeTagRule(fromText(tag), warn));
  return {
    plan,
    byPath: (path) => paths.has(path) || lists.some((list) => matchPatterns(list, path).matched),
    byItem: (path, item) => rules.some((rule) => rule(path, item)),
  };
}

function collectPatterns(
  given: readonly string[] = [],
  files: readonly string[] = [],
  { environment }: ExcludeWorld,
): ByteString[] {
  return [...given.map(fromText), ...files.flatMap((file) => parsePatternFile(readWhole(file), environment))];
}

function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fromSystemError(error, 'read', path);
  }
}

/** The patterns in a pattern file's content. */
export function parsePatternFile(
  content: Uint8Array,
  environment: ExcludeWorld['environment'],
): ByteString[] {
  return meaningfulLines(content).map((line) => expandVariables(line, environment));
}

/** Go's `os.Expand`: an unknown variable is empty, a `$` before nothing that names one stays. */
function expandVariables(line: ByteString, environment: ExcludeWorld['environment']): ByteString {
  const reference = /\$(?:\{([^}]*)\}|(\{)|([*#$@!?0-9-])|(\w+))/g;
  return line.replace(reference, (_all, braced?: string, open?: string, special?: string, word?: string) => {
    const name = braced ?? special ?? word;
    if (name === '$') return '$';
    const isKnown = open === undefined && name && Object.hasOwn(environment, name);
    return isKnown ? fromText(environment[name] ?? '') : '';
  }) as ByteString;
}

const sizeUnits = new Map([
  ['b', 1n],
  ['k', 1024n],
  ['m', 1024n ** 2n],
  ['g', 1024n ** 3n],
  ['t', 1024n ** 4n],
]);

/** A size such as `100`, `100b`, `20k` or `1G` in bytes; units are powers of 1024. */
export function parseSizeBytes(text: string): number {
  const [, digits, unit] = /^\+?(\d+)([bkmgt]?)$/i.exec(text) ?? [];
  const bytes =
    digits === undefined ? -1n : BigInt(digits) * (sizeUnits.get(unit?.toLowerCase() ?? '') ?? 1n);
  if (bytes < 0n || bytes >= 1n << 63n) throw new Failure('usage', { why: 'bad-size', size: text });
  return Number(bytes);
}

function sizeRule(sizeBytesMax: number): ItemRule {
  return (_path, item) => item.kind !== 'dir' && item.sizeBytes > sizeBytesMax;
}

function devicesOf(targets: readonly ByteString[]): ReadonlyMap<ByteString, bigint> {
  if (process.platform === 'win32') {
    throw new Failure('usage', { why: 'one-file-system-unsupported' });
  }
  return new Map(targets.map((target) => [target, deviceOf(target)]));
}

function otherFileSystemRule(devices: ReadonlyMap<ByteString, bigint>): ItemRule {
  const isOther = (path: ByteString, deviceId: bigint): boolean => {
    for (let at = path; ; at = parentPath(at)) {
      const allowed = devices.get(at);
      if (allowed !== undefined) return allowed !== deviceId;
      // Not below any target, so no target says which file system it must be on.
      if (at === parentPath(at)) return false;
    }
  };
  return (path, item) => {
    if (!isOther(path, item.deviceId)) return false;
    if (item.kind !== 'dir') return true;
    const parent = parentPath(path);
    try {
      return isOther(parent, deviceOf(parent));
    } catch {
      // The folder that it was found in is gone or unreadable: so is any reason to call it a mount point.
      return true;
    }
  };
}

function deviceOf(path: ByteString): bigint {
  try {
    return statOf(path).deviceId;
  } catch (error) {
    throw fromSystemError(error, 'stat', path);
  }
}
