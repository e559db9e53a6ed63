/**
 * The pages of this program itself (Node has 120 MB of code and tables) that were not needed since the last time: they count
 * as memory that we use, though most of them only a start needs. They are mapped no longer, stay in the system's cache,
 * and are mapped again from there, sixteen at a time, where they are needed. Only on Linux.
 */
import { readFileSync } from 'node:fs';
import { unmap } from './allocator.ts';

interface Stretch {
  readonly address: bigint;
  readonly bytes: number;
}

let own: readonly Stretch[] | undefined;

export function unmapOwnProgram(): void {
  if (process.platform !== 'linux') return;
  own ??= findOwn();
  for (const { address, bytes } of own) unmap(address, bytes);
}

function findOwn(): readonly Stretch[] {
  try {
    return unchangedStretches(readFileSync('/proc/self/smaps', 'latin1'), process.execPath);
  } catch {
    // It does without.
    return [];
  }
}

/** What is mapped of a file, is not to be written to, and is as the file has it: nothing of it can be lost. */
export function unchangedStretches(smaps: string, file: string): Stretch[] {
  const stretches: Stretch[] = [];
  let stretch: Stretch | undefined;
  for (const line of smaps.split('\n')) {
    const mapping = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line);
    if (mapping !== null) {
      const [, from, to, rights, path] = mapping;
      const address = BigInt(`0x${from}`);
      const isOf = path === file && /^r-[x-]p$/.test(rights!);
      stretch = isOf ? { address, bytes: Number(BigInt(`0x${to}`) - address) } : undefined;
    } else if (stretch !== undefined && /^Anonymous: +0 kB$/.test(line)) stretches.push(stretch);
  }
  return stretches;
}
