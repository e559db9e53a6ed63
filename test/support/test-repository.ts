/** A fresh repository for a test: cheap to open, everything about it follows from a seed. */
import type { Backend } from '../../engine/backend/backend.ts';
import type { Log } from '../../engine/base/log.ts';
import { Secret } from '../../engine/base/secret.ts';
import { inlineCompute } from '../../engine/compute/inline-compute.ts';
import type { RepositoryVersion } from '../../engine/format/config-file.ts';
import { initRepository, type Repository, type World } from '../../engine/repo/repository.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { seededChance, type VirtualClock, virtualClock } from './fixed-world.ts';
import { MemoryBackend } from './memory-backend.ts';

export interface TestWorld extends World {
  readonly clock: VirtualClock;
  /** What the engine told a person. */
  readonly told: string[];
}

export const testPassword = new Secret('correct horse');
/** 2024-05-06 07:08:09 UTC. */
const testStartNs = 1_714_979_289_000_000_000n;
export const cheapKdfCost = { N: 2, r: 1, p: 1 };

export function testWorld(seed: string | number = 1, hostname = 'testhost', pid = 4242): TestWorld {
  const told: string[] = [];
  const log: Log = { warn: (sentence) => told.push(sentence), note: (sentence) => told.push(sentence) };
  const host = { hostname, username: 'tester', uid: 1000, gid: 1000, pid };
  const clock = virtualClock(testStartNs);
  const chance = seededChance(seed);
  const compute = inlineCompute({ chance, clock, files: realFiles });
  return { clock, chance, log, host, compute, told };
}

export interface TestRepository extends Repository {
  readonly backend: Backend;
  readonly world: TestWorld;
}

export async function testRepository(
  options: { seed?: string | number; backend?: Backend; version?: RepositoryVersion } = {},
): Promise<TestRepository> {
  const world = testWorld(options.seed);
  const backend = options.backend ?? new MemoryBackend();
  const repository = await initRepository(backend, testPassword, world, {
    kdfCost: cheapKdfCost,
    ...(options.version === undefined ? {} : { version: options.version }),
  });
  return { ...repository, world };
}
