/**
 * Begins a run in the journal, or goes on with one of the same thing that was cut: its packs are looked for in the store
 * and in the spool, and its finished source files need not be read again. Nothing is relied on that was not seen.
 */
import { wallMs } from '../base/clock.ts';
import type { Id } from '../format/id.ts';
import { FinishedFiles } from '../journal/file-records.ts';
import type { RunStart } from '../journal/journal.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import { findPacks, type PackWanted } from '../repo/find-packs.ts';
import type { Repository } from '../repo/repository.ts';
import type { ClosedPack } from '../repo/run-notes.ts';
import type { RunMemory } from './run-memory.ts';

export interface Resumed {
  readonly finished: FinishedFiles;
  /** The store has them, and no index names them. */
  readonly stored: readonly ClosedPack[];
  /** Only the spool has them. */
  readonly kept: readonly ClosedPack[];
}

/**
 * The newest run of the same thing on the same repository that nobody works on, or else a new one; older ones are over.
 * `newRunId`: 32 hex digits.
 */
export function chooseRun(
  memory: RunMemory,
  { world }: Repository,
  { repositoryId, subject }: Pick<RunStart, 'repositoryId' | 'subject'>,
  newRunId: string,
): string {
  const { journal } = memory;
  const same = journal
    .openRuns(repositoryId)
    .filter((run) => run.at === 'open' && run.subject === subject && memory.isFree(run, world));
  for (const run of same.slice(0, -1)) journal.end(run.runId, 'superseded', wallMs(world.clock));
  return same.at(-1)?.runId ?? newRunId;
}

/** What became of the packs that a run had, and of those of others that an index may name. */
export interface PacksFound {
  /** The store has them. */
  readonly there: ReadonlySet<Id>;
  /** Not the store, but the spool. */
  readonly spooled: ReadonlySet<Id>;
  readonly gone: ReadonlySet<Id>;
}

/**
 * To be asked before the index is loaded: an index may name what is gone. What earlier runs left is looked for under our
 * lock. `others`: of other runs, where the beginning does not ask for them.
 */
export async function findPacksOf(
  memory: RunMemory,
  repository: Repository,
  runId: string,
  others: readonly PackWanted[],
  held: Promise<void> | undefined,
  signal: AbortSignal,
): Promise<PacksFound> {
  const { journal, spool } = memory;
  const packs = journal.packs(runId);
  const wanted = [...packs, ...others];
  if (wanted.length > 0) await held;
  const there = await findPacks(repository, wanted, signal);
  const inSpool = packs.length === 0 ? [] : await spool.packs(runId);
  const spooled = new Set(inSpool.filter((id) => !there.has(id)));
  const gone = wanted.map(({ id }) => id).filter((id) => !there.has(id) && !spooled.has(id));
  return { there, spooled, gone: new Set(gone) };
}

/** `index`: what is loaded, without what is gone. What the store has of the run is added to it by `takeOver`. */
export async function resumeRun(
  memory: RunMemory,
  start: RunStart,
  index: BlobIndex,
  { there, spooled, gone }: PacksFound,
): Promise<Resumed> {
  const { journal } = memory;
  const { runId } = start;
  journal.begin(start);
  await memory.tidy();
  const packs = journal.packs(runId);
  for (const { id, at } of packs) {
    if (at === 'spooled' && there.has(id)) journal.packStored(runId, id);
    // One that was stored is remembered as long as the run lives: an index may go on naming it.
    if (at === 'spooled' && gone.has(id)) journal.packLost(runId, id);
  }
  // What is in the index already was put there by us, or by somebody who repaired it.
  const stored = packs.filter(({ id }) => there.has(id) && !index.hasPack(id));
  const kept = packs.filter(({ id }) => spooled.has(id));
  return { finished: new FinishedFiles(journal.fileRecords(runId)), stored, kept };
}
