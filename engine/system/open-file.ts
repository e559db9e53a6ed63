/**
 * A regular file, opened to be read: never by way of a symlink, never waiting for a fifo that took its place,
 * and, where the system allows, without a trace in its time of last access. It can tell whether it changed.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { constants as system } from 'node:os';
import type { ByteString } from '../base/byte-string.ts';
import { systemCode } from '../base/failure.ts';
import { systemError } from './libc.ts';

export interface OpenFile {
  /** As it was when it was opened. */
  readonly stat: BigIntStats;
  /** Reads on from where the last read ended; 0 bytes mean the end. */
  read(buffer: Uint8Array, offset: number, length: number): number;
  /** Whether its size, times or identity differ from when it was opened: then what was read may be torn. */
  changedSince(): boolean;
  close(): void;
}

// Absent where the system does not know them.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOATIME = 0 } = constants;

/** Throws the errors of `node:fs`; `ELOOP` for a symlink, `EINVAL` for anything else that is not a file. */
export function openFile(path: ByteString): OpenFile {
  const descriptor = openForReading(Buffer.from(path, 'latin1'));
  try {
    const stat = fstatSync(descriptor, { bigint: true });
    if (!stat.isFile()) throw systemError(system.errno.EINVAL, 'open', path);
    return openedFile(descriptor, stat);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openForReading(path: Buffer): number {
  let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME;
  for (;;) {
    try {
      return openSync(path, flags);
    } catch (error) {
      const code = systemCode(error);
      // Leaving no trace is for the owner and root alone.
      if (code === 'EPERM' && flags & O_NOATIME) flags &= ~O_NOATIME;
      // Another program holds a lease on this file, and is asked to give it up: that takes waiting.
      else if (code === 'EAGAIN' && flags & O_NONBLOCK) flags &= ~O_NONBLOCK;
      else throw error;
    }
  }
}

function openedFile(descriptor: number, stat: BigIntStats): OpenFile {
  return {
    stat,
    read: (buffer, offset, length) => readSync(descriptor, buffer, offset, length, null),
    changedSince: () => !isSameState(stat, fstatSync(descriptor, { bigint: true })),
    close: () => closeSync(descriptor),
  };
}

function isSameState(a: BigIntStats, b: BigIntStats): boolean {
  return (
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.ino === b.ino &&
    a.dev === b.dev
  );
}
