/**
 * What `npm run kill` runs: our program is killed at each step of its journal and at random moments, and resumed. It
 * ends with 1 where anything was wrong, and where too few of the random moments met a run that still went on.
 */
import { tmpdir } from 'node:os';
import type { Chance } from '../../../engine/base/chance.ts';
import { getPeers } from '../../peers/get-peers.ts';
import { campaignFolder } from '../../support/campaign-folder.ts';
import { seededChance } from '../../support/fixed-world.ts';
import { type Drawn, nextMoment } from './next-moment.ts';
import { type KillOptions, readOptions, usage } from './options.ts';
import { type Cut, KillWorld, type Outcome } from './scenario.ts';
import { summary } from './summary.ts';

/** Far more than there are: a loop over steps that met no end would otherwise look finished. */
const stepsMax = 400;
const say = (text: string): void => void process.stdout.write(text);
const options = readOptions(process.argv.slice(2));

if (options.help) {
  say(usage);
} else {
  await getPeers();
  const folder = campaignFolder(tmpdir(), 'kill');
  process.exit((await killAll(folder, options)) ? 0 : 1);
}

/** Answers whether everything was as it must be. */
async function killAll(folder: string, { moments, everyStep, seed }: KillOptions): Promise<boolean> {
  const world = await KillWorld.make(folder);
  const outcomes: Outcome[] = [];
  const failed: string[] = [];
  const cutAt = async (cut: Cut): Promise<Outcome> => {
    const outcome = await world.run(cut);
    const { wrong, wasKilled, left } = outcome;
    const where = JSON.stringify(cut);
    outcomes.push(outcome);
    if (wrong.length > 0) failed.push(where);
    say(`${wrong.length === 0 ? 'ok ' : 'BAD'} ${where} ${wasKilled ? left : 'ended'} ${wrong.join('; ')}\n`);
    return outcome;
  };
  const whole = await cutAt({ at: 'never' });
  for (const when of ['before', 'after'] as const)
    if (!(await cutAtSteps(when, everyStep, cutAt))) failed.push(`more than ${stepsMax} steps`);
  if (!(await cutAtMoments(moments, whole.ranMs, seededChance(`kill at ${seed}`), cutAt)))
    failed.push('too few of the random moments met a run');
  await world.close();
  say(summary(outcomes, failed));
  return failed.length === 0;
}

type CutAt = (cut: Cut) => Promise<Outcome>;

/** Answers whether the last step was met. */
async function cutAtSteps(when: 'before' | 'after', every: number, cutAt: CutAt): Promise<boolean> {
  for (let step = 1; step < stepsMax + every; step += every)
    if (!(await cutAt({ at: 'step', step, when })).wasKilled) return true;
  return false;
}

/** Answers whether as many as asked have met a run. */
async function cutAtMoments(asked: number, wholeMs: number, chance: Chance, cutAt: CutAt): Promise<boolean> {
  const drawn: Drawn[] = [];
  for (;;) {
    const share = Buffer.from(chance.bytes(4)).readUInt32BE() / 2 ** 32;
    const next = nextMoment(asked, wholeMs, drawn, share);
    if (next.do === 'end') return next.isEnough;
    const { wasKilled, ranMs } = await cutAt({ at: 'time', ms: next.afterMs });
    drawn.push(wasKilled ? { met: true } : { met: false, ranMs });
  }
}
