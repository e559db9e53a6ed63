/** Changes 1 % of a tree, as a day's work does: whole small files, here and there a stretch of a large one. */
import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Content } from './content.ts';
import { Seeded } from './seeded.ts';

const stretchBytes = 1_000_000;
const share = 0.01;

/** Another seed changes it elsewhere. */
export function changeTree(folder: string, seed: string): void {
  const chance = new Seeded(`${seed} places`);
  const content = new Content(`${seed} content`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const sizes = files.map((path) => statSync(path).size);
  for (const [number, path] of files.entries()) {
    const size = sizes[number]!;
    if (size > 10 * stretchBytes) {
      changeStretches(path, size, chance, content);
    } else if (chance.fraction() < share) {
      writeFileSync(path, content.make('text', size + 1));
    }
  }
}

function changeStretches(path: string, size: number, chance: Seeded, content: Content): void {
  const file = openSync(path, 'r+');
  for (let left = Math.ceil((size * share) / stretchBytes); left > 0; left--) {
    writeSync(
      file,
      content.make('program', stretchBytes),
      0,
      stretchBytes,
      chance.below(size - stretchBytes),
    );
  }
  closeSync(file);
}
