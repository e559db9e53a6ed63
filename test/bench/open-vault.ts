/** Run by `opening.ts` in a process of its own: opens one vault with the compiled engine and prints what that took. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import type * as Local from '../../engine/backend/local.ts';
import type * as SecretFile from '../../engine/base/secret.ts';
import type * as LoadIndex from '../../engine/repo/load-index.ts';
import type * as OpenedRepository from '../../engine/repo/repository.ts';
import type * as RealWorld from '../../engine/worker/real-world.ts';

export interface Opened {
  /** From the location to the index in memory. */
  readonly ms: number;
  /** Of this process in all. */
  readonly cpuMs: number;
  /** The most that this process ever had. */
  readonly memoryBytes: number;
  readonly blockedMsMax: number;
  /** The most that it worked without a pause: on a busy machine a wait is also what others took. */
  readonly workedMsMax: number;
  readonly blobs: number;
}

/** How often the event loop is looked at; a wait is what a look comes late by. */
const lookEveryMs = 5;

const [compiled, folder, password] = process.argv.slice(2);

if (compiled !== undefined && folder !== undefined && password !== undefined) {
  const load = async (path: string): Promise<unknown> =>
    await import(pathToFileURL(join(compiled, path)).href);
  const { openLocalBackend } = (await load('backend/local.js')) as typeof Local;
  const { Secret } = (await load('base/secret.js')) as typeof SecretFile;
  const { loadIndex } = (await load('repo/load-index.js')) as typeof LoadIndex;
  const { openRepository } = (await load('repo/repository.js')) as typeof OpenedRepository;
  const { hostFacts, realChance, realClock, realCompute } = (await load(
    'worker/real-world.js',
  )) as typeof RealWorld;
  const log = { warn: () => undefined, note: () => undefined };
  const world = { clock: realClock, chance: realChance, host: hostFacts(), log, compute: realCompute() };
  const began = performance.now();
  const repository = await openRepository(openLocalBackend(folder, realChance), new Secret(password), world);
  const delays = monitorEventLoopDelay({ resolution: lookEveryMs });
  delays.enable();
  let workedMsMax = 0;
  let last = process.threadCpuUsage();
  const looking = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    workedMsMax = Math.max(workedMsMax, (user + system) / 1000);
  }, 1);
  const index = await loadIndex(repository);
  delays.disable();
  clearInterval(looking);
  const cpu = process.cpuUsage();
  const opened: Opened = {
    ms: performance.now() - began,
    cpuMs: (cpu.user + cpu.system) / 1000,
    memoryBytes: Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) * 1024,
    blockedMsMax: Math.max(0, delays.max / 1e6 - lookEveryMs),
    workedMsMax,
    blobs: index.blobCount,
  };
  process.stdout.write(JSON.stringify(opened));
}
