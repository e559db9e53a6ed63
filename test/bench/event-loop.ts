/**
 * How long the orchestrating thread keeps its event loop waiting while it works, from a first backup to a check: what
 * lives in that loop (timers, signals, the app's questions) is answered no later than that.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { slackwater } from './contestants.ts';
import { makeSmallTree } from './make-trees.ts';
import { measure } from './measure.ts';
import type { Spread, WatchedLoop } from './watch-loop.ts';
import type { Work } from './works.ts';

const workedMsMax = 50;

export async function measureEventLoop(
  folder: string,
  works: readonly Work[],
  files: number,
  say: (text: string) => void,
): Promise<void> {
  const tree = join(folder, 'small');
  makeSmallTree(tree, files);
  const places = ['repository', 'home', 'target'].map((name) => join(folder, `loop-${name}`));
  const [repository, home, target] = places as [string, string, string];
  for (const place of places) mkdirSync(place, { recursive: true });
  const { command } = slackwater(folder);
  await measure(command(['init'], repository, home));
  const watcher = pathToFileURL(fileURLToPath(new URL('watch-loop.ts', import.meta.url))).href;
  const told = join(folder, 'watched-loop.json');
  say(
    '| work | own work at a stretch: half, 99 %, longest | wait: half, 99 %, longest | |\n|---|--:|--:|---|\n',
  );
  for (const work of works) {
    const { program, args, env } = command(work.args(tree, target), repository, home);
    await measure({ program, args: ['--import', watcher, ...args], env: { ...env, WATCHED_LOOP: told } });
    const { worked, waited, longest } = JSON.parse(readFileSync(told, 'utf8')) as WatchedLoop;
    const tooLong = longest.filter(({ ms }) => ms > workedMsMax);
    const stretches = tooLong.map(({ ms, atMs }) => `${ms.toFixed(0)} ms at ${(atMs / 1000).toFixed(2)} s`);
    const verdict = tooLong.length === 0 ? 'met' : `**missed**: ${stretches.join(', ')}`;
    say(`| ${work.title} | ${show(worked)} | ${show(waited)} | ${verdict} |\n`);
  }
  say(`\nAsked: no stretch over ${workedMsMax} ms. A wait is also what others took of a busy machine.\n`);
}

function show({ p50, p99, max }: Spread): string {
  return `${[p50, p99, max].map((ms) => ms.toFixed(1)).join(', ')} ms`;
}
