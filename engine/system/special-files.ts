/** Makes the entries that Node cannot make: fifos and devices. Throws errors like those of `node:fs`. */
import { constants } from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';
import { needSystemCalls, systemError, toCText } from './libc.ts';

const ownerOnly = 0o600;

export function makeFifo(path: ByteString): void {
  const calls = needSystemCalls('mkfifo', path);
  if (calls.makeFifo(toCText(path), ownerOnly) === -1) throw systemError(calls.lastErrno(), 'mkfifo', path);
}

/** `device`: the number as `st_rdev` tells it on this system. Needs the rights of root. */
export function makeDevice(path: ByteString, kind: 'dev' | 'chardev', device: bigint): void {
  const calls = needSystemCalls('mknod', path);
  const type = kind === 'dev' ? constants.S_IFBLK : constants.S_IFCHR;
  if (calls.makeNode(toCText(path), type | ownerOnly, device) === -1)
    throw systemError(calls.lastErrno(), 'mknod', path);
}
