/** The entry of a compute thread: its composition root, with the real chance and files. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadStart } from '../compute/pool.ts';
import { serveThread } from '../compute/serve-thread.ts';
import { realFiles } from '../source/source-files.ts';
import { realChance, realClock } from './real-world.ts';
import { skills } from './skills.ts';

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
const start = workerData as ThreadStart;
const skill = await skills[start]?.();
serveThread(parentPort, start, skill === undefined ? [] : [skill], world);
