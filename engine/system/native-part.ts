/**
 * The native part of a package, taken from its place. The entries of such packages look for it on many paths and touch a
 * good part of Node on the way, anew in every thread: 25 ms each time, of a start of 200. Only on Linux with glibc, where
 * it is tested; elsewhere, or where a package has changed, its entry is asked.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';

/** `from`: the package that has the other one as a part of its own. */
export function nativePart<Part>(entry: string, path: string, from?: string): Part {
  const require = createRequire(import.meta.url);
  try {
    if (hasGlibc()) return (from === undefined ? require : createRequire(require.resolve(from)))(path);
  } catch {
    // Its entry knows more places, or says what is wrong.
  }
  return require(entry) as Part;
}

let isGlibc: boolean | undefined;

/** A program names the loader of its C library in its first bytes. */
function hasGlibc(): boolean {
  isGlibc ??= process.platform === 'linux' && /ld-linux/.test(headOf(process.execPath));
  return isGlibc;
}

function headOf(program: string): string {
  const head = Buffer.alloc(4096);
  const file = openSync(program, 'r');
  try {
    return head.toString('latin1', 0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}
