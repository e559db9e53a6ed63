/**
 * A repository with one backup of somebody else in it, made once and then copied for every history: its key is known, so
 * that nobody has to open it with a password.
 */
import type { Backend } from '../../../engine/backend/backend.ts';
import { fromText } from '../../../engine/base/byte-string.ts';
import type { Chance } from '../../../engine/base/chance.ts';
import type { Clock } from '../../../engine/base/clock.ts';
import { inlineCompute } from '../../../engine/compute/inline-compute.ts';
import type { RepositoryConfig } from '../../../engine/format/config-file.ts';
import type { Id } from '../../../engine/format/id.ts';
import type { SealKey } from '../../../engine/format/seal.ts';
import { runBackup } from '../../../engine/job/backup.ts';
import { initRepository, type Repository, type World } from '../../../engine/repo/repository.ts';
import { requestWith } from '../../support/back-up.ts';
import { MemoryBackend } from '../../support/memory-backend.ts';
import { cheapKdfCost, testPassword } from '../../support/test-repository.ts';
import { type Dice, diceOf } from '../locks/virtual-time.ts';
import { startNs } from './sim-process.ts';
import { SimSources, sourceFolder } from './sim-sources.ts';

export interface BaseRepository {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly config: RepositoryConfig;
  readonly key: SealKey;
  readonly keyId: Id;
  /** Contents that it has. */
  readonly shared: readonly Uint8Array[];
}

export function chanceOf(dice: Dice): Chance {
  return {
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let i = 0; i < count; i++) bytes[i] = Math.floor(dice.next() * 256);
      return bytes;
    },
  };
}

/** A world in which nothing takes time and nothing fails. */
export function plainWorld(
  chance: Chance,
  sources: SimSources,
  hostname: string,
  wallNs = () => startNs,
): World {
  const clock: Clock = { wallNs, elapsedMs: () => 0, sleep: async () => {} };
  const log = { warn: () => {}, note: () => {} };
  const host = { hostname, username: 'somebody', uid: 1001, gid: 1001, pid: 1 };
  return { clock, chance, log, host, compute: inlineCompute({ chance, clock, files: sources }) };
}

export function repositoryOf(base: BaseRepository, backend: Backend, world: World): Repository {
  const { config, key, keyId } = base;
  return { backend, config, key, keyId, world };
}

export async function makeBase(): Promise<BaseRepository> {
  const dice = diceOf(1);
  const chance = chanceOf(dice);
  const shared = Array.from({ length: 6 }, () => chance.bytes(Math.floor(dice.between(200, 2_000))));
  const sources = new SimSources(shared);
  sources.writeAll(shared);
  const backend = new MemoryBackend();
  // Its lock has to settle: the time of this world goes on by what is slept.
  let nowMs = -3_600_000;
  const world = plainWorld(chance, sources, 'elsewhere', () => startNs + BigInt(Math.round(nowMs * 1e6)));
  const clock: Clock = {
    ...world.clock,
    elapsedMs: () => nowMs,
    sleep: async (ms, signal) => {
      if (!signal?.aborted) nowMs += Math.min(ms, 200);
    },
  };
  const whole = { ...world, clock };
  const repository = await initRepository(backend, testPassword, whole, { kdfCost: cheapKdfCost });
  const request = requestWith({
    targets: [fromText(sourceFolder)],
    hostname: 'elsewhere',
    packBytesTarget: 2_000,
  });
  const listener = { progress: () => {}, news: () => {} };
  await runBackup(repository, sources, request, listener, new AbortController().signal);
  const { config, key, keyId } = repository;
  return { files: new Map(backend.files), config, key, keyId, shared };
}
