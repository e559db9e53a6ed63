/**
 * Serves index files, snapshots and packs of trees from this machine's disk where it has them, so that browsing is
 * fast. What proves something is never served from here: sizes, listings, locks, and whatever was just saved is read
 * back from the store. Not for `check`, whose business is the store.
 */
import { limits } from '../base/limits.ts';
import type { Patience } from '../machine/retry.ts';
import {
  type Backend,
  type ByteRange,
  configFile,
  type FileName,
  type FileType,
  type StoredFile,
} from './backend.ts';
import type { CacheFolder } from './cache-folder.ts';
import type { CallSignal } from './call-signal.ts';

export function withCache(backend: Backend, cache: CacheFolder): Backend {
  return new CachedBackend(backend, cache);
}

/** What it takes to open the cached copy alone, when the store is away: config and keys. */
export async function keepForOffline(
  backend: Backend,
  cache: CacheFolder,
  signal?: CallSignal,
): Promise<void> {
  if (!(await cache.has(configFile)))
    await cache.put(configFile, [await backend.load(configFile, undefined, signal)]);
  const names = new Set<string>();
  for await (const { name } of backend.list('key', signal)) {
    names.add(name);
    const key: FileName = { type: 'key', name };
    if (!(await cache.has(key))) await cache.put(key, [await backend.load(key, undefined, signal)]);
  }
  // A password that opens the repository no more must not open the copy.
  await cache.keepOnly('key', names);
}

class CachedBackend implements Backend {
  readonly location: string;
  readonly listLagFloorMs?: number;
  readonly asksForPacks: boolean;
  readonly #backend: Backend;
  readonly #cache: CacheFolder;
  /** How often a part of a pack was asked for that is not here. */
  readonly #asked = new Map<string, number>();
  readonly #coming = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(backend: Backend, cache: CacheFolder) {
    this.location = backend.location;
    if (backend.listLagFloorMs !== undefined) this.listLagFloorMs = backend.listLagFloorMs;
    this.asksForPacks = backend.asksForPacks === true;
    this.#backend = backend;
    this.#cache = cache;
  }

  /** Changes with what the line is found to take. */
  get connectionsMax(): number {
    return this.#backend.connectionsMax;
  }

  async create(signal?: CallSignal): Promise<void> {
    await this.#backend.create(signal);
  }

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    // Until the store has shown what it has, nothing here may look like it.
    if (file.type !== 'pack') await this.#cache.drop(file);
    await this.#backend.save(file, parts, signal);
    if (file.holdsTrees === true) await this.#cache.put(file, parts);
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    if (!isCached(file)) return await this.#backend.load(file, range, signal);
    const here = await this.#cache.get(file, range);
    if (here !== undefined) return here;
    if (file.type === 'pack' && range !== undefined) return await this.#loadPart(file, range, signal);
    const bytes = await this.#backend.load(file, range, signal);
    if (range === undefined) await this.#cache.put(file, [bytes]);
    return bytes;
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    return await this.#backend.stat(file, signal);
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    await this.#backend.remove(file, signal);
    if (file.type !== 'lock') await this.#cache.drop(file);
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    const names = new Set<string>();
    for await (const file of this.#backend.list(type, signal)) {
      names.add(file.name);
      yield file;
    }
    // Here only when the listing was heard to its end.
    if (type === 'index' || type === 'snapshot') await this.#cache.keepOnly(type, names);
  }

  async makeReady(uploads: number): Promise<void> {
    await this.#backend.makeReady?.(uploads);
  }

  withPatience(patience: () => Patience): Backend {
    return new CachedBackend(this.#backend.withPatience?.(patience) ?? this.#backend, this.#cache);
  }

  async close(): Promise<void> {
    await this.#backend.close();
  }

  /** One who asks for a few trees of a pack will ask for more: then it is fetched whole. */
  async #loadPart(file: FileName, range: ByteRange, signal: CallSignal | undefined): Promise<Uint8Array> {
    const asked = (this.#asked.get(file.name) ?? 0) + 1;
    this.#asked.set(file.name, asked);
    if (asked >= limits.packPartsBeforeWhole) {
      const whole = await this.#wholePack(file, signal).catch(() => undefined);
      if (whole !== undefined && range.offset + range.length <= whole.length)
        return whole.subarray(range.offset, range.offset + range.length);
    }
    return await this.#backend.load(file, range, signal);
  }

  async #wholePack(file: FileName, signal: CallSignal | undefined): Promise<Uint8Array | undefined> {
    const coming = this.#coming.get(file.name) ?? this.#fetch(file, signal);
    this.#coming.set(file.name, coming);
    try {
      return await coming;
    } finally {
      this.#coming.delete(file.name);
    }
  }

  async #fetch(file: FileName, signal: CallSignal | undefined): Promise<Uint8Array | undefined> {
    if ((await this.#backend.stat(file, signal)) > limits.cachedPackBytesMax) return undefined;
    await this.#cache.put(file, [await this.#backend.load(file, undefined, signal)]);
    return await this.#cache.get(file);
  }
}

function isCached({ type, holdsTrees }: FileName): boolean {
  return type === 'index' || type === 'snapshot' || (type === 'pack' && holdsTrees === true);
}
