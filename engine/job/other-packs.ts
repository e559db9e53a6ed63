/**
 * Packs of other runs of this machine, which an index may name though the store does not have them: a store cut one off
 * and was not asked since, or an index of ours that somebody had removed with its packs was carried out late, and
 * came back. Whoever relies on an index asks for them first; each is asked for until it was seen so late that no
 * such index can come any more.
 */
import { wallMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import type { EndedPack } from '../journal/journal.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { findPacks, type PackWanted } from '../repo/find-packs.ts';
import type { Repository } from '../repo/repository.ts';
import type { RunMemory } from './run-memory.ts';

/** Of all runs, or all but one. None where the store cannot be asked: what was remembered wrongly is found when the commit is proven. */
export function packsOfOthers(
  { journal }: RunMemory,
  { backend, config }: Repository,
  runId?: string,
): PackWanted[] {
  if (backend.isAway) return [];
  const others = journal.openRuns(config.id).filter((run) => run.runId !== runId);
  return [...others.flatMap((run) => journal.packs(run.runId)), ...journal.endedPacks(config.id)];
}

/** Those of other runs that the index names, and that are not there. */
export async function findNamedButGone(
  memory: RunMemory,
  repository: Repository,
  runId: string | undefined,
  index: BlobIndex,
  signal: AbortSignal,
): Promise<PackWanted[]> {
  const wanted = packsOfOthers(memory, repository, runId).filter(({ id }) => index.hasPack(id));
  const there = await findPacks(repository, wanted, signal);
  return wanted.filter(({ id }) => !there.has(id));
}

/** After all were asked for. `namedButGone` are remembered as long as an index names them. */
export function forgetOldPacks(
  { journal }: RunMemory,
  { config, backend, world }: Repository,
  namedButGone: ReadonlySet<Id>,
): void {
  if (backend.isAway) return;
  const nowMs = wallMs(world.clock);
  const isOld = ({ endedMs }: EndedPack): boolean => Math.abs(nowMs - endedMs) >= limits.lateRequestMsMax;
  const old = journal.endedPacks(config.id).filter((pack) => isOld(pack) && !namedButGone.has(pack.id));
  if (old.length > 0)
    journal.forgetPacks(
      config.id,
      old.map(({ id }) => id),
    );
}
