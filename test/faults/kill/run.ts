/**
 * What `npm run kill` runs: our program is killed at each step of its journal and at random moments, and resumed.
 * `npm run kill -- 50 7`: 50 random moments, every seventh step. It ends with 1 where anything was wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getPeers } from '../../peers/get-peers.ts';
import { type Cut, KillWorld, type Outcome } from './scenario.ts';

const [moments = 200, everyStep = 1] = process.argv.slice(2).map(Number);
const stepsMax = 400;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'slackwater-kill-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

await getPeers();
const world = await KillWorld.make(folder);
const outcomes: Outcome[] = [];
const failed: string[] = [];

async function cutAt(cut: Cut): Promise<Outcome> {
  const outcome = await world.run(cut);
  outcomes.push(outcome);
  const where = JSON.stringify(cut);
  say(
    `${outcome.wrong.length === 0 ? 'ok ' : 'BAD'} ${where} left ${outcome.left} ${outcome.wrong.join('; ')}`,
  );
  if (outcome.wrong.length > 0) failed.push(where);
  return outcome;
}

const startMs = performance.now();
const whole = await cutAt({ at: 'time', ms: 600_000 });
const wholeMs = performance.now() - startMs;
if (whole.wasKilled) failed.push('the run that nobody killed');
for (const when of ['before', 'after'] as const) {
  for (let step = 1; step <= stepsMax; step += everyStep)
    if (!(await cutAt({ at: 'step', step, when })).wasKilled) break;
}
for (let i = 0; i < moments; i++) await cutAt({ at: 'time', ms: (wholeMs * (i + Math.random())) / moments });
await world.close();

const count = (left: Outcome['left']): number =>
  outcomes.filter((each) => each.wasKilled && each.left === left).length;
const killed = outcomes.filter(({ wasKilled }) => wasKilled).length;
say(
  `${killed} kills: ${count('open')} left a run open, ${count('sealed')} sealed, ${count('nothing')} neither`,
);
say(`acknowledged bytes sent again: ${outcomes.reduce((sum, { bytesAgain }) => sum + bytesAgain, 0)}`);
say(failed.length === 0 ? 'All was finished.' : `WRONG: ${failed.join(' ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
