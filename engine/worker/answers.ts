/** The answer to every call of the treaty: which job it is, on which repository, as which run. */
import { openBackend } from '../backend/open-backend.ts';
import { Secret } from '../base/secret.ts';
import type { Effort } from '../machine/thread-count.ts';
import type { Answers } from '../protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../protocol/engine-calls.ts';
import { initRepository, type World } from '../repo/repository.ts';
import { backUp } from './backup-run.ts';
import { FolderLister, listSnapshots } from './browse-answers.ts';
import { lookAtVault } from './look-at-vault.ts';
import { OpenVaults } from './open-vaults.ts';
import { realThreadCount } from './real-world.ts';
import { restore } from './restore-run.ts';
import { Runs } from './runs.ts';
import { testPlace } from './test-place.ts';

export interface AnswerParts {
  readonly world: World;
  /** Engines that the same app started before, and that are dead: their locks are removed. */
  readonly formerPids: readonly number[];
  tell(news: EngineNews): void;
}

export function makeAnswers({ world, formerPids, tell }: AnswerParts): Answers<EngineCalls> {
  const vaults = new OpenVaults(world, formerPids);
  const runs = new Runs(world.clock);
  const folders = new FolderLister();
  const limitTo = (effort: Effort = { onBattery: false }): void =>
    world.compute.limitTo(realThreadCount(effort));
  return {
    testPlace: ({ location }) => testPlace(location, world),
    // A run too: a drain waits for it, and nobody makes one place twice at once.
    initVault: ({ location, password }) =>
      runs.run(`init ${location}`, async () => {
        const backend = openBackend(location, world);
        const { config } = await initRepository(backend, new Secret(password), world);
        return { repositoryId: config.id };
      }),
    lookAtVault: async (access) => await lookAtVault(await vaults.open(access)),
    backup: (asked) =>
      runs.run(asked.runId, async (signal) => {
        const repository = await vaults.open(asked.access);
        signal.throwIfAborted();
        limitTo(asked.effort);
        return await backUp(repository, asked, tell, signal);
      }),
    listSnapshots: async ({ access, ...slice }) => await listSnapshots(await vaults.open(access), slice),
    listFolder: async ({ access, ...asked }) => await folders.list(await vaults.open(access), asked),
    restore: (asked) =>
      runs.run(asked.runId, async (signal) => {
        const repository = await vaults.open(asked.access);
        signal.throwIfAborted();
        limitTo(asked.effort);
        return await restore(repository, asked, tell, signal);
      }),
    cancel: async ({ runId }) => runs.cancel(runId),
    drain: () => runs.drain(),
  };
}
