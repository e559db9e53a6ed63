/**
 * A file while it is being restored: under a temporary name, filled piece by piece in any order. Of the many that
 * may be unfinished at once, few are held open.
 */
import { closeSync, constants, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';
import { type Stat, statOpen } from '../system/stat.ts';

/** The block that a hole is made of. */
const blockBytes = 4096;
const zeros = Buffer.alloc(blockBytes);
const filesHeldMax = 64;
const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;

/** Makes a new file that nobody else has: one hole of that size, if any. Throws `EEXIST` where the name is taken. */
export function createDraftFile(path: ByteString, holeBytes: number): number {
  const descriptor = openSync(Buffer.from(path, 'latin1'), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  if (holeBytes === 0) return descriptor;
  try {
    ftruncateSync(descriptor, holeBytes);
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(Buffer.from(path, 'latin1'));
    throw error;
  }
  return descriptor;
}

/**
 * Whether an entry is the one that was seen before. Numbers come free when an entry is removed, and the next may get
 * them; but what another user made is his, as long as nobody gave it away.
 */
export function isSameEntry(a: Stat, b: Stat): boolean {
  return a.inode === b.inode && a.deviceId === b.deviceId && a.uid === b.uid && a.kind === b.kind;
}

/** Opens a draft again; undefined where it is no longer the file that it was. */
export function reopenDraftFile(path: ByteString, seen: Stat): number | undefined {
  const descriptor = openSync(Buffer.from(path, 'latin1'), O_RDWR | O_NOFOLLOW | (constants.O_NONBLOCK ?? 0));
  if (isSameEntry(seen, statOpen(descriptor))) return descriptor;
  closeSync(descriptor);
  return undefined;
}

/** Writes all bytes. With `sparse`, whole blocks of zeros are left out: the new file has them already. */
export function writeBytes(descriptor: number, position: number, bytes: Uint8Array, sparse: boolean): void {
  const parts = sparse ? stretches(position, bytes) : [[0, bytes.length] as const];
  for (const [start, end] of parts) writeAll(descriptor, position + start, bytes.subarray(start, end));
}

function writeAll(descriptor: number, position: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
}

/** Where there is something to write: start and end, between runs of zeros that fill blocks of the file. */
function* stretches(position: number, bytes: Uint8Array): Generator<readonly [number, number]> {
  let start = 0;
  let at = Math.min((blockBytes - (position % blockBytes)) % blockBytes, bytes.length);
  for (; at + blockBytes <= bytes.length; at += blockBytes) {
    if (bytes[at] !== 0 || Buffer.compare(bytes.subarray(at, at + blockBytes), zeros) !== 0) continue;
    if (start < at) yield [start, at];
    start = at + blockBytes;
  }
  if (start < bytes.length) yield [start, bytes.length];
}

/** Descriptors of drafts by their temporary name, least recently used first; the eldest are closed. */
export class HeldFiles {
  readonly #held = new Map<string, number>();

  /** The descriptor, if it is held. */
  get(key: string): number | undefined {
    return this.#held.get(key);
  }

  /** The descriptor, opened again if need be. */
  use(key: string, open: () => number): number {
    const descriptor = this.#held.get(key) ?? open();
    this.#held.delete(key);
    this.#held.set(key, descriptor);
    if (this.#held.size > filesHeldMax) this.release(this.#held.keys().next().value!);
    return descriptor;
  }

  release(key: string): void {
    const descriptor = this.#held.get(key);
    if (descriptor === undefined) return;
    this.#held.delete(key);
    closeSync(descriptor);
  }
}
