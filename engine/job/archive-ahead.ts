/** How far the walk is ahead of what is stored: it waits while there is no room, so that memory stays bounded. */
import { limits } from '../base/limits.ts';
import type { BlobStore } from '../repo/blob-store.ts';
import { BlobQueue } from './archive-blobs.ts';
import { FileQueue } from './archive-file.ts';

export class AheadQueues {
  readonly #store: BlobStore;
  readonly files: FileQueue;
  readonly trees: BlobQueue;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(store: BlobStore) {
    this.#store = store;
    const listener = {
      moved: () => this.#wake(),
      failed: (error: unknown) => {
        this.#failure ??= { error };
        this.#wake();
      },
    };
    this.files = new FileQueue(store, listener);
    this.trees = new BlobQueue(store, 'tree', listener);
  }

  /** Resolves when there is room for another file; undefined where there is. Fails with what ended the store. */
  room(): Promise<void> | undefined {
    return this.#hasRoom() && this.#failure === undefined ? undefined : this.#until(() => this.#hasRoom());
  }

  /** Resolves when all is settled. */
  async drained(): Promise<void> {
    await this.#until(() => this.files.ahead === 0 && this.trees.ahead === 0);
  }

  /** Threads that are at work, and have not enough to do, get batches that are not full. */
  flush(): void {
    this.files.flush();
    if (this.#store.hasThreads) this.trees.flush();
  }

  #hasRoom(): boolean {
    const { files, trees } = this;
    return (
      files.ahead < limits.filesAheadMax &&
      trees.ahead < limits.treesAheadMax &&
      trees.bytesAhead < limits.treeBytesAheadMax
    );
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (this.#failure === undefined && !isSo()) {
      this.files.flush();
      this.trees.flush();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
