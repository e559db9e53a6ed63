/**
 * The data half of a check: every byte of the packs is read and proven by compute threads (`compute/prove-pack.ts`), which
 * get the bytes from here. A pack that fails is read once more, since a transport may lie, before it is called damaged.
 */
import type { StoredFile } from '../backend/backend.ts';
import { isFailure } from '../base/failure.ts';
import { ownMemory } from '../base/let-go.ts';
import { limits } from '../base/limits.ts';
import { packError } from '../compute/carry-error.ts';
import type { Crew, NewsListener } from '../compute/crew.ts';
import type { PackFault } from '../compute/prove-pack.ts';
import { type ProveTerms, proveSkill } from '../compute/prove-skill.ts';
import type { Repository } from '../repo/repository.ts';
import type { CheckedIndex } from './check-index.ts';
import { type CheckTelling, whyOf } from './check-telling.ts';

export async function checkPacks(
  repository: Repository,
  checked: CheckedIndex,
  packs: readonly StoredFile[],
  telling: CheckTelling,
  signal: AbortSignal,
  pieceBytesMax: number = limits.provePieceBytesMax,
): Promise<void> {
  const { key, world } = repository;
  telling.begin(
    'data',
    packs.length,
    packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  );
  const setup = { key, table: checked.index.handle, pieceBytesMax };
  const crew = world.compute.hire(proveSkill, setup, answerReads(repository, signal));
  const end = (): void => void crew.close(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    const numbers = new Map(checked.index.packIds().map((id, number) => [id, number]));
    const begin = (pack: StoredFile): Promise<readonly PackFault[]> =>
      faultsOf(crew, pack, numbers.get(pack.name)!, checked.packs.get(pack.name)?.blobCount ?? 0);
    // What is told keeps the order of the packs; a hand that has finished its own goes on with one further on.
    const inWork: { pack: StoredFile; faults: Promise<readonly PackFault[]> }[] = [];
    let next = 0;
    while (next < packs.length || inWork.length > 0) {
      signal.throwIfAborted();
      while (next < packs.length && inWork.length < 2 * world.compute.handsMax) {
        const pack = packs[next++]!;
        const faults = begin(pack);
        faults.catch(() => undefined);
        inWork.push({ pack, faults });
      }
      const { pack, faults } = inWork.shift()!;
      for (const { code, detail } of await faults) telling.error(code, { pack: pack.name, ...detail });
      telling.advance(pack.sizeBytes);
    }
  } finally {
    signal.removeEventListener('abort', end);
    await crew.close();
  }
}

async function faultsOf(
  crew: Crew<ProveTerms>,
  { name, sizeBytes }: StoredFile,
  number: number,
  blobCount: number,
): Promise<readonly PackFault[]> {
  const prove = async (): Promise<readonly PackFault[]> => {
    try {
      return await crew.ask({ id: name, sizeBytes, number, blobCount });
    } catch (error) {
      return [{ code: 'pack-unreadable', detail: { why: whyOf(error) } }];
    }
  };
  const faults = await prove();
  return faults.length === 0 ? faults : await prove();
}

/** Loads what hands want of packs. */
function answerReads({ backend }: Repository, signal: AbortSignal): NewsListener<ProveTerms> {
  return async ({ number, packId, offset, length }, reply) => {
    try {
      signal.throwIfAborted();
      const loaded = await backend.load({ type: 'pack', name: packId }, { offset, length }, signal);
      const bytes = ownMemory(loaded);
      reply({ number, bytes }, [bytes.buffer]);
    } catch (error) {
      reply({ number, error: packError(isFailure(error) || !signal.aborted ? error : signal.reason) });
    }
  };
}
