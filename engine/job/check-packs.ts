/**
 * The data half of a check: every byte of the packs is read and proven by compute threads (`compute/prove-pack.ts`), which
 * get the bytes from here. A pack that fails is read once more, since a transport may lie, before it is called damaged.
 */
import type { StoredFile } from '../backend/backend.ts';
import { assert } from '../base/assert.ts';
import { isFailure } from '../base/failure.ts';
import { ownMemory } from '../base/let-go.ts';
import { limits } from '../base/limits.ts';
import { packError } from '../compute/carry-error.ts';
import { type Crew, hiredMax, type NewsListener } from '../compute/crew.ts';
import type { PackFault } from '../compute/prove-pack.ts';
import { type ProveTerms, proveSkill } from '../compute/prove-skill.ts';
import type { Id } from '../format/id.ts';
import type { Repository } from '../repo/repository.ts';
import type { CheckedIndex } from './check-index.ts';
import { type CheckTelling, whyOf } from './check-telling.ts';
import type { SummedPacks } from './summed-packs.ts';

export interface PackCheckOptions {
  /** What is known of packs already. */
  readonly summed?: SummedPacks | undefined;
  readonly pieceBytesMax?: number;
}

/** Packs are told of in their order; hands that have finished one go on with one further on. */
export class PackCheck {
  readonly #packs: readonly StoredFile[];
  readonly #summed: SummedPacks | undefined;
  readonly #checked: CheckedIndex;
  readonly #signal: AbortSignal;
  readonly #read: ReadPart;
  readonly #pieceBytesMax: number;
  readonly #crew: Crew<ProveTerms>;
  /** This thread's own hand, where it may be one. */
  readonly #own: Crew<ProveTerms> | undefined;
  readonly #inWork: Promise<readonly PackFault[]>[] = [];
  readonly #end = (): void => void this.#closeCrews(this.#signal.reason);
  #next = 0;

  constructor(
    repository: Repository,
    checked: CheckedIndex,
    packs: readonly StoredFile[],
    signal: AbortSignal,
    { summed, pieceBytesMax = limits.provePieceBytesMax }: PackCheckOptions = {},
  ) {
    const { key, world } = repository;
    const setup = { key, table: checked.index.handle, pieceBytesMax };
    this.#packs = packs;
    this.#summed = summed;
    this.#checked = checked;
    this.#signal = signal;
    this.#read = readParts(repository, signal);
    this.#pieceBytesMax = pieceBytesMax;
    const { handsMax } = world.compute;
    const onWanted = answerReads(this.#read);
    this.#crew = world.compute.hire(proveSkill, setup, onWanted);
    const hired = hiredMax(proveSkill, handsMax);
    if (hired < handsMax) this.#own = world.compute.hireHere(proveSkill, setup, onWanted);
    signal.addEventListener('abort', this.#end, { once: true });
    // So that none waits for its next pack.
    for (let i = 0; i < 2 * hired; i++) this.#proveNext(this.#crew);
  }

  async finish(telling: CheckTelling): Promise<void> {
    const bytes = this.#packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    telling.begin('data', this.#packs.length, bytes);
    if (this.#own !== undefined) this.#proveNext(this.#own);
    for (const { name, sizeBytes } of this.#packs) {
      this.#signal.throwIfAborted();
      const faults = this.#inWork.shift();
      assert(faults !== undefined, 'every pack is put in work before the one before it is done');
      for (const { code, detail } of await faults) telling.error(code, { pack: name, ...detail });
      telling.advance(sizeBytes);
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#end);
    await this.#closeCrews();
  }

  async #closeCrews(reason?: unknown): Promise<void> {
    this.#next = this.#packs.length;
    await Promise.all([this.#crew.close(reason), this.#own?.close(reason)]);
  }

  /** And when that pack is done, the one after it: which is in work before the end of this one is known. */
  #proveNext(crew: Crew<ProveTerms>): void {
    const pack = this.#packs[this.#next];
    if (pack === undefined) return;
    this.#next++;
    const faults = this.#faultsOf(pack, crew).finally(() => this.#proveNext(crew));
    faults.catch(() => undefined);
    this.#inWork.push(faults);
  }

  async #faultsOf(pack: StoredFile, crew: Crew<ProveTerms>): Promise<readonly PackFault[]> {
    const faults = await this.#prove(pack, crew, this.#summed?.has(pack.name) === true);
    return faults.length === 0 ? faults : await this.#prove(pack, crew, false);
  }

  async #prove(
    { name, sizeBytes }: StoredFile,
    crew: Crew<ProveTerms>,
    isSummed: boolean,
  ): Promise<readonly PackFault[]> {
    const number = this.#checked.index.packNumber(name)!;
    const blobCount = this.#checked.packs.get(name)?.blobCount ?? 0;
    const length = Math.min(sizeBytes, this.#pieceBytesMax);
    try {
      // With the request, so that a hand that has finished a pack need not wait for the next one's end.
      const end = await this.#read(name, sizeBytes - length, length);
      return await crew.ask({ id: name, sizeBytes, number, blobCount, isSummed, end }, [end.buffer]);
    } catch (error) {
      return [{ code: 'pack-unreadable', detail: { why: whyOf(error) } }];
    }
  }
}

/** Bytes of a pack, in memory of their own. */
type ReadPart = (pack: Id, offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

function readParts({ backend }: Repository, signal: AbortSignal): ReadPart {
  return async (name, offset, length) => {
    signal.throwIfAborted();
    try {
      return ownMemory(await backend.load({ type: 'pack', name }, { offset, length }, signal));
    } catch (error) {
      throw isFailure(error) || !signal.aborted ? error : signal.reason;
    }
  };
}

/** Loads what hands want of packs. */
function answerReads(read: ReadPart): NewsListener<ProveTerms> {
  return async ({ number, packId, offset, length }, reply) => {
    try {
      const bytes = await read(packId, offset, length);
      reply({ number, bytes }, [bytes.buffer]);
    } catch (error) {
      reply({ number, error: packError(error) });
    }
  };
}
