/** The entry of a compute thread: its composition root, with the real chance and files, and every skill that there is. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { AnySkill } from '../compute/crew.ts';
import type { ThreadStart } from '../compute/pool.ts';
import { proveSkill } from '../compute/prove-skill.ts';
import { serveThread } from '../compute/serve-thread.ts';
import { storeSkill } from '../compute/store-skill.ts';
import { fillSkill } from '../job/restore-skill.ts';
import { realFiles } from '../source/source-files.ts';
import { realChance, realClock } from './real-world.ts';

/** A list that one can read: a skill that is not in it is none. */
const skills: readonly AnySkill[] = [storeSkill, proveSkill, fillSkill];

/** Whatever else runs on this machine comes first. Only Linux lets a thread have a priority of its own. */
function stepBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where it may not, it works at the priority of the process.
  }
}

if (parentPort === null) throw new Error('this is a thread of Slackwater and is not started by itself');
stepBack();
const world = { chance: realChance, clock: realClock, files: realFiles };
serveThread(parentPort, workerData as ThreadStart, skills, world);
