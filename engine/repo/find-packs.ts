/**
 * Asks a store which packs it really has: whole, by their size. Few are asked for by their names; many are looked up in
 * a listing, and those that it has not by name after all, for listings may lag.
 */
import { sizeUnlessGone } from '../backend/size-unless-gone.ts';
import type { CancelSignal } from '../base/clock.ts';
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
  await askEach(repository, unknown, signal, (pack, sizeBytes) => {
    if (sizeBytes === pack.sizeBytes) found.add(pack.id);
  });
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
  const unlisted = [...gone].map((id) => ({ id }));
  await askEach(repository, unlisted, signal, ({ id }, sizeBytes) => {
    if (sizeBytes !== undefined) gone.delete(id);
  });
  return gone;
}

/** By their names, as many at a time as the store serves. */
async function askEach<Pack extends { readonly id: Id }>(
  { backend }: Repository,
  packs: readonly Pack[],
  signal: CancelSignal | undefined,
  hear: (pack: Pack, sizeBytes: number | undefined) => void,
): Promise<void> {
  const waiting = [...packs];
  const ask = async (): Promise<void> => {
    for (let pack = waiting.pop(); pack !== undefined; pack = waiting.pop())
      hear(pack, await sizeUnlessGone(backend, { type: 'pack', name: pack.id }, signal));
  };
  await Promise.all(Array.from({ length: backend.connectionsMax }, ask));
}
