/**
 * Extended attributes (and with them ACLs and file capabilities) of the entries of a file system, as bytes, in
 * the order in which the system lists them. Where a system or file system has none, there are none: that is no
 * error. Read by `source`, written by `target`.
 */
import { type ByteString, fromLatin1 } from '../base/byte-string.ts';
import { systemCode } from '../base/failure.ts';
import {
  type CLibrary,
  type Lent,
  lendCText,
  needSystemCalls,
  systemCalls,
  systemError,
  toCText,
} from './libc.ts';

export interface ExtendedAttribute {
  readonly name: ByteString;
  readonly value: Uint8Array;
}

/** Without `follow`, a symlink at the end of the path is itself what is meant. */
export interface AttributeOptions {
  readonly follow?: boolean;
  /** Where it is open for reading or writing: to list them is quicker then. */
  readonly descriptor?: number | undefined;
}

export interface AttributesRead {
  readonly attributes: readonly ExtendedAttribute[];
  /** Attributes (or, without a name, their list) that could not be read, and why. */
  readonly errors: readonly AttributeError[];
}

export interface AttributeError {
  readonly name?: ByteString;
  readonly error: NodeJS.ErrnoException;
}

const noNames: readonly ByteString[] = [];
const nothingRead = Buffer.alloc(0);
const nothing: AttributesRead = { attributes: [], errors: [] };

/** Linux allows neither a list nor a value to be longer; elsewhere the buffer is made larger when needed. */
const scratchBytes = 64 * 1024;
let scratch: Lent | undefined;
const resizesMax = 8;

/** All attributes that can be read. It never throws: what could not be read is among the `errors`. */
export function readAttributes(path: ByteString, options: AttributeOptions = {}): AttributesRead {
  let names: readonly ByteString[];
  try {
    names = listAttributes(path, options);
  } catch (error) {
    return { attributes: [], errors: [{ error: error as NodeJS.ErrnoException }] };
  }
  if (names.length === 0) return nothing;
  const attributes: ExtendedAttribute[] = [];
  const errors: AttributeError[] = [];
  for (const name of names) {
    try {
      const value = getAttribute(path, name, options);
      // Removed since it was listed, or listed but not for us: it is not there.
      if (value !== undefined) attributes.push({ name, value });
    } catch (error) {
      errors.push({ name, error: error as NodeJS.ErrnoException });
    }
  }
  return { attributes, errors };
}

export function listAttributes(
  path: ByteString,
  { follow = false, descriptor }: AttributeOptions = {},
): readonly ByteString[] {
  const calls = systemCalls();
  if (calls === undefined) return noNames;
  const list = readWhole(calls, 'listxattr', path, (into) =>
    descriptor === undefined
      ? calls.listAttributes(lendCText(calls, path), into, follow)
      : calls.listOpenAttributes(descriptor, into),
  );
  if (list === undefined || list.length === 0) return noNames;
  return list.toString('latin1').split('\0').filter(Boolean).map(fromLatin1);
}

/** Undefined where there is no such attribute. */
export function getAttribute(
  path: ByteString,
  name: ByteString,
  { follow = false }: AttributeOptions = {},
): Uint8Array | undefined {
  const calls = systemCalls();
  if (calls === undefined) return undefined;
  const target = toCText(path);
  const attribute = toCText(name);
  const value = readWhole(calls, 'getxattr', path, (into) =>
    calls.getAttribute(target, attribute, into, follow),
  );
  return value === undefined ? undefined : Uint8Array.from(value);
}

/** The bytes that `read` left in the buffer it was given: valid until the next call. */
function readWhole(
  calls: CLibrary,
  syscall: string,
  path: ByteString,
  read: (into: Lent) => number,
): Buffer | undefined {
  scratch ??= calls.lend(scratchBytes);
  let space = scratch;
  for (let resizes = 0; ; resizes++) {
    const length = read(space);
    if (length === 0) return nothingRead;
    if (length > 0) return space.bytes.subarray(0, length);
    const error = systemError(calls.lastErrno(), syscall, path);
    if (isAbsent(error)) return undefined;
    if (systemCode(error) !== 'ERANGE' || resizes === resizesMax) throw error;
    // Length 0 asks how much there is; it may grow again before it is read.
    const needed = read(calls.lend(0));
    space = calls.lend(Math.max(needed, space.bytes.length) * 2);
  }
}

/** Throws an error like those of `node:fs`; `ENOTSUP` where attributes cannot be had at all. */
export function setAttribute(
  path: ByteString,
  { name, value }: ExtendedAttribute,
  { follow = false }: AttributeOptions = {},
): void {
  const calls = needSystemCalls('setxattr', path);
  if (calls.setAttribute(toCText(path), toCText(name), value, follow) === -1)
    throw systemError(calls.lastErrno(), 'setxattr', path);
}

/** An attribute that is not there counts as removed. */
export function removeAttribute(
  path: ByteString,
  name: ByteString,
  { follow = false }: AttributeOptions = {},
): void {
  const calls = needSystemCalls('removexattr', path);
  if (calls.removeAttribute(toCText(path), toCText(name), follow) !== -1) return;
  const error = systemError(calls.lastErrno(), 'removexattr', path);
  if (!isAbsent(error)) throw error;
}

function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENODATA' || code === 'ENOTSUP' || code === 'EOPNOTSUPP';
}
