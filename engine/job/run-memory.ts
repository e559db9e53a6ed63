/**
 * What this machine remembers of runs, as jobs use it: the journal, the spool, and which runs somebody works on now. One
 * for each process; a run whose process has ended belongs to whoever comes next.
 */
import { wallMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Journal, JournalRun, RunOwner } from '../journal/journal.ts';
import type { Spool } from '../journal/spool.ts';
import type { World } from '../repo/repository.ts';

export class RunMemory {
  readonly journal: Journal;
  readonly spool: Spool;
  readonly #working = new Set<string>();
  readonly #clearing = new Set<Promise<void>>();

  constructor(journal: Journal, spool: Spool) {
    this.journal = journal;
    this.spool = spool;
  }

  /** Nobody else of this process works on the run until `work` has ended. */
  async holding<Result>(runId: string, work: () => Promise<Result>): Promise<Result> {
    this.#working.add(runId);
    try {
      return await work();
    } finally {
      this.#working.delete(runId);
    }
  }

  /** Whether nobody works on the run. */
  isFree({ runId, owner }: JournalRun, { host, lookAtProcess }: World): boolean {
    if (this.#working.has(runId)) return false;
    if (owner.pid === host.pid) return true;
    const process = lookAtProcess?.(owner.pid);
    if (process?.is !== 'running') return true;
    // Another program may have got the number since.
    return process.sinceMs !== undefined && process.sinceMs > owner.sinceMs + limits.clockDoubtMs;
  }

  /** Nothing of the run is needed any more: what the spool has of it goes while others go on. What stays is tidied up later. */
  clear(runId: string): void {
    const removed = this.spool
      .removeRun(runId)
      .catch(() => undefined)
      .finally(() => this.#clearing.delete(removed));
    this.#clearing.add(removed);
  }

  /** All that was to go has gone. */
  async rest(): Promise<void> {
    await Promise.all(this.#clearing);
  }

  /** Removes what no run needs: a crash left it. */
  async tidy(): Promise<void> {
    await this.spool.removeAllBut(new Set(this.journal.openRuns().map(({ runId }) => runId)));
  }
}

export function ownerNow({ host, clock }: World): RunOwner {
  return { pid: host.pid, sinceMs: wallMs(clock) };
}
