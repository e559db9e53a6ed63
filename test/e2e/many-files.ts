/** A folder of many small files and a few larger ones, the same every time. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const perFolder = 100;
const bytesOfSmall = 2_000;

/** `largeMib` is spread over eight files of bytes that do not compress. */
export function makeManyFiles(folder: string, count: number, largeMib = 0): void {
  for (let index = 0; index < count; index++) {
    const inside = join(folder, `folder-${Math.floor(index / perFolder)}`);
    if (index % perFolder === 0) mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, `file-${index}.txt`), noise(`small ${index}`, bytesOfSmall));
  }
  for (let part = 0; part < 8 && largeMib > 0; part++) {
    writeFileSync(join(folder, `large-${part}.bin`), noise(`large ${part}`, (largeMib * 1024 * 1024) / 8));
  }
}

function noise(seed: string, bytes: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}
