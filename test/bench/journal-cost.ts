/**
 * What the journal costs a first backup: with it, and where its folder cannot be used, so that a backup does without. Both
 * are ours, in turns, each in a new repository, with what the system has read of the disk left in memory.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slackwater } from './contestants.ts';
import { makeSmallTree } from './make-trees.ts';
import { measure, type Took } from './measure.ts';
import { median } from './table.ts';

const ways = ['with', 'without'] as const;
type Way = (typeof ways)[number];
const costMax = 1.03;

export async function measureJournal(
  folder: string,
  files: number,
  pairs: number,
  say: (text: string) => void,
): Promise<void> {
  const tree = join(folder, 'small');
  makeSmallTree(tree, files);
  const { command } = slackwater(folder);
  const took: Record<Way, Took[]> = { with: [], without: [] };
  // The first one reads the tree into memory and counts for nobody.
  for (let pair = 0; pair <= pairs; pair++) {
    for (const way of pair % 2 === 1 ? ways : ways.toReversed()) {
      const one = await firstBackup(way);
      if (pair === 0) continue;
      took[way].push(one);
      say(
        `  pair ${pair}, ${way}: ${(one.wallMs / 1000).toFixed(2)} s, CPU ${(one.cpuMs / 1000).toFixed(2)} s\n`,
      );
    }
  }
  say(`\nFirst backup of ${files} small files with a journal and without, medians of ${pairs} pairs:\n`);
  for (const figure of ['wallMs', 'cpuMs'] as const) {
    const [whole, bare] = ways.map((way) => median(took[way].map((each) => each[figure])));
    const ratio = whole! / bare!;
    const verdict = ratio <= costMax ? 'met' : '**missed**';
    say(
      `${figure}: ${whole!.toFixed(0)} / ${bare!.toFixed(0)}, ${ratio.toFixed(3)} (at most ${costMax}): ${verdict}\n`,
    );
  }

  async function firstBackup(way: Way): Promise<Took> {
    const places = ['repository', 'home'].map((name) => join(folder, `journal-${name}`));
    const [repository, home] = places as [string, string];
    for (const place of places) mkdirSync(place, { recursive: true });
    try {
      await measure(command(['init'], repository, home));
      const data = join(home, '.local/share/slackwater');
      mkdirSync(data, { recursive: true, mode: 0o700 });
      if (way === 'without') writeFileSync(join(data, 'journal'), 'No folder: no journal.');
      return await measure(command(['backup', tree], repository, home));
    } finally {
      for (const place of places) rmSync(place, { recursive: true });
    }
  }
}
