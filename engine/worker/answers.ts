/** The answer to every call of the treaty: which job it is, on which repository, as which run. */
import { openBackend } from '../backend/open-backend.ts';
import { Secret } from '../base/secret.ts';
import type { RunMemory } from '../job/run-memory.ts';
import type { Answers } from '../protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../protocol/engine-calls.ts';
import { initRepository, type World } from '../repo/repository.ts';
import { backUp } from './backup-run.ts';
import { FolderLister, listSnapshots } from './browse-answers.ts';
import { lookAtVault } from './look-at-vault.ts';
import { OpenVaults } from './open-vaults.ts';
import { dropCommit, finishCommits, viewPending } from './pending-answers.ts';
import { restore } from './restore-run.ts';
import { Runs } from './runs.ts';
import { testPlace } from './test-place.ts';

export interface AnswerParts {
  readonly world: World;
  /** What this machine remembers of runs; without it, nothing waits. */
  readonly memory?: RunMemory | undefined;
  tell(news: EngineNews): void;
}

export function makeAnswers({ world, memory, tell }: AnswerParts): Answers<EngineCalls> {
  const vaults = new OpenVaults(world);
  const runs = new Runs(world.clock);
  const folders = new FolderLister();
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
        return await backUp(repository, asked, memory, tell, signal);
      }),
    listSnapshots: async ({ access, ...slice }) => await listSnapshots(await vaults.open(access), slice),
    listFolder: async ({ access, ...asked }) => await folders.list(await vaults.open(access), asked),
    restore: (asked) =>
      runs.run(asked.runId, async (signal) => {
        const repository = await vaults.open(asked.access);
        signal.throwIfAborted();
        return await restore(repository, asked, tell, signal);
      }),
    pendingCommits: async () => (memory === undefined ? [] : viewPending(memory)),
    finishCommits: ({ runId, access, now }) =>
      runs.run(runId, async (signal) => {
        if (memory === undefined) return { finished: 0 };
        const asked = { runId, location: access.location, now };
        return await finishCommits(memory, await vaults.open(access), asked, tell, signal);
      }),
    dropCommit: async ({ id }) => {
      if (memory !== undefined) await dropCommit(memory, id);
    },
    cancel: async ({ runId }) => runs.cancel(runId),
    drain: () => runs.drain(),
  };
}
