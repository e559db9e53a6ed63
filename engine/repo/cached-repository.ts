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

/**
 * Without a `root`, and for a folder of this machine, there is no cache. `way`: to the backend, with the patience for
 * opening. Fails as `openRepository` does.
 */
export async function openCached(
  backend: Backend,
  password: Secret<string>,
  world: World,
  root: string | undefined,
  way = backend,
): Promise<Repository> {
  if (root === undefined || backend.folder !== undefined)
    return { ...(await openRepository(way, password, world)), backend };
  const { asking, telling } = overheard(way);
  const repository = await openRepository(asking, password, world);
  const { id } = repository.config;
  const { backend: cached, cache } = overCache(backend, root, id, world);
  await keepForOffline(telling, cache).catch(() => undefined);
  await rememberPlace(root, backend.location, id, world.chance);
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
      const hurried = forAsking(backend, limits.awayAfterMs);
      return { repository: await openCached(backend, password, world, root, hurried), isCopy: false };
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
