/**
 * Asks a store which packs it really has: whole, by their size. Few are asked for by their names; many are looked up in
 * a listing, and those that it has not by name after all, for listings may lag.
 */
import type { CancelSignal } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import type { Repository } from './repository.ts';

export interface PackWanted {
  readonly id: Id;
  readonly sizeBytes: number;
}

export async function findPacks(
  repository: Repository,
  wanted: readonly PackWanted[],
  signal?: CancelSignal,
): Promise<Set<Id>> {
  const found = new Set<Id>();
  let unknown = wanted;
  if (wanted.length > limits.packsAskedMax) {
    const sizes = new Map(wanted.map(({ id, sizeBytes }) => [id, sizeBytes]));
    for await (const { name, sizeBytes } of repository.backend.list('pack', signal))
      if (sizes.get(name) === sizeBytes) found.add(name);
    unknown = wanted.filter(({ id }) => !found.has(id));
  }
  const waiting = [...unknown];
  const ask = async (): Promise<void> => {
    for (let pack = waiting.pop(); pack !== undefined; pack = waiting.pop())
      if ((await sizeOf(repository, pack.id, signal)) === pack.sizeBytes) found.add(pack.id);
  };
  await Promise.all(Array.from({ length: repository.backend.connectionsMax }, ask));
  return found;
}

/** Those that the store neither lists nor has. */
export async function findGone(
  repository: Repository,
  ids: readonly Id[],
  signal?: CancelSignal,
): Promise<Set<Id>> {
  const gone = new Set(ids);
  for await (const { name } of repository.backend.list('pack', signal)) gone.delete(name);
  const waiting = [...gone];
  const ask = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      if ((await sizeOf(repository, id, signal)) !== undefined) gone.delete(id);
  };
  await Promise.all(Array.from({ length: repository.backend.connectionsMax }, ask));
  return gone;
}

async function sizeOf({ backend }: Repository, id: Id, signal?: CancelSignal): Promise<number | undefined> {
  try {
    return await backend.stat({ type: 'pack', name: id }, signal);
  } catch (error) {
    if (isFailure(error, 'not-found')) return undefined;
    throw error;
  }
}
