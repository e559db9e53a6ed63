/** Counts what a restore does and tells it: news of entries at once, progress a few times a second. */
import type { ByteString } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { RestoredNews, RestoreNews, RestoreProgress } from '../protocol/run-news.ts';

export interface RestoreListener {
  /** Each replaces the one before. */
  progress(progress: RestoreProgress): void;
  news(news: RestoreNews): void;
}

/** Files means entries of every kind, folders too, as restic counts them. */
export interface RestoreSummary extends RestoreProgress {
  readonly filesVerified: number;
  readonly dryRun: boolean;
  readonly durationMs: number;
}

export class RestoreTelling {
  readonly #listener: RestoreListener;
  readonly #clock: Clock;
  readonly #startMs: number;
  /** Whether the totals were counted beforehand; else they grow while the restore finds its work. */
  readonly #isCounted: boolean;
  #toldMs = Number.NEGATIVE_INFINITY;
  #filesDone = 0;
  #filesTotal: number;
  #bytesDone = 0;
  #bytesTotal: number;
  #filesSkipped = 0;
  #bytesSkipped = 0;
  #filesDeleted = 0;
  #filesVerified = 0;
  #errors = 0;

  constructor(
    listener: RestoreListener,
    clock: Clock,
    totals: { readonly files: number; readonly bytes: number } | undefined,
  ) {
    this.#listener = listener;
    this.#clock = clock;
    this.#startMs = clock.elapsedMs();
    this.#isCounted = totals !== undefined;
    this.#filesTotal = totals?.files ?? 0;
    this.#bytesTotal = totals?.bytes ?? 0;
  }

  /** An entry that is to be restored was found. */
  expect(bytes: number): void {
    if (this.#isCounted) return;
    this.#filesTotal++;
    this.#bytesTotal += bytes;
  }

  /** What exists stays: it is right already, or must not be replaced. */
  keep(path: ByteString, bytes: number): void {
    this.leaveOut(bytes);
    this.#listener.news({ type: 'restored', action: 'unchanged', path, sizeBytes: bytes });
  }

  /** An entry that is not restored at all, or not once more. */
  leaveOut(bytes: number): void {
    if (this.#isCounted) {
      this.#filesTotal--;
      this.#bytesTotal -= bytes;
    }
    this.#filesSkipped++;
    this.#bytesSkipped += bytes;
    this.#moved();
  }

  wrote(bytes: number): void {
    this.#bytesDone += bytes;
    this.#moved();
  }

  done(action: RestoredNews['action'], path: ByteString, sizeBytes: number): void {
    if (action === 'deleted') this.#filesDeleted++;
    else this.#filesDone++;
    this.#listener.news({ type: 'restored', action, path, sizeBytes });
    this.#moved();
  }

  verified(): void {
    this.#filesVerified++;
  }

  failed(path: ByteString, error: unknown, during: 'restore' | 'verify' = 'restore'): void {
    this.#errors++;
    this.#listener.news({ type: 'error', during, item: path, message: reasonOf(error) });
  }

  summary(dryRun: boolean): RestoreSummary {
    this.#listener.progress(this.#progress());
    const durationMs = this.#clock.elapsedMs() - this.#startMs;
    return { ...this.#progress(), filesVerified: this.#filesVerified, dryRun, durationMs };
  }

  #moved(): void {
    if (this.#clock.elapsedMs() - this.#toldMs < limits.progressEveryMs) return;
    this.#toldMs = this.#clock.elapsedMs();
    this.#listener.progress(this.#progress());
  }

  #progress(): RestoreProgress {
    return {
      filesDone: this.#filesDone,
      filesTotal: this.#filesTotal,
      bytesDone: this.#bytesDone,
      bytesTotal: this.#bytesTotal,
      filesSkipped: this.#filesSkipped,
      bytesSkipped: this.#bytesSkipped,
      filesDeleted: this.#filesDeleted,
      errors: this.#errors,
    };
  }
}

/** What went wrong, in a few words. A path of ours into the target says nothing to a person, and is cut off. */
function reasonOf(error: unknown): string {
  if (isFailure(error)) {
    const { why, errno, what, id } = error.detail;
    if (why !== undefined || errno !== undefined) return String(why ?? errno);
    return what === undefined ? error.code : `${error.code}: ${what} ${id ?? ''}`.trimEnd();
  }
  return error instanceof Error ? error.message.replace(/ '.*$/s, '') : String(error);
}
