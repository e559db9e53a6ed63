/**
 * A repository with a cache on this machine before it, and the copy that the cache is when the store is away: snapshots
 * and folders can be looked at in it. For those who read and write; a check asks the store itself.
 */
import { join } from 'node:path';
import type { Backend } from '../backend/backend.ts';
import { placeIn, rememberPlace } from '../backend/cache-places.ts';
import { openLocalBackend } from '../backend/local.ts';
import { forAsking, overCache } from '../backend/open-backend.ts';
import { overheard } from '../backend/overheard.ts';
import { keepForOffline } from '../backend/with-cache.ts';
import { type FailureCode, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Secret } from '../base/secret.ts';
import { openRepository, type Repository, type World } from './repository.ts';

const awayCodes: ReadonlySet<FailureCode> = new Set(['store-unreachable', 'store-busy', 'not-the-store']);

/** The store cannot be asked just now, whatever it would say. */
export function isAway(error: unknown): boolean {
  return isFailure(error) && awayCodes.has(error.code);
}

/** Without a `root`, and for a folder of this machine, there is no cache. Fails as `openRepository` does. */
export async function openCached(
  backend: Backend,
  password: Secret<string>,
  world: World,
  root: string | undefined,
): Promise<Repository> {
  if (root === undefined) return await openRepository(backend, password, world);
  const { asking, telling } = overheard(backend);
  const repository = await openRepository(asking, password, world);
  return await overCopy({ ...repository, backend }, telling, root);
}

/** `telling`: the same store, where what was heard of it already needs no request. */
async function overCopy(repository: Repository, telling: Backend, root: string): Promise<Repository> {
  const { backend, config, world } = repository;
  if (backend.folder !== undefined) return repository;
  const { backend: cached, cache } = overCache(backend, root, config.id, world);
  await keepForOffline(telling, cache).catch(() => undefined);
  await rememberPlace(root, backend.location, config.id, world.chance);
  return { ...repository, backend: cached };
}

/**
 * As `openCached`; where the store stays away for some time, the copy of it that this machine has. Where there is none,
 * the store is waited for as its backend has the patience.
 */
export async function openOrCopy(
  backend: Backend,
  password: Secret<string>,
  world: World,
  root: string,
): Promise<{ readonly repository: Repository; readonly isCopy: boolean }> {
  const isKnown = (await placeIn(root, backend.location)) !== undefined;
  if (isKnown) {
    try {
      const hurried = await openRepository(forAsking(backend, limits.awayAfterMs), password, world);
      return { repository: await overCopy({ ...hurried, backend }, backend, root), isCopy: false };
    } catch (error) {
      if (!isAway(error)) throw error;
      const copy = await openCopy(backend, password, world, root);
      if (copy !== undefined) return { repository: copy, isCopy: true };
    }
  }
  return { repository: await openCached(backend, password, world, root), isCopy: false };
}

/** Undefined where nothing that can be opened is kept of it. Fails with `password-wrong`. */
export async function openCopy(
  { location }: Backend,
  password: Secret<string>,
  world: World,
  root: string | undefined,
): Promise<Repository | undefined> {
  const id = root === undefined ? undefined : await placeIn(root, location);
  if (root === undefined || id === undefined) return undefined;
  try {
    return await openRepository(openLocalBackend(join(root, id), world.chance), password, world);
  } catch (error) {
    if (isFailure(error, 'password-wrong')) throw error;
    return undefined;
  }
}
