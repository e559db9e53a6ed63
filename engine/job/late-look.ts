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
  /** Packs that runs of this machine wrote, and that the store does not have. */
  #gone: readonly PackWanted[] = [];

  constructor(parts: LateLookParts, atMs: (run: CommittedRun) => number | undefined) {
    this.#parts = parts;
    this.#atMs = atMs;
    this.#repository = parts.repository;
  }

  async lookAt(runs: readonly CommittedRun[]): Promise<void> {
    const { listed } = this.#parts;
    const { backend } = this.#repository;
    const { snapshots, indexes } = (await listed?.catch(() => undefined)) ?? (await listBeginning(backend));
    const there = await this.#stillThere(runs, new Set(snapshots));
    this.#gone = await this.#findGone(there);
    const names = new Set(indexes.map(({ name }) => name));
    const inDoubt: CommittedRun[] = [];
    for (const run of there) {
      const indexesGone = run.indexIds.filter((id) => !names.has(id)).length;
      // What one of our runs wrote, another one relies on.
      const seen = { isThere: true, indexesGone, packsGone: this.#gone.length };
      if (lateVerdict(seen) === 'in-doubt') inDoubt.push(run);
      else this.#settle(run);
    }
    if (inDoubt.length > 0) await this.#prove(inDoubt);
  }

  /** Of what these runs wrote, and of what was missed before. */
  async #findGone(runs: readonly CommittedRun[]): Promise<PackWanted[]> {
    const { journal } = this.#parts.memory;
    if (runs.length === 0) return [];
    const own = runs.flatMap(({ runId }) => journal.packs(runId));
    const wanted = [...own, ...journal.endedPacks(this.#repository.config.id)];
    const packs = [...new Map(wanted.map(({ id, sizeBytes }) => [id, { id, sizeBytes }])).values()];
    const found = await findPacks(this.#repository, packs, this.#parts.signal);
    return packs.filter(({ id }) => !found.has(id));
  }

  /** A listing may lag: one that it has not is asked for by its name. */
  async #stillThere(runs: readonly CommittedRun[], listed: ReadonlySet<string>): Promise<CommittedRun[]> {
    const there: CommittedRun[] = [];
    for (const run of runs) {
      const isThere = listed.has(run.snapshotId) || (await this.#isThere(run));
      if (lateVerdict({ isThere, indexesGone: 0, packsGone: 0 }) === 'forgotten') this.#settle(run);
      else there.push(run);
    }
    return there;
  }

  async #isThere({ snapshotId }: CommittedRun): Promise<boolean> {
    try {
      await this.#repository.backend.stat({ type: 'snapshot', name: snapshotId }, this.#parts.signal);
      return true;
    } catch (error) {
      if (isFailure(error, 'not-found')) return false;
      throw error;
    }
  }

  /** Under a lock: beside a prune, what is only being moved would be missed. */
  async #prove(runs: readonly CommittedRun[]): Promise<void> {
    const request = { exclusive: false, signal: this.#parts.signal };
    await withLock(this.#repository, request, async (signal) => {
      const there = await this.#stillThere(runs, new Set());
      const { index } = await loadIndexFiles(this.#repository);
      const missingOf = (some: readonly CommittedRun[]): Promise<Missing | undefined> =>
        findMissing(
          this.#repository,
          index,
          some.map(({ tree }) => tree),
          signal,
        );
      // Snapshots of one machine share most trees. Where anything is missed, each is looked at by itself: then nobody is
      // alarmed by one bad answer, either.
      const isAnyMissing = there.length > 0 && (await missingOf(there)) !== undefined;
      const named = new Set(index.packIds());
      for (const run of there) {
        const missing = isAnyMissing ? await missingOf([run]) : undefined;
        signal.throwIfAborted();
        this.#settle(run, missing, named);
      }
    });
  }

  #settle(run: CommittedRun, missing?: Missing, named: ReadonlySet<string> = new Set()): void {
    const { memory, tell } = this.#parts;
    const { runId, snapshotId, committedMs } = run;
    const missingBlobs = missing?.blobs ?? 0;
    const gonePacks = [...this.#gone.filter(({ id }) => named.has(id)), ...(missing?.packs ?? [])];
    const atMs = this.#atMs(run) ?? wallMs(this.#repository.world.clock);
    memory.journal.lookedAt(runId, { atMs, missingBlobs, gonePacks });
    if (missingBlobs > 0 || run.missingBlobs > 0)
      tell({ type: 'snapshot-incomplete', snapshotId, committedMs, missingBlobs });
  }
}
