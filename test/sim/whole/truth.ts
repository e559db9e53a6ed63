/**
 * The judge's own look at the store, at once and without faults: what each snapshot restores to, and what every index
 * names. It reads with the engine, as restic would.
 */
import type { Backend, ByteRange, FileName, FileType, StoredFile } from '../../../engine/backend/backend.ts';
import { toText } from '../../../engine/base/byte-string.ts';
import { damaged, Failure } from '../../../engine/base/failure.ts';
import type { Id } from '../../../engine/format/id.ts';
import { loadBlob } from '../../../engine/repo/load-blob.ts';
import { loadIndexFiles } from '../../../engine/repo/load-index.ts';
import type { Repository } from '../../../engine/repo/repository.ts';
import { loadSnapshot } from '../../../engine/repo/snapshots.ts';
import { walkTree } from '../../../engine/repo/walk-tree.ts';
import type { SourceState } from './sim-sources.ts';
import type { SimStore } from './sim-store.ts';

/** The store as it is, with what is lent to it; whoever writes through it is a rival. */
export class TruthBackend implements Backend {
  readonly location = 'truth';
  readonly connectionsMax = 2;
  readonly #store: SimStore;
  readonly #nowMs: () => number;
  readonly #lent: ReadonlyMap<string, Uint8Array>;

  constructor(store: SimStore, nowMs: () => number, lent: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#lent = lent;
  }

  async create(): Promise<void> {}
  async close(): Promise<void> {}

  async save({ type, name }: FileName, parts: readonly Uint8Array[]): Promise<void> {
    this.#store.put(type, name, Buffer.concat(parts), this.#nowMs(), 'rival');
  }

  async load(file: FileName, range?: ByteRange): Promise<Uint8Array> {
    const bytes = this.#find(file);
    const { offset, length } = range ?? { offset: 0, length: bytes.length };
    if (offset + length > bytes.length) throw damaged(file.type, file.name, 'it is too short');
    return Uint8Array.from(bytes.subarray(offset, offset + length));
  }

  async stat(file: FileName): Promise<number> {
    return this.#find(file).length;
  }

  async remove({ type, name }: FileName): Promise<void> {
    this.#store.remove(type, name, this.#nowMs(), 'rival');
  }

  async *list(type: FileType): AsyncGenerator<StoredFile> {
    for (const name of this.#store.names(type).sort())
      yield { name, sizeBytes: this.#store.get(type, name)?.length ?? 0 };
  }

  #find({ type, name }: FileName): Uint8Array {
    const bytes = this.#store.get(type, name) ?? this.#lent.get(`${type}/${name}`);
    if (bytes === undefined) throw new Failure('not-found', { what: type, id: name });
    return bytes;
  }
}

/** Why the snapshot is not the state; undefined where it is. */
export async function whyNotRestored(
  repository: Repository,
  id: Id,
  state: SourceState,
): Promise<string | undefined> {
  const left = new Set(state.keys());
  try {
    // Half an index says nothing: whether all is there without it, is seen below.
    const { index } = await loadIndexFiles(repository, { passesOverDamaged: true });
    const { tree } = await loadSnapshot(repository, id);
    for await (const { path, node } of walkTree(repository, index, tree)) {
      if (node.type !== 'file') continue;
      const text = toText(path);
      const blobs = (node.content ?? []).map((blob) => loadBlob(repository, index, 'data', blob));
      const bytes = state.get(text);
      if (bytes === undefined) return `it has ${text}, which was not there`;
      if (!Buffer.concat(await Promise.all(blobs)).equals(bytes)) return `it has other bytes for ${text}`;
      left.delete(text);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return left.size === 0 ? undefined : `it lacks ${[...left].join(', ')}`;
}
