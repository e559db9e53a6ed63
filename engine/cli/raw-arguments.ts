/**
 * The arguments as the bytes that they were. Node decodes them as UTF-8 and so loses what is none; on Linux the system
 * still knows. Used for operands, which may be paths.
 */
import { readFileSync } from 'node:fs';
import { type ByteString, fromLatin1, fromText } from '../base/byte-string.ts';

/** One byte string for each of `args`, which are the last ones of this process. */
export function rawArguments(args: readonly string[]): ByteString[] {
  if (!args.some((arg) => arg.includes('\ufffd'))) return args.map(fromText);
  const raw = commandLineBytes().slice(-args.length);
  return args.map((arg, i) => (arg.includes('\ufffd') ? (raw[i] ?? fromText(arg)) : fromText(arg)));
}

function commandLineBytes(): ByteString[] {
  if (process.platform !== 'linux') return [];
  try {
    const parts = readFileSync('/proc/self/cmdline', 'latin1').split('\0');
    return parts.slice(0, -1).map(fromLatin1);
  } catch {
    return [];
  }
}
