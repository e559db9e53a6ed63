/**
 * Counts and passes on what a check finds, and tells how far it is a few times a second. Before `speak`, it keeps all to
 * itself: what is read while the lock is being taken may count for nothing.
 */
import type { Clock } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type {
  CheckCode,
  CheckDetail,
  CheckFinding,
  CheckPhase,
  CheckProgress,
  CheckSummary,
} from '../protocol/check-news.ts';

export interface CheckListener {
  finding(finding: CheckFinding): void;
  /** Each replaces the one before. */
  progress(progress: CheckProgress): void;
}

/** What a pack with such a finding needs is `restic repair packs`. */
const breaksPack: ReadonlySet<CheckCode> = new Set([
  'pack-entries-differ',
  'pack-size',
  'pack-unreadable',
  'pack-hash',
  'pack-header',
  'pack-header-differs',
  'blob-damaged',
]);
const needsRepairIndex: ReadonlySet<CheckCode> = new Set(['index-unreadable', 'pack-in-several-indexes']);
const needsPrune: ReadonlySet<CheckCode> = new Set(['pack-mixed', 'pack-unreferenced']);

export class CheckTelling {
  readonly #listener: CheckListener;
  /** What waits to be told; undefined once it counts. */
  #withheld: (() => void)[] | undefined = [];
  readonly #clock: Clock;
  readonly #brokenPacks = new Set<string>();
  #errors = 0;
  #hints = 0;
  readonly #codes = new Set<CheckCode>();
  #progress: CheckProgress = { phase: 'index', done: 0, total: 0, bytesDone: 0, bytesTotal: 0, errors: 0 };
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(listener: CheckListener, clock: Clock) {
    this.#listener = listener;
    this.#clock = clock;
  }

  /** From now on, what is found counts: all that was withheld is told. */
  speak(): void {
    const withheld = this.#withheld ?? [];
    this.#withheld = undefined;
    for (const tell of withheld) tell();
  }

  error(code: CheckCode, detail: CheckDetail): void {
    this.#errors++;
    this.#tell({ severity: 'error', code, detail });
  }

  hint(code: CheckCode, detail: CheckDetail): void {
    this.#hints++;
    this.#tell({ severity: 'hint', code, detail });
  }

  begin(phase: CheckPhase, total: number, bytesTotal = 0): void {
    this.#progress = { phase, done: 0, total, bytesDone: 0, bytesTotal, errors: this.#errors };
    this.#tellProgress();
  }

  /** One more is done. */
  advance(bytes = 0): void {
    const { done, bytesDone } = this.#progress;
    this.#progress = {
      ...this.#progress,
      done: done + 1,
      bytesDone: bytesDone + bytes,
      errors: this.#errors,
    };
    const isLast = this.#progress.done === this.#progress.total;
    if (isLast || this.#clock.elapsedMs() - this.#toldMs >= limits.progressEveryMs) this.#tellProgress();
  }

  summary(): CheckSummary {
    const isData = this.#progress.phase === 'data';
    return {
      errors: this.#errors,
      hints: this.#hints,
      brokenPacks: [...this.#brokenPacks],
      suggestRepairIndex: this.#hasAny(needsRepairIndex),
      // Packs whose index cannot be read look as if nobody needed them: a prune would remove them.
      suggestPrune: this.#hasAny(needsPrune) && !this.#codes.has('index-unreadable'),
      packsRead: isData ? this.#progress.done : 0,
      bytesRead: isData ? this.#progress.bytesDone : 0,
    };
  }

  #tell(finding: CheckFinding): void {
    const { code, detail } = finding;
    if (breaksPack.has(code)) this.#brokenPacks.add(String(detail.pack));
    this.#codes.add(code);
    this.#say(() => this.#listener.finding(finding));
  }

  #hasAny(codes: ReadonlySet<CheckCode>): boolean {
    return [...codes].some((code) => this.#codes.has(code));
  }

  #tellProgress(): void {
    this.#toldMs = this.#clock.elapsedMs();
    const progress = this.#progress;
    this.#say(() => this.#listener.progress(progress));
  }

  #say(tell: () => void): void {
    if (this.#withheld === undefined) tell();
    else this.#withheld.push(tell);
  }
}

/** Why something could not be read, as a detail. What is no failure is a fault of ours or a cancel: it goes on up. */
export function whyOf(error: unknown): string {
  if (!isFailure(error) || error.code === 'cancelled' || error.code === 'lock-lost') throw error;
  const { why, errno } = error.detail;
  return String(why ?? errno ?? error.code);
}
