/**
 * Drives `machine/late-look.ts`: looks once more at the snapshots of this machine that were committed a day ago, and tells
 * which of them has lost what it needs. The packs that an index names and the store does not have are remembered: the
 * next backup relies on nothing in them, and stores again what the sources still have. Used by whoever opens a vault.
 */
import { wallMs } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import type { CommittedRun } from '../journal/journal.ts';
import { dueLooks, lateVerdict, perhapsHealed } from '../machine/late-look.ts';
import type { IncompleteNews } from '../protocol/run-news.ts';
import { findPacks, type PackWanted } from '../repo/find-packs.ts';
import { withLock } from '../repo/hold-lock.ts';
import { loadIndexFiles } from '../repo/load-index.ts';
import { findMissing, type Missing } from '../repo/prove-complete.ts';
import type { Repository } from '../repo/repository.ts';
import { type Listed, listBeginning } from './beginning.ts';
import type { RunMemory } from './run-memory.ts';

export interface LateLookParts {
  readonly repository: Repository;
  readonly memory: RunMemory;
  readonly signal: AbortSignal;
  /** What the store listed just now. */
  readonly listed?: Promise<Listed> | undefined;
  tell(news: IncompleteNews): void;
}

/** Makes the looks that are due. Fails only where it is cancelled: a look that could not be made stays due. */
export async function lookLate(parts: LateLookParts): Promise<void> {
  const { journal } = parts.memory;
  const { config, world } = parts.repository;
  const { runs, lastMs } = journal.lateLooks(config.id);
  await lookAt(parts, dueLooks(runs, lastMs, wallMs(world.clock)));
}

/** After a backup, for those that lacked something: it may have stored that again. Tells only what has changed. */
export async function lookWhetherHealed(parts: LateLookParts): Promise<void> {
  const { runs } = parts.memory.journal.lateLooks(parts.repository.config.id);
  const lacking = perhapsHealed(runs);
  const before = new Map(lacking.map((run) => [run.snapshotId, run.missingBlobs]));
  const tell = (news: IncompleteNews): void => {
    if (news.missingBlobs !== before.get(news.snapshotId)) parts.tell(news);
  };
  await lookAt({ ...parts, tell }, lacking, (run) => run.lookedMs);
}

/** `atMs`: as when it is remembered, if not as of now. */
async function lookAt(
  parts: LateLookParts,
  due: readonly CommittedRun[],
  atMs: (run: CommittedRun) => number | undefined = () => undefined,
): Promise<void> {
  const { repository, signal } = parts;
  if (due.length === 0 || repository.backend.isAway) return;
  try {
    await new Look(parts, atMs).lookAt(due);
  } catch (error) {
    signal.throwIfAborted();
    if (!isFailure(error)) throw error;
    repository.world.log.note(
      `earlier snapshots could not be looked at once more (${error.code}); it is due still`,
    );
  }
}

class Look {
  readonly #parts: LateLookParts;
  readonly #repository: Repository;
  readonly #atMs: (run: CommittedRun) => number | undefined;

  constructor(parts: LateLookParts, atMs: (run: CommittedRun) => number | undefined) {
    this.#parts = parts;
    this.#atMs = atMs;
    this.#repository = parts.repository;
  }

  async lookAt(runs: readonly CommittedRun[]): Promise<void> {
    const { listed } = this.#parts;
    const { backend } = this.#repository;
    const { snapshots, indexes } = (await listed?.catch(() => undefined)) ?? (await listBeginning(backend));
    const gone = await this.#findGone(runs);
    const there = new Set(await this.#stillThere(runs, new Set(snapshots)));
    const names = new Set(indexes.map(({ name }) => name));
    const inDoubt = runs.filter((run) => {
      const { at, indexIds = [], storedIndexes = [] } = this.#parts.memory.journal.run(run.runId) ?? {};
      const indexesGone = [...indexIds, ...storedIndexes].filter((id) => !names.has(id)).length;
      // What one of our runs wrote, another one relies on.
      const packsGone = gone.length;
      const seen = { isThere: there.has(run), isBegunAnew: at === 'begun-anew', indexesGone, packsGone };
      return lateVerdict(seen) === 'in-doubt';
    });
    if (inDoubt.length + gone.length > 0) await this.#prove(runs, inDoubt, gone);
    else for (const run of runs) this.#settle(run, []);
  }

  /** Packs that the store does not have, of what these runs wrote and of what was missed before. */
  async #findGone(runs: readonly CommittedRun[]): Promise<PackWanted[]> {
    const { journal } = this.#parts.memory;
    const own = runs.flatMap(({ runId }) => journal.packs(runId));
    const wanted = [...own, ...journal.endedPacks(this.#repository.config.id)];
    const packs = [...new Map(wanted.map((pack) => [pack.id, pack])).values()];
    const found = await findPacks(this.#repository, packs, this.#parts.signal);
    return packs.filter(({ id }) => !found.has(id));
  }

  /** A listing may lag: one that it has not is asked for by its name. */
  async #stillThere(runs: readonly CommittedRun[], listed: ReadonlySet<string>): Promise<CommittedRun[]> {
    const there: CommittedRun[] = [];
    for (const run of runs)
      if (listed.has(run.snapshotId) || (await this.#isThere(run.snapshotId))) there.push(run);
    return there;
  }

  async #isThere(name: string): Promise<boolean> {
    try {
      await this.#repository.backend.stat({ type: 'snapshot', name }, this.#parts.signal);
      return true;
    } catch (error) {
      if (isFailure(error, 'not-found')) return false;
      throw error;
    }
  }

  /** Under a lock: beside a prune, what is only being moved would be missed. */
  async #prove(
    runs: readonly CommittedRun[],
    inDoubt: readonly CommittedRun[],
    gone: readonly PackWanted[],
  ): Promise<void> {
    const request = { exclusive: false, signal: this.#parts.signal };
    await withLock(this.#repository, request, async (signal) => {
      const there = new Set(await this.#stillThere(inDoubt, new Set()));
      // Who restores has nothing of an index that is damaged, either; and it may stay so for ever.
      const { index } = await loadIndexFiles(this.#repository, { passesOverDamaged: true });
      const goneButNamed = gone.filter(({ id }) => index.hasPack(id));
      const missingOf = async (...some: CommittedRun[]): Promise<Missing | undefined> => {
        const trees = some.map(({ tree }) => tree);
        return await findMissing(this.#repository, index, trees, signal);
      };
      // Snapshots of one machine share most trees. Where anything is missed, each is looked at by itself: then nobody is
      // alarmed by one bad answer, either.
      const isAnyMissing = there.size > 0 && (await missingOf(...there)) !== undefined;
      for (const run of runs) {
        const missing = isAnyMissing && there.has(run) ? await missingOf(run) : undefined;
        signal.throwIfAborted();
        this.#settle(run, goneButNamed, missing);
      }
    });
  }

  #settle(run: CommittedRun, gone: readonly PackWanted[], missing?: Missing): void {
    const { memory, tell } = this.#parts;
    const { runId, snapshotId, committedMs } = run;
    const missingBlobs = missing?.blobs ?? 0;
    const gonePacks = [...gone, ...(missing?.packs ?? [])];
    const atMs = this.#atMs(run) ?? wallMs(this.#repository.world.clock);
    memory.journal.lookedAt(runId, { atMs, missingBlobs, gonePacks });
    if (missingBlobs > 0 || run.missingBlobs > 0)
      tell({ type: 'snapshot-incomplete', snapshotId, committedMs, missingBlobs });
  }
}
