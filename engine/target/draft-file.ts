/**
 * A file while it is being restored: under a temporary name, with its final size from the start, filled piece by
 * piece in any order. Of the many that may be unfinished at once, few are held open.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';

/** The block that a hole is made of. */
const holeBytes = 4096;
const zeros = Buffer.alloc(holeBytes);
const filesHeldMax = 64;
const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0 } = constants;

/** Makes a new file that nobody else has. Throws `EEXIST` where the name is taken. */
export function createDraftFile(path: ByteString, sizeBytes: number): number {
  const descriptor = openSync(Buffer.from(path, 'latin1'), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    ftruncateSync(descriptor, sizeBytes);
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(Buffer.from(path, 'latin1'));
    throw error;
  }
  return descriptor;
}

/** Opens a draft again; undefined where it is no longer the file that it was. */
export function reopenDraftFile(path: ByteString, { ino, dev }: BigIntStats): number | undefined {
  const descriptor = openSync(Buffer.from(path, 'latin1'), O_RDWR | O_NOFOLLOW | (constants.O_NONBLOCK ?? 0));
  const stat = fstatSync(descriptor, { bigint: true });
  if (stat.isFile() && stat.ino === ino && stat.dev === dev) return descriptor;
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
  let at = Math.min((holeBytes - (position % holeBytes)) % holeBytes, bytes.length);
  for (; at + holeBytes <= bytes.length; at += holeBytes) {
    if (bytes[at] !== 0 || Buffer.compare(bytes.subarray(at, at + holeBytes), zeros) !== 0) continue;
    if (start < at) yield [start, at];
    start = at + holeBytes;
  }
  if (start < bytes.length) yield [start, bytes.length];
}

/** Descriptors of drafts by their temporary name, least recently used first; the eldest are closed. */
export class HeldFiles {
  readonly #held = new Map<string, number>();

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
