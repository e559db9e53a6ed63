/** Opens the backend that a location names: the one place where a location becomes a backend. */
import { Failure } from '../base/failure.ts';
import type { Backend, BackendWorld, StoreAccess } from './backend.ts';
import { catalog } from './catalog.ts';

/** Schemes of restic that this version cannot serve: they must never be taken for a folder's name. */
const knownElsewhere = ['sftp', 'rclone', 'azure', 'gs', 'swift'];

/**
 * `location` is restic's: `scheme:rest`, or a path. Fails with `location-unsupported` for a scheme that we
 * know but cannot serve; anything else without a known scheme is a path, as in restic.
 */
export function openBackend(
  location: string,
  world: Omit<BackendWorld, 'access'>,
  access: StoreAccess = {},
): Backend {
  const parts = { clock: world.clock, chance: world.chance, log: world.log, access };
  const scheme = /^([a-z0-9]+):/.exec(location)?.[1];
  if (scheme !== undefined && knownElsewhere.includes(scheme))
    throw new Failure('location-unsupported', { scheme });
  const kind = catalog.find((each) => each.scheme === scheme);
  if (kind !== undefined) return kind.open(location.slice(kind.scheme.length + 1), parts);
  return catalog[0]!.open(location, parts);
}
