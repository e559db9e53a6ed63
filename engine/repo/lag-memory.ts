/** How far the listings of a repository's store were seen to lag: what the machine reckons with, kept between runs. */
import { wallMs } from '../base/clock.ts';
import { type ListLag, startListLag, withLagSeen } from '../machine/list-lag.ts';
import type { Repository } from './repository.ts';

/** Without a memory on disk, it lasts as long as the repository is open. */
const lagsOf = new WeakMap<Repository['backend'], ListLag>();

export function rememberedLag(repository: Repository): ListLag {
  const { backend, config, world } = repository;
  const known = lagsOf.get(backend) ?? startListLag(backend.listLagFloorMs ?? 0);
  return world.locks === undefined ? known : { ...known, seen: world.locks.lags(config.id) };
}

export function noteLag(repository: Repository, lagMs: number): void {
  const { backend, config, world } = repository;
  const nowMs = wallMs(world.clock);
  const lag = withLagSeen(rememberedLag(repository), nowMs, lagMs);
  lagsOf.set(backend, lag);
  world.locks?.rememberLags(config.id, lag.seen);
}
