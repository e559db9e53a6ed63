/**
 * A store that cannot be asked, as it will be once all has been sent that waits on this machine: the copy that the cache
 * is, and over it what the journal and the spool have. A backup can be made with it, but for its end. What is saved
 * waits until whoever saves it wants no more; what was remembered wrongly is found when the commit is proven.
 */
import type { Backend, ByteRange, FileName, FileType, StoredFile } from '../backend/backend.ts';
import type { CallSignal } from '../backend/call-signal.ts';
import { Failure } from '../base/failure.ts';
import type { JournalPack } from '../journal/journal.ts';
import type { Repository } from '../repo/repository.ts';
import { pendingRuns } from './pending-commits.ts';
import type { RunMemory } from './run-memory.ts';

/** `copy`: of the repository, that was opened on this machine. `location`: of the store itself. */
export function awayRepository(copy: Repository, location: string, memory: RunMemory): Repository {
  return { ...copy, backend: new AwayStore(copy, location, memory) };
}

interface RememberedPack extends JournalPack {
  readonly runId: string;
}

class AwayStore implements Backend {
  readonly location: string;
  readonly connectionsMax = 2;
  readonly isAway = true;
  readonly #copy: Backend;
  readonly #memory: RunMemory;
  readonly #packs = new Map<string, RememberedPack>();
  readonly #files = new Map<string, Uint8Array>();

  constructor({ backend, config }: Repository, location: string, memory: RunMemory) {
    this.location = location;
    this.#copy = backend;
    this.#memory = memory;
    for (const { runId } of memory.journal.openRuns(config.id))
      for (const pack of memory.journal.packs(runId)) this.#packs.set(pack.id, { ...pack, runId });
    for (const { seal } of pendingRuns(memory, config.id)) {
      for (const { id, bytes } of seal.indexes) this.#files.set(keyOf({ type: 'index', name: id }), bytes);
      const { id, bytes } = seal.snapshot;
      this.#files.set(keyOf({ type: 'snapshot', name: id }), bytes);
    }
  }

  async create(): Promise<void> {
    throw this.#unreachable();
  }

  async save(_file: FileName, _parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    // What the spool did not take.
    if (signal === undefined) throw this.#unreachable('what may wait on this machine for it is used up');
    if (!signal.aborted)
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    throw new Failure('cancelled');
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    const here = this.#files.get(keyOf(file)) ?? (await this.#spooled(file));
    if (here === undefined) return await this.#copy.load(file, range, signal);
    return range === undefined ? here : here.subarray(range.offset, range.offset + range.length);
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    const pack = file.type === 'pack' ? this.#packs.get(file.name) : undefined;
    if (pack?.at === 'stored') return pack.sizeBytes;
    return this.#files.get(keyOf(file))?.length ?? (await this.#copy.stat(file, signal));
  }

  async remove(): Promise<void> {
    throw this.#unreachable();
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    const names = new Set<string>();
    for await (const file of this.#copy.list(type, signal)) {
      names.add(file.name);
      yield file;
    }
    for (const [key, bytes] of this.#files) {
      const name = key.slice(type.length + 1);
      if (key.startsWith(`${type}/`) && !names.has(name)) yield { name, sizeBytes: bytes.length };
    }
    if (type !== 'pack') return;
    for (const { id, at, sizeBytes } of this.#packs.values())
      if (at === 'stored' && !names.has(id)) yield { name: id, sizeBytes };
  }

  async close(): Promise<void> {
    await this.#copy.close();
  }

  async #spooled({ type, name }: FileName): Promise<Uint8Array | undefined> {
    const pack = type === 'pack' ? this.#packs.get(name) : undefined;
    return pack && (await this.#memory.spool.get(pack.runId, name));
  }

  #unreachable(why?: string): Failure {
    const detail = { location: this.location, ...(why === undefined ? {} : { why }) };
    return new Failure('store-unreachable', detail, { next: 'later' });
  }
}

function keyOf({ type, name }: FileName): string {
  return `${type}/${name}`;
}
