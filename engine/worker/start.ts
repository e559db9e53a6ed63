/** The composition root of the engine's process: answers at a port, with the real clock, chance, files and host. */
import { homedir } from 'node:os';
import { proxySettings } from '../backend/http/proxy.ts';
import { isFailure } from '../base/failure.ts';
import type { Log } from '../base/log.ts';
import { openRunMemory } from '../job/open-run-memory.ts';
import type { RunMemory } from '../job/run-memory.ts';
import { dataFolder } from '../journal/data-folder.ts';
import { openLockMemory } from '../journal/sqlite-lock-memory.ts';
import { type EngineNews, engineCalls } from '../protocol/engine-calls.ts';
import { answer, type Port } from '../protocol/link.ts';
import { makeAnswers } from './answers.ts';
import { toPlainFailure } from './plain-failure.ts';
import { hostFacts, lookAtProcess, realChance, realClock, realCompute } from './real-world.ts';

export interface StartedEngine {
  /** Cancels what is under way; resolves when it has ended, or when it takes longer than that. */
  drain(msMax: number): Promise<void>;
  tell(news: EngineNews): void;
}

export function startEngine(port: Port, cacheFolder?: string): StartedEngine {
  const tell = (news: EngineNews): void => link.tell(news);
  const log: Log = {
    warn: (sentence) => tell({ type: 'note', level: 'warn', sentence }),
    note: (sentence) => tell({ type: 'note', level: 'note', sentence }),
  };
  const folder = dataFolder(process.platform, homedir(), process.env);
  const locks = openLockMemory(folder, log);
  const compute = realCompute();
  const world = {
    clock: realClock,
    chance: realChance,
    log,
    host: hostFacts(),
    compute,
    locks,
    lookAtProcess,
    proxies: proxySettings(process.env),
  };
  const answers = makeAnswers({ world, cacheFolder, memory: openMemory(folder, log), tell });
  const link = answer(engineCalls, port, answers, toPlainFailure);
  return {
    tell,
    drain: async (msMax) => {
      const drained = answers.drain(undefined).then(async () => await compute.begun());
      await Promise.race([drained, realClock.sleep(msMax)]);
    },
  };
}

/** Without it backups work, but one that is cut begins anew. */
function openMemory(folder: string, log: Log): RunMemory | undefined {
  try {
    return openRunMemory(folder, realClock);
  } catch (error) {
    if (!isFailure(error)) throw error;
    log.warn('the journal of this machine cannot be used: a backup that is cut has to begin anew');
    return undefined;
  }
}
