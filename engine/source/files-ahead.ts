/**
 * Files of which a part is looked at before the walk asks for it: while a repository is being opened, and its key derived
 * in another thread, this one has nothing else to do. What was seen is told once, in the walk's own order, and only for
 * a short while: after that, and for all else, the files are asked.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Excluder } from './exclude.ts';
import type { Item } from './item.ts';
import { baseName, childPath } from './path.ts';
import type { KnownFile, SourceFile, SourceFiles } from './source-files.ts';

export class FilesAhead implements SourceFiles {
  readonly #files: SourceFiles;
  readonly #clock: Clock;
  readonly #items = new Map<ByteString, Item>();
  readonly #names = new Map<ByteString, ByteString[]>();
  #goodUntilMs = 0;
  #turnEndsMs = 0;

  constructor(files: SourceFiles, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Looks at what a walk from these paths will ask for, until so much is seen or the signal ends it. Never fails. */
  async look(paths: readonly ByteString[], excluder: Excluder, signal: AbortSignal): Promise<void> {
    this.#goodUntilMs = this.#clock.elapsedMs() + limits.aheadMsMax;
    try {
      for (const path of paths) await this.#visit(path, true, excluder, signal);
    } catch {
      // The walk meets the same, and tells it.
    }
  }

  item(path: ByteString, name: ByteString): Item {
    const item = this.#taken(this.#items, path);
    return item?.name === name ? item : this.#files.item(path, name);
  }

  names(path: ByteString): ByteString[] {
    return this.#taken(this.#names, path) ?? this.#files.names(path);
  }

  glance(path: ByteString): ReturnType<SourceFiles['glance']> {
    return this.#files.glance(path);
  }

  followed(path: ByteString, name: ByteString): Item {
    return this.#files.followed(path, name);
  }

  open(path: ByteString, known: KnownFile): SourceFile {
    return this.#files.open(path, known);
  }

  async #visit(path: ByteString, isTarget: boolean, excluder: Excluder, signal: AbortSignal): Promise<void> {
    if (this.#clock.elapsedMs() >= this.#turnEndsMs) await this.#pass();
    if (signal.aborted || this.#items.size >= limits.aheadItemsMax) return;
    if (!isTarget && excluder.byPath(path)) return;
    const item = this.#files.item(path, baseName(path));
    this.#items.set(path, item);
    if (item.kind !== 'dir' || (!isTarget && excluder.byItem(path, item))) return;
    const names = this.#files.names(path);
    this.#names.set(path, names);
    for (const name of names) await this.#visit(childPath(path, name), false, excluder, signal);
  }

  /** Whatever opens the repository must not wait for this. */
  async #pass(): Promise<void> {
    await this.#clock.sleep(0);
    this.#turnEndsMs = this.#clock.elapsedMs() + limits.aheadTurnMsMax;
  }

  #taken<Seen>(seen: Map<ByteString, Seen>, path: ByteString): Seen | undefined {
    if (seen.size === 0) return undefined;
    const found = seen.get(path);
    seen.delete(path);
    if (this.#clock.elapsedMs() <= this.#goodUntilMs) return found;
    seen.clear();
    return undefined;
  }
}
