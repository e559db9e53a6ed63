/** A program for tests: holds a shared lock on the repository that is its argument, and says so, until it is killed. */
import { openLocalBackend } from '../../engine/backend/local.ts';
import { silentLog } from '../../engine/base/log.ts';
import { holdLock } from '../../engine/repo/hold-lock.ts';
import { openRepository } from '../../engine/repo/repository.ts';
import { hostFacts, realChance, realClock, realCompute } from '../../engine/worker/real-world.ts';
import { testPassword } from '../support/test-repository.ts';

const world = {
  clock: realClock,
  chance: realChance,
  log: silentLog,
  host: hostFacts(),
  compute: realCompute(),
};
const backend = openLocalBackend(process.argv[2] ?? '', realChance);
await holdLock(await openRepository(backend, testPassword, world), { exclusive: false });
process.stdout.write('held\n');
