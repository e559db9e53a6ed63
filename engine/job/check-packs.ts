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
import type { Id } from '../format/id.ts';
import type { Repository } from '../repo/repository.ts';
import type { CheckedIndex } from './check-index.ts';
import { type CheckTelling, whyOf } from './check-telling.ts';

/** The packs in work, in the order in which they are told of; hands that have finished one go on with one further on. */
export class PackCheck {
  readonly #packs: readonly StoredFile[];
  readonly #checked: CheckedIndex;
  readonly #numbers: ReadonlyMap<Id, number>;
  readonly #signal: AbortSignal;
  readonly #crew: Crew<ProveTerms>;
  readonly #inWorkMax: number;
  readonly #inWork: { readonly pack: StoredFile; readonly faults: Promise<readonly PackFault[]> }[] = [];
  readonly #end = (): void => void this.#crew.close(this.#signal.reason);
  #next = 0;

  constructor(
    repository: Repository,
    checked: CheckedIndex,
    packs: readonly StoredFile[],
    signal: AbortSignal,
    pieceBytesMax: number = limits.provePieceBytesMax,
  ) {
    const { key, world } = repository;
    const setup = { key, table: checked.index.handle, pieceBytesMax };
    this.#packs = packs;
    this.#checked = checked;
    this.#numbers = new Map(checked.index.packIds().map((id, number) => [id, number]));
    this.#signal = signal;
    this.#inWorkMax = 2 * world.compute.handsMax;
    this.#crew = world.compute.hire(proveSkill, setup, answerReads(repository, signal));
    signal.addEventListener('abort', this.#end, { once: true });
  }

  /** Puts the first packs in work: what becomes of them is told later. */
  begin(): void {
    while (this.#next < this.#packs.length && this.#inWork.length < this.#inWorkMax) {
      const pack = this.#packs[this.#next++]!;
      const blobCount = this.#checked.packs.get(pack.name)?.blobCount ?? 0;
      const faults = faultsOf(this.#crew, pack, this.#numbers.get(pack.name)!, blobCount);
      faults.catch(() => undefined);
      this.#inWork.push({ pack, faults });
    }
  }

  async finish(telling: CheckTelling): Promise<void> {
    const bytes = this.#packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    telling.begin('data', this.#packs.length, bytes);
    for (;;) {
      this.#signal.throwIfAborted();
      this.begin();
      const first = this.#inWork.shift();
      if (first === undefined) return;
      const { pack, faults } = first;
      for (const { code, detail } of await faults) telling.error(code, { pack: pack.name, ...detail });
      telling.advance(pack.sizeBytes);
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#end);
    await this.#crew.close();
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
