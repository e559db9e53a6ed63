/** Sets the times of an entry to the nanosecond, where the C library can be reached; else to the microsecond. */
import { lutimesSync, utimesSync } from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';
import { type CLibrary, lendCText, systemCalls, systemError } from './libc.ts';

const billion = 1_000_000_000n;

export interface TimesOptions {
  /** Without it, a symlink itself gets them. */
  readonly follow?: boolean;
  /** Where it is open. */
  readonly descriptor?: number | undefined;
}

/** Times: nanoseconds since 1970 UTC. Throws as `node:fs` does. */
export function setTimes(
  path: ByteString,
  atimeNs: bigint,
  mtimeNs: bigint,
  { follow = false, descriptor }: TimesOptions = {},
): void {
  const calls = systemCalls();
  if (calls === undefined) {
    const set = follow ? utimesSync : lutimesSync;
    set(Buffer.from(path, 'latin1'), Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9);
    return;
  }
  const times = twoTimes(calls, atimeNs, mtimeNs);
  const result =
    descriptor === undefined
      ? calls.setTimes(lendCText(calls, path), times, follow)
      : calls.setOpenTimes(descriptor, times);
  if (result === -1) throw systemError(calls.lastErrno(), 'utimensat', path);
}

let lent: { readonly address: number; readonly numbers: BigInt64Array } | undefined;

/** The address of two `timespec`: seconds, rounded down, and the nanoseconds that remain, never negative. */
function twoTimes(calls: CLibrary, atimeNs: bigint, mtimeNs: bigint): number {
  if (lent === undefined) {
    const { bytes, address } = calls.lend(4 * BigInt64Array.BYTES_PER_ELEMENT);
    lent = { address, numbers: new BigInt64Array(bytes.buffer) };
  }
  for (const [at, ns] of [atimeNs, mtimeNs].entries()) {
    const rest = ((ns % billion) + billion) % billion;
    lent.numbers[2 * at] = (ns - rest) / billion;
    lent.numbers[2 * at + 1] = rest;
  }
  return lent.address;
}
