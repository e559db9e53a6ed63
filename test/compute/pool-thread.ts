/** A thread for the tests of the pool: it adds, waits, fails and dies as it is told. */
import { appendFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Duty, Skill } from '../../engine/compute/crew.ts';
import type { ThreadStart } from '../../engine/compute/pool.ts';
import { serveThread } from '../../engine/compute/serve-thread.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { realChance, realClock } from '../../engine/worker/real-world.ts';
import { type OddTerms, oddJobs, preparedFile } from './odd-jobs.ts';

const mortal: Skill<OddTerms> = {
  name: oddJobs.name,
  prepare() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    appendFileSync(preparedFile(), '.');
  },
  begin(setup, world, tell): Duty<OddTerms> {
    const duty = oddJobs.begin(setup, world, tell);
    return {
      ...duty,
      work(request) {
        if (request.do === 'exit') process.exit(7);
        if (request.do === 'throw-outside') {
          queueMicrotask(() => {
            throw new Error('out of nowhere');
          });
        }
        return duty.work(request);
      },
    };
  },
};

serveThread(parentPort!, workerData as ThreadStart, [mortal], {
  chance: realChance,
  clock: realClock,
  files: realFiles,
});
