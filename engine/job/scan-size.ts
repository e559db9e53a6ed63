/** Counts the files and bytes of the sources, so that progress has an end. It runs beside the backup itself, if that takes long enough. */
import type { ByteString } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { Turn } from '../compute/turn.ts';
import type { Excluder } from '../source/exclude.ts';
import type { Glance } from '../source/item.ts';
import { joinPath } from '../source/path.ts';
import type { SourceFiles } from '../source/source-files.ts';

export interface SizeTotals {
  readonly files: number;
  readonly bytes: number;
}

export class SizeScan {
  readonly #files: SourceFiles;
  readonly #excluder: Excluder;
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #signal: AbortSignal;
  #fileCount = 0;
  #bytes = 0;

  constructor(files: SourceFiles, excluder: Excluder, clock: Clock, signal: AbortSignal) {
    this.#files = files;
    this.#excluder = excluder;
    this.#clock = clock;
    this.#turn = new Turn(clock);
    this.#signal = signal;
  }

  async run(paths: readonly ByteString[]): Promise<SizeTotals> {
    await this.#clock.sleep(limits.scanAfterMs, this.#signal);
    for (const path of paths) await this.#visit(path, true);
    return { files: this.#fileCount, bytes: this.#bytes };
  }

  async #visit(path: ByteString, isTarget: boolean): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#turn.isOver) await this.#turn.pass();
    if (!isTarget && this.#excluder.byPath(path)) return;
    const item = this.#item(path);
    if (item === undefined || (!isTarget && this.#excluder.byItem(path, item))) return;
    if (item.kind === 'dir') {
      for (const name of this.#names(path)) await this.#visit(joinPath(path, name), false);
    } else if (item.kind === 'file') {
      this.#fileCount++;
      this.#bytes += item.sizeBytes;
    }
  }

  /** What cannot be read counts for nothing; the backup tells of it. */
  #item(path: ByteString): Glance | undefined {
    try {
      return this.#files.glance(path);
    } catch {
      return undefined;
    }
  }

  #names(path: ByteString): ByteString[] {
    try {
      return this.#files.names(path);
    } catch {
      return [];
    }
  }
}
