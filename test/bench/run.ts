/**
 * What `npm run bench` runs: restic and Slackwater side by side, on data that it makes and removes. It prints a table
 * with what `works.ts` asks for. Nothing here runs in the tests: no test may assert on time.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compileEngine } from '../../build/bundles.ts';
import { getPeers } from '../peers/get-peers.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { changeTree } from './change-tree.ts';
import { type Contestant, restic, slackwater } from './contestants.ts';
import { measureEventLoop } from './event-loop.ts';
import { measureJournal } from './journal-cost.ts';
import { makeLargeTree, makeSmallTree } from './make-trees.ts';
import { measureOpening } from './opening.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { runPair } from './run-pair.ts';
import { machineFacts, tableHead, tableRows } from './table.ts';
import type { Measured, TreeName, Work } from './works.ts';

/**
 * For six minutes ext4 does not use the inodes of removed files again, and whoever creates files searches for others, which
 * took a fifth of the time of a restore: what holds so many is removed when all pairs have been measured.
 */
const manyFiles = 10_000;

const say = (text: string): void => void process.stdout.write(text);
const options = readOptions(process.argv.slice(2));

if (options.help) {
  say(usage);
} else {
  const folder = campaignFolder(options.folder, 'bench');
  if (compileEngine() !== 0) throw new Error('it does not compile');
  if (options.opening) await measureOpening(folder, options.blobCounts, say);
  else if (options.eventLoop) await measureEventLoop(folder, options.works, options.sizes.smallFiles, say);
  else if (options.journal) await measureJournal(folder, options.sizes.smallFiles, options.pairs, say);
  else await compare(folder, options);
}

async function compare(folder: string, options: BenchOptions): Promise<void> {
  const { trees, works, pairs, isCold, hasPlainSha, sizes } = options;
  const { restic: peer } = await getPeers();
  const initializer = restic(hasPlainSha);
  const contestants = [initializer, slackwater(folder, hasPlainSha)];
  const results = new Map<string, Measured[]>();
  const of = (tree: TreeName, { name }: Work, contestant: string): Measured[] => {
    const key = `${tree} ${name} ${contestant}`;
    if (!results.has(key)) results.set(key, []);
    return results.get(key)!;
  };
  for (const name of trees) {
    const tree = join(folder, name);
    const made =
      name === 'small' ? makeSmallTree(tree, sizes.smallFiles) : makeLargeTree(tree, sizes.largeBytes);
    say(`${name}: ${made.files} files, ${(made.bytes / 1e6).toFixed(0)} MB\n`);
    const pairFolders = Array.from({ length: pairs }, (_, i) => join(folder, `pair-${i + 1}`));
    for (const [i, pairFolder] of pairFolders.entries()) {
      const pair = i + 1;
      mkdirSync(pairFolder);
      await runPair({
        works,
        tree,
        folder: pairFolder,
        initializer,
        contestants: pair % 2 === 1 ? contestants : [...contestants].reverse(),
        changeTree: () => changeTree(tree, `change ${pair}`),
        isCold,
        onMeasured: (contestant: Contestant, work, measured) => {
          of(name, work, contestant.name).push(measured);
          say(`  pair ${pair}, ${work.title}, ${contestant.name}: ${JSON.stringify(measured)}\n`);
        },
      });
      if (made.files < manyFiles) rmSync(pairFolder, { recursive: true });
    }
    for (const each of [tree, ...pairFolders]) rmSync(each, { recursive: true, force: true });
  }
  say(
    `\nMedians of ${pairs} pairs, ${isCold ? 'nothing of the disk in memory' : 'the disk in memory as it was'}.\n\n`,
  );
  say(tableHead());
  for (const tree of trees) {
    for (const work of works) {
      say(
        tableRows(tree, work, { restic: of(tree, work, 'restic'), slackwater: of(tree, work, 'Slackwater') }),
      );
    }
  }
  say(`\n${machineFacts('path' in peer ? peer.version : '?', hasPlainSha)}\n`);
}
