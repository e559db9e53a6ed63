/**
 * What has to be sent for a sealed run when nobody knows what happened in the repository since: finds what is there,
 * heals from the spool what is not, and proves that the tree can be read whole. To be called under a fresh lock.
 */
import { wallMs } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import type { Id } from '../format/id.ts';
import { decodeIndex } from '../format/index-file.ts';
import type { JournalPack, JournalRun, Seal } from '../journal/journal.ts';
import { findPacks } from '../repo/find-packs.ts';
import { whenThawed } from '../repo/freeze.ts';
import { loadIndexFiles } from '../repo/load-index.ts';
import { findMissing } from '../repo/prove-complete.ts';
import type { Repository } from '../repo/repository.ts';
import { decodeFile, openFile, type SealedFile } from '../repo/unpacked-files.ts';
import { sealIndexes } from '../repo/upload-packs.ts';
import { findNamedButGone } from './other-packs.ts';
import { deliverPacks } from './publish.ts';
import type { RunMemory } from './run-memory.ts';

export interface Proven {
  /** Together with those that are there, they name every pack of the run, and no pack that is not there. */
  readonly indexes: readonly SealedFile[];
}

/** Fails with `commit-incomplete` where something that the tree needs is gone for good. */
export async function proveSeal(
  memory: RunMemory,
  repository: Repository,
  run: JournalRun & { readonly seal: Seal },
  signal: AbortSignal,
): Promise<Proven> {
  const { index, ids } = await loadIndexFiles(repository, { passesOverDamaged: true });
  const packs = memory.journal.packs(run.runId);
  const gone = await deliverMissing(memory, repository, run.runId, packs, signal);
  const here = packs.filter(({ id }) => !gone.has(id));
  // Before those of the run are added to it.
  const named = new Set(index.packIds());
  const goneOfOthers = await findNamedButGone(memory, repository, run.runId, index, signal);
  for (const pack of here) index.addHeld(pack);
  // While every index file that the run began with is there, nothing was removed that it found in the repository: unless
  // one of ours came back.
  if (gone.size + goneOfOthers.length > 0 || run.indexIds.some((id) => !ids.has(id))) {
    const missing = await findMissing(repository, index, [run.seal.tree], signal);
    if (missing !== undefined) {
      memory.journal.reopen(run.runId, wallMs(repository.world.clock));
      throw new Failure('commit-incomplete', { blobs: missing.blobs }, { next: 'now' });
    }
  }
  const kept = run.seal.indexes
    .map((file) => ({ type: 'index', ...file }) as const)
    .filter((file) => {
      const names = namesIn(repository, file);
      if (names.some((id) => gone.has(id))) return false;
      for (const id of names) named.add(id);
      return true;
    });
  const unnamed = here.filter(({ id }) => !named.has(id));
  return { indexes: [...kept, ...(await sealIndexes(repository, unnamed))] };
}

/**
 * Whatever of the run the store does not have, it gets from the spool; the packs that neither has. Nothing is sent before
 * `mayWrite`.
 */
export async function deliverMissing(
  memory: RunMemory,
  repository: Repository,
  runId: string,
  packs: readonly JournalPack[],
  signal: AbortSignal,
  mayWrite: Promise<unknown> = Promise.resolve(),
): Promise<Set<Id>> {
  const [there] = await Promise.all([findPacks(repository, packs, signal), mayWrite]);
  for (const { id, at } of packs) if (at === 'spooled' && there.has(id)) memory.journal.packStored(runId, id);
  const missing = packs.filter(({ id }) => !there.has(id));
  if (missing.length === 0) return new Set();
  const gone = await deliverPacks(memory, repository, runId, missing, signal);
  // A store that has lost them once is not taken at its word.
  const delivered = missing.filter(({ id }) => !gone.has(id));
  const proven = await findPacks(repository, delivered, signal);
  const lost = delivered.find(({ id }) => !proven.has(id));
  if (lost !== undefined)
    throw new Failure('verification-failed', { what: 'pack', id: lost.id }, { next: 'later' });
  // That may have taken long.
  await whenThawed(repository, signal);
  return gone;
}

function namesIn(repository: Repository, file: SealedFile): Id[] {
  const json = Buffer.from(openFile(repository, file)).toString('utf8');
  return decodeFile('index', file.id, json, decodeIndex).map(({ id }) => id);
}
