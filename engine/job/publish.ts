/**
 * The publishing of a sealed run: packs, then index, then snapshot, each seen in the store before the next is sent. All of
 * it are bytes that lie on this machine, so it can be cut anywhere and done again: what the store has already is not
 * sent twice, and nothing is ever removed from it.
 */
import { configFile } from '../backend/backend.ts';
import { Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import { decodeConfig } from '../format/config-file.ts';
import type { Id } from '../format/id.ts';
import { unseal } from '../format/seal.ts';
import type { JournalPack } from '../journal/journal.ts';
import { whenThawed } from '../repo/freeze.ts';
import type { Repository } from '../repo/repository.ts';
import { isStoredWhole, storeAndSee } from '../repo/see-stored.ts';
import type { SealedFile } from '../repo/unpacked-files.ts';
import type { RunMemory } from './run-memory.ts';

/** Fails with `repository-replaced` where another repository is at its place, or `repository-missing`. */
export async function proveSameRepository({ backend, key, config }: Repository, id: Id): Promise<void> {
  const replaced = new Failure('repository-replaced', { location: backend.location });
  if (config.id !== id) throw replaced;
  try {
    const plaintext = unseal(key, await backend.load(configFile));
    if (plaintext === undefined || decodeConfig(plaintext).id !== id) throw replaced;
  } catch (error) {
    if (!isFailure(error, 'not-found')) throw error;
    throw new Failure('repository-missing', { location: backend.location }, { next: 'later' });
  }
}

/** Sends from the spool what the store does not have; the packs that neither has. */
export async function deliverPacks(
  { journal, spool }: RunMemory,
  { backend }: Repository,
  runId: string,
  missing: readonly JournalPack[],
  signal: AbortSignal,
): Promise<Set<Id>> {
  const gone = new Set<Id>();
  const waiting = [...missing].reverse();
  const deliver = async (): Promise<void> => {
    for (let pack = waiting.pop(); pack !== undefined; pack = waiting.pop()) {
      const bytes = await spool.get(runId, pack.id);
      if (bytes === undefined) {
        gone.add(pack.id);
        continue;
      }
      await backend.save({ type: 'pack', name: pack.id, holdsTrees: pack.isTree }, [bytes], signal);
      journal.packStored(runId, pack.id);
    }
  };
  const atOnce = Math.min(backend.connectionsMax, limits.uploadsInFlightMax);
  await Promise.all(Array.from({ length: atOnce }, deliver));
  return gone;
}

/**
 * Stores a small file unless the store has it, and sees it there and our lock beside it. The lock must have been looked at
 * just before. Fails with `verification-failed` where the store took the file and does not show it, with `lock-lost`.
 */
export async function publishFile(
  repository: Repository,
  file: SealedFile,
  { mayBeThere, signal }: { readonly mayBeThere: boolean; readonly signal: AbortSignal },
): Promise<void> {
  if (mayBeThere) {
    const isKnown = await isStoredWhole(repository, file, signal);
    await whenThawed(repository, signal);
    if (isKnown) return;
  }
  await storeAndSee(repository, file, { signal, wasLookedAt: true, andLook: true });
}
