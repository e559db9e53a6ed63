/** Sets the times of an entry to the nanosecond, where the C library can be reached; else to the microsecond. */
import { lutimesSync, utimesSync } from 'node:fs';
import type { ByteString } from '../base/byte-string.ts';
import { systemCalls, systemError, toCText } from './libc.ts';

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
  const times = BigInt64Array.of(...timespec(atimeNs), ...timespec(mtimeNs));
  const result =
    descriptor === undefined
      ? calls.setTimes(toCText(path), times, follow)
      : calls.setOpenTimes(descriptor, times);
  if (result === -1) throw systemError(calls.lastErrno(), 'utimensat', path);
}

/** Seconds, rounded down, and the nanoseconds that remain: never negative. */
function timespec(ns: bigint): [bigint, bigint] {
  const rest = ((ns % billion) + billion) % billion;
  return [(ns - rest) / billion, rest];
}
