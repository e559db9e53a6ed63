/**
 * One pair: both contestants do every work on the same tree, each in a repository and a home that are new, taking
 * turns work by work, so that a noisy minute hits both. What was restored is compared with the tree.
 *
 * The two repositories are copies of one, so that both derive the same key: every command begins with that, for as long
 * as whoever made the key chose to make a guess at the password take, and what a guess costs is no measure of speed.
 */
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../peers/run-program.ts';
import type { Contestant } from './contestants.ts';
import { measure } from './measure.ts';
import type { Measured, Work } from './works.ts';

export interface PairPlan {
  readonly works: readonly Work[];
  readonly tree: string;
  /** Where repositories and what is restored go: new, and left as it is. */
  readonly folder: string;
  /** Whose turn is first comes first. */
  readonly contestants: readonly Contestant[];
  /** Makes the repository that both begin with. */
  readonly initializer: Contestant;
  readonly changeTree: () => void;
  readonly isCold: boolean;
  readonly onMeasured: (contestant: Contestant, work: Work, measured: Measured) => void;
}

export async function runPair(plan: PairPlan): Promise<void> {
  const places = plan.contestants.map((contestant) => ({
    contestant,
    repository: join(plan.folder, `${contestant.name}-repository`),
    home: join(plan.folder, `${contestant.name}-home`),
    target: join(plan.folder, `${contestant.name}-restored`),
  }));
  const madeIn = join(plan.folder, 'new-repository');
  await measure(plan.initializer.command(['init'], madeIn, join(plan.folder, 'new-home')));
  for (const { repository, home } of places) {
    mkdirSync(home, { recursive: true });
    cpSync(madeIn, repository, { recursive: true });
  }
  for (const work of plan.works) {
    if (work.name === 'changed') plan.changeTree();
    for (const { contestant, repository, home, target } of places) {
      const storedBefore = bytesIn(repository);
      await settle(plan.isCold);
      const took = await measure(contestant.command(work.args(plan.tree, target), repository, home));
      plan.onMeasured(contestant, work, { ...took, storedBytes: bytesIn(repository) - storedBefore });
      if (work.name === 'restore') await compare(plan.tree, target);
    }
  }
}

/** What the one has left to be written must not slow the other down; what it has read must not speed it up. */
async function settle(isCold: boolean): Promise<void> {
  await runProgram('sync', []);
  if (isCold) writeFileSync('/proc/sys/vm/drop_caches', '3');
}

async function compare(tree: string, target: string): Promise<void> {
  const { code, stdout } = await runProgram('diff', ['-rq', tree, join(target, tree)]);
  if (code !== 0) throw new Error(`what was restored is not what was backed up: ${stdout.slice(0, 1_000)}`);
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
