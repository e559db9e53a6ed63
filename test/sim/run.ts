/**
 * `npm run sim -- --seeds N [--seed FIRST] [--workers N] [--verbose]`: the simulation of the whole engine for many seeds, in
 * one process per core. Says what was met and how often, and of each violation the seed and how to see its history.
 * Exits with 1 where there was one.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runSeeds, type SeedsRun } from './whole/run-seeds.ts';
import { addCounts, report } from './whole/sim-report.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    verbose: { type: 'boolean', default: false },
  },
});
const [from, count, workers] = [Number(values.seed), Number(values.seeds), Number(values.workers)];
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function runApart(first: number, seeds: number): Promise<SeedsRun> {
  const args = ['--workers=0', `--seed=${first}`, `--seeds=${seeds}`];
  const child = fork(fileURLToPath(import.meta.url), args, { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.on('message', (done) => resolve(done as SeedsRun));
    child.on('exit', (code) => reject(new Error(`a process of the simulation ended with ${code}`)));
  });
}

if (process.send !== undefined && workers === 0) {
  process.send(await runSeeds(from, count));
  process.disconnect();
} else if (values.verbose || workers < 1) {
  const { runs, violations } = report(await runSeeds(from, count, values.verbose ? say : undefined), say);
  process.exitCode = runs > 0 && violations === 0 ? 0 : 1;
} else {
  const startMs = performance.now();
  const each = Math.ceil(count / workers);
  const parts = Array.from({ length: workers }, (_, i) =>
    runApart(from + i * each, Math.min(each, count - i * each)),
  );
  const whole = (await Promise.all(parts)).reduce(addCounts);
  const { violations } = report(whole, say);
  const minutes = (performance.now() - startMs) / 60_000;
  say(
    `${Math.round(count / minutes)} histories a minute, ${Math.round(whole.cpuMs / count)} ms of a processor each`,
  );
  process.exitCode = violations === 0 ? 0 : 1;
}
