/**
 * A regular file, opened to be read: never by way of a symlink, never waiting for a fifo that took its place,
 * and, where the system allows, without a trace in its time of last access. It can tell whether it changed.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { constants as system } from 'node:os';
import { assert } from '../base/assert.ts';
import type { ByteString } from '../base/byte-string.ts';
import { systemCode } from '../base/failure.ts';
import { systemCalls, systemError } from './libc.ts';
import { type Stat, statOpen } from './stat.ts';

export interface OpenFile {
  /** As it was when it was opened. */
  readonly stat: Stat;
  /** Reads on from where the last read ended; 0 bytes mean the end. */
  read(buffer: Uint8Array, offset: number, length: number): number;
  /** The same from a place, and those reads go on from where they were. */
  readAt(position: number, buffer: Uint8Array): number;
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
    return openedFile(descriptor, statOfFile(descriptor, path));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * The same for a file that has most likely not changed since somebody saw it, and fits into the first read: then one look
 * after that read, at which all is as it was seen, proves that these bytes are the whole file, and neither a look before
 * nor a second read is needed. Where anything is not so, it is read from its beginning again as any other. Its `stat`
 * may be asked for once something was read.
 */
export function openSmallFile(path: ByteString, isAsSeen: (stat: Stat) => boolean): OpenFile {
  const descriptor = openForReading(Buffer.from(path, 'latin1'));
  systemCalls()?.readSoon?.(descriptor);
  let whole: Stat | undefined;
  let other: OpenFile | undefined;
  return {
    get stat() {
      const stat = whole ?? other?.stat;
      assert(stat !== undefined, 'a small file is read before it is looked at');
      return stat;
    },
    read(buffer, offset, length) {
      if (whole !== undefined) return 0;
      if (other === undefined) {
        const count = readSync(descriptor, buffer, offset, length, 0);
        const stat = statOfFile(descriptor, path);
        if (stat.sizeBytes === count && count < length && isAsSeen(stat)) {
          whole = stat;
          return count;
        }
        // Reading from a named place has left the descriptor at the beginning.
        other = openedFile(descriptor, stat);
      }
      return other.read(buffer, offset, length);
    },
    readAt: (position, buffer) => readSync(descriptor, buffer, 0, buffer.length, position),
    changedSince: () => other?.changedSince() ?? false,
    close: () => closeSync(descriptor),
  };
}

function statOfFile(descriptor: number, path: ByteString): Stat {
  const stat = statOpen(descriptor);
  if (stat.kind !== 'file') throw systemError(system.errno.EINVAL, 'open', path);
  return stat;
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

function openedFile(descriptor: number, stat: Stat): OpenFile {
  return {
    stat,
    read: (buffer, offset, length) => readSync(descriptor, buffer, offset, length, null),
    readAt: (position, buffer) => readSync(descriptor, buffer, 0, buffer.length, position),
    changedSince: () => !isSameState(stat, statOpen(descriptor)),
    close: () => closeSync(descriptor),
  };
}

function isSameState(a: Stat, b: Stat): boolean {
  return (
    a.sizeBytes === b.sizeBytes &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.inode === b.inode &&
    a.deviceId === b.deviceId
  );
}
