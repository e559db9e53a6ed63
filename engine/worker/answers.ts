/** The answer to every call of the treaty: which job it is, on which repository, as which run. */
import { forAsking, openBackend } from '../backend/open-backend.ts';
import { limits } from '../base/limits.ts';
import { Secret } from '../base/secret.ts';
import { awayRepository } from '../job/away-store.ts';
import type { RunMemory } from '../job/run-memory.ts';
import { seenOf } from '../machine/network-quality.ts';
import type { Effort } from '../machine/thread-count.ts';
import type { Answers } from '../protocol/calls.ts';
import type { EngineCalls, EngineNews } from '../protocol/engine-calls.ts';
import type { BackupSummary } from '../protocol/run-news.ts';
import { initRepository, type Repository, type World } from '../repo/repository.ts';
import { backUp } from './backup-run.ts';
import { FolderLister, listSnapshots } from './browse-answers.ts';
import { Gates } from './gates.ts';
import { lookAtWork, unlockSafely } from './lock-answers.ts';
import { lookAtVault } from './look-at-vault.ts';
import { Networks } from './networks.ts';
import { OpenVaults } from './open-vaults.ts';
import { dropCommit, fatesOf, finishCommits, viewLateLooks, viewPending } from './pending-answers.ts';
import { realThreadCount } from './real-world.ts';
import { probeRegions } from './region-answers.ts';
import { restore } from './restore-run.ts';
import { Runs } from './runs.ts';
import { testPlace } from './test-place.ts';

export interface AnswerParts {
  readonly world: World;
  readonly cacheFolder?: string | undefined;
  /** What this machine remembers of runs; without it, nothing waits. */
  readonly memory?: RunMemory | undefined;
  tell(news: EngineNews): void;
}

export function makeAnswers(parts: AnswerParts): Answers<EngineCalls> {
  const { world, memory, tell } = parts;
  const networks = new Networks(world, tell);
  const gates = new Gates(networks, tell);
  const vaults = new OpenVaults({ ...parts, networks });
  const runs = new Runs(world.clock);
  const folders = new FolderLister();
  const limitTo = (effort: Effort = { onBattery: false }): void =>
    world.compute.limitTo(realThreadCount(effort));
  return {
    ...commitAnswers(parts, { vaults, runs, gates }),
    testPlace: ({ location, store }) => testPlace(location, world, store),
    // A run too: a drain waits for it, and nobody makes one place twice at once.
    initVault: ({ location, password, store }) =>
      runs.run(`init ${location}`, async () => {
        const opened = openBackend(location, world, store, vaults.line(location));
        const backend = forAsking(opened, limits.askMsMax.window);
        try {
          const { config } = await initRepository(backend, new Secret(password), world);
          return { repositoryId: config.id };
        } finally {
          await opened.close();
        }
      }),
    lookAtVault: async (access) => await lookAtVault(await vaults.toAsk(access)),
    locks: async (access) => await lookAtWork(await vaults.toAsk(access)),
    unlock: async (access) => await unlockSafely(await vaults.toAsk(access)),
    backup: (asked) =>
      runs.run(asked.runId, (signal) => {
        const work = (repository: Repository): Promise<BackupSummary> => {
          limitTo(asked.effort);
          const care = { memory, gates, line: vaults.line(asked.access.location) };
          return backUp(repository, asked, care, tell, signal);
        };
        const whileAway =
          memory && ((copy: Repository, at: string) => work(awayRepository(copy, at, memory)));
        return vaults.forRun(asked.access, signal, work, whileAway);
      }),
    listSnapshots: ({ access, ...slice }) =>
      vaults.browse(access, (repository) => listSnapshots(repository, slice)),
    listFolder: ({ access, ...asked }) =>
      vaults.browse(access, (repository) => folders.list(repository, asked)),
    restore: (asked) =>
      runs.run(asked.runId, (signal) =>
        vaults.forRun(asked.access, signal, (repository) => {
          limitTo(asked.effort);
          return restore(repository, asked, tell, signal);
        }),
      ),
    tryNow: async ({ location }) => vaults.tryNow(location),
    limitBandwidth: async (bandwidth) => vaults.limit(bandwidth),
    networkMoved: async () => {
      vaults.tryAllNow();
      gates.moved();
    },
    probeVault: ({ runId, access }) => runs.run(runId, (signal) => networks.look(access, signal)),
    probeRegions: ({ runId, location }) =>
      runs.run(runId, (signal) => probeRegions(location, world.clock, signal)),
    cancel: async ({ runId }) => runs.cancel(runId),
    drain: () => runs.drain(),
  };
}

interface Workings {
  readonly vaults: OpenVaults;
  readonly runs: Runs;
  readonly gates: Gates;
}

function commitAnswers({ memory, world, tell }: AnswerParts, { vaults, runs, gates }: Workings) {
  return {
    async limitCommitWait({ hours }) {
      gates.waitMsMax = hours === undefined ? limits.commitWaitMsMax : hours * 3_600_000;
    },
    pendingCommits: async () => (memory === undefined ? [] : viewPending(memory)),
    lateLooks: async ({ repositoryIds }) =>
      memory === undefined ? [] : viewLateLooks(memory, repositoryIds, world),
    finishCommits: ({ runId, access, now }) =>
      runs.run(runId, (signal) => {
        const line = vaults.line(access.location);
        const seenBefore = seenOf(line.facts);
        return vaults.forRun(access, signal, async (repository) => {
          if (memory === undefined) return { finished: 0 };
          const asked = { runId, access, now, line, seenBefore };
          return await finishCommits(memory, repository, gates, asked, tell, signal);
        });
      }),
    finishNow: async ({ location }) => gates.finishNow(location),
    commitFates: async ({ ids }) =>
      memory === undefined ? ids.map((id) => ({ id, at: 'unknown' })) : fatesOf(memory, ids),
    dropCommit: async ({ id }) => {
      if (memory !== undefined) await dropCommit(memory, id, world);
    },
  } satisfies Partial<Answers<EngineCalls>>;
}
