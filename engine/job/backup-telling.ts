/** Tells a listener what a backup does: news of items at once, progress a few times a second. */
import type { ByteString } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { Failure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { BackupNews, BackupProgress, RunPhase } from '../protocol/run-news.ts';
import type { ArchiveListener } from './archive-tree.ts';
import type { BackupCounts, ItemAction } from './backup-counts.ts';
import type { SizeTotals } from './scan-size.ts';

export interface BackupListener {
  /** Each replaces the one before. */
  progress(progress: BackupProgress): void;
  news(news: BackupNews): void;
}

/** Bytes that were read of the sources, and that the backend has acknowledged. */
export interface Moved {
  readonly bytesRead: number;
  readonly storedBytes: number;
}

export class BackupTelling implements ArchiveListener {
  readonly #counts: BackupCounts;
  readonly #listener: BackupListener;
  readonly #clock: Clock;
  #phase: RunPhase = 'opening';
  #current: ByteString | undefined;
  #totals: SizeTotals | undefined;
  #moved: Moved = { bytesRead: 0, storedBytes: 0 };
  #toldMs = Number.NEGATIVE_INFINITY;
  #beganMs = 0;

  constructor(counts: BackupCounts, listener: BackupListener, clock: Clock) {
    this.#counts = counts;
    this.#listener = listener;
    this.#clock = clock;
  }

  /** From now on, `moved` is asked how far the work is. */
  follow(moved: Moved): void {
    this.#moved = moved;
  }

  phase(phase: RunPhase): void {
    this.#phase = phase;
    if (phase !== 'uploading') this.#current = undefined;
    this.#tell();
  }

  totals(totals: SizeTotals): void {
    this.#totals = totals;
    this.#tell();
  }

  /** The walk has met everything: what it counted is the total, whether or not the scan was faster. */
  walked(): void {
    this.totals({ files: this.#counts.filesProcessed, bytes: this.#bytesRead() });
  }

  began(path: ByteString): void {
    this.#current = path;
    this.#beganMs = this.#clock.elapsedMs();
    if (this.#beganMs - this.#toldMs >= limits.progressEveryMs) this.#tell();
  }

  /** Something moved: worth telling, but not more often than a person can see. */
  moved(): void {
    if (this.#clock.elapsedMs() - this.#toldMs >= limits.progressEveryMs) this.#tell();
  }

  stored(path: ByteString, isFolder: boolean, action: ItemAction): void {
    const added = this.#counts.takeAdded();
    this.#listener.news({
      type: 'item',
      action,
      path,
      isFolder,
      dataBytes: added.data.bytes,
      dataStoredBytes: added.data.packedBytes,
      treeBytes: added.tree.bytes,
      treeStoredBytes: added.tree.packedBytes,
      durationMs: this.#clock.elapsedMs() - this.#beganMs,
    });
  }

  failed(path: ByteString, error: unknown): void {
    this.#counts.takeAdded();
    this.#listener.news({ type: 'error', during: 'archival', item: path, message: sentenceOf(error) });
  }

  changedWhileReading(path: ByteString): void {
    this.#listener.news({ type: 'changed-while-reading', item: path });
  }

  warned(path: ByteString, sentence: string): void {
    this.#listener.news({ type: 'warning', item: path, message: sentence });
  }

  #bytesRead(): number {
    return this.#counts.bytesUnread + this.#moved.bytesRead;
  }

  #tell(): void {
    this.#toldMs = this.#clock.elapsedMs();
    this.#listener.progress({
      phase: this.#phase,
      filesDone: this.#counts.filesProcessed,
      ...(this.#totals === undefined
        ? {}
        : { filesTotal: this.#totals.files, bytesTotal: this.#totals.bytes }),
      bytesRead: this.#bytesRead(),
      bytesStored: this.#moved.storedBytes,
      errors: this.#counts.errors,
      currentFiles: this.#current === undefined ? [] : [this.#current],
    });
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof Failure && error.cause instanceof Error) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}
