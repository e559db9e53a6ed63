/** Opens the backend that a location names: the one place where a location becomes a backend. */
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Patience } from '../machine/retry.ts';
import type { Backend, BackendWorld, StoreAccess } from './backend.ts';
import { CacheFolder } from './cache-folder.ts';
import { catalog } from './catalog.ts';
import { StoreLine } from './store-line.ts';
import { withBreaker } from './with-breaker.ts';
import { withCache } from './with-cache.ts';
import { withLimits } from './with-limits.ts';
import { withMeter } from './with-meter.ts';
import { withRetries } from './with-retries.ts';
import { withWatchdog } from './with-watchdog.ts';
import { wrapped } from './wrapped-backend.ts';

/** Schemes of restic that this version cannot serve: they must never be taken for a folder's name. */
const knownElsewhere = ['azure', 'gs', 'swift'];

/**
 * `location` is restic's: `scheme:rest`, or a path. Fails with `location-unsupported` for a scheme that we
 * know but cannot serve; anything else without a known scheme is a path, as in restic. `line`: to watch and to steer
 * what is done to reach a remote store.
 */
export function openBackend(
  location: string,
  world: Omit<BackendWorld, 'access'>,
  access: StoreAccess = {},
  line = new StoreLine(),
): Backend {
  const parts = { ...world, access };
  const { backend, isRemote } = openBare(location, parts);
  return isRemote ? overNetwork(backend, parts, line) : backend;
}

/** The backend alone, without what makes it patient: for probes. Fails as `openBackend` does. */
export function openBare(
  location: string,
  { clock, chance, log, proxies, access }: BackendWorld,
): { readonly backend: Backend; readonly isRemote: boolean } {
  const parts = { clock, chance, log, access: { ...proxies, ...access } };
  const scheme = /^([a-z0-9]+):/.exec(location)?.[1];
  if (scheme !== undefined && knownElsewhere.includes(scheme))
    throw new Failure('location-unsupported', { scheme });
  const kind = catalog.find((each) => each.scheme === scheme);
  if (kind === undefined) return { backend: catalog[0]!.open(location, parts), isRemote: false };
  const backend = kind.open(location.slice(kind.scheme.length + 1), parts);
  return { backend, isRemote: kind.isRemote };
}

/** What a network needs that a disk does not, from the outside to the inside. */
export function overNetwork(backend: Backend, world: BackendWorld, line: StoreLine): Backend {
  const { clock } = world;
  const careful = wrapped(backend, [
    withBreaker(line, clock, backend.location),
    withLimits(line, clock, backend.connectionsMax),
    withMeter(line, clock),
    withWatchdog(line, clock, { location: backend.location, dropIdle: () => backend.dropIdle?.() }),
  ]);
  // Of packs, as many may be on their way as the line was found to take.
  const atOnce = (): number => Math.max(backend.connectionsMax, line.uploadsAtOnce);
  const patient = (patience?: () => Patience): Backend =>
    Object.assign(wrapped(careful, [withRetries(careful, line, world, patience)], atOnce), {
      withPatience: patient,
    });
  return patient();
}

/** For one who waits so long only; where there is no network between there is nothing to wait for. */
export function forAsking(backend: Backend, elapsedMsMax: number): Backend {
  return backend.withPatience?.(() => ({ kind: 'ask', elapsedMsMax })) ?? backend;
}

/**
 * Puts a cache before an opened repository's backend, in a folder of its own below `root`. The folder can be opened by
 * its path, as a repository that has less in it, when the store is away.
 */
export function overCache(
  backend: Backend,
  root: string,
  repositoryId: string,
  { chance, clock }: Pick<BackendWorld, 'chance' | 'clock'>,
): { readonly backend: Backend; readonly cache: CacheFolder } {
  assert(/^[0-9a-f]{64}$/.test(repositoryId), "a repository's id is 64 hex digits");
  const folder = join(root, repositoryId);
  const cache = new CacheFolder({ folder, packBytesMax: limits.cacheBytesMax, chance, clock });
  return { backend: withCache(backend, cache), cache };
}
