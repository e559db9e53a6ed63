/**
 * A backend with something around each of its calls: retries, a watchdog, limits ... Each `with-…` file makes one
 * `Around`; the first in the list is the outermost. Composed in `open-backend.ts`.
 */
import type { StoreOperation } from '../machine/store-facts.ts';
import type { Backend, ByteRange, FileName, FileType, StoredFile } from './backend.ts';
import { type CallSignal, stopIfAborted } from './call-signal.ts';

export interface Operation {
  readonly kind: StoreOperation;
  /** The file that it is about; of a list, its type only. */
  readonly file?: FileName;
  readonly type?: FileType;
  /** Of a load of a part. */
  readonly range?: ByteRange;
  /** What a save sends. */
  readonly parts?: readonly Uint8Array[];
}

export type Call<Result> = (signal: CallSignal | undefined) => Promise<Result>;

/** Makes the call: once, more often, later, or not at all. */
export type Around = <Result>(
  operation: Operation,
  call: Call<Result>,
  signal: CallSignal | undefined,
) => Promise<Result>;

/** `connectionsMax`: where what is around it serves another number at a time, and that may change. */
export function wrapped(
  backend: Backend,
  arounds: readonly Around[],
  connectionsMax = () => backend.connectionsMax,
): Backend {
  return new WrappedBackend(backend, arounds, connectionsMax);
}

class WrappedBackend implements Backend {
  readonly location: string;
  readonly folder?: string;
  readonly #connectionsMax: () => number;
  readonly listLagFloorMs?: number;
  readonly asksForPacks: boolean;
  readonly #backend: Backend;
  readonly #arounds: readonly Around[];

  constructor(backend: Backend, arounds: readonly Around[], connectionsMax: () => number) {
    this.location = backend.location;
    if (backend.folder !== undefined) this.folder = backend.folder;
    this.#connectionsMax = connectionsMax;
    if (backend.listLagFloorMs !== undefined) this.listLagFloorMs = backend.listLagFloorMs;
    this.asksForPacks = backend.asksForPacks === true;
    this.#backend = backend;
    this.#arounds = arounds;
  }

  get connectionsMax(): number {
    return this.#connectionsMax();
  }

  async create(signal?: CallSignal): Promise<void> {
    await this.#call({ kind: 'create' }, (inner) => this.#backend.create(inner), signal);
  }

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    const operation = { kind: 'save', file, type: file.type, parts } as const;
    await this.#call(operation, (inner) => this.#backend.save(file, parts, inner), signal);
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    const part = range === undefined ? {} : { range };
    const operation = { kind: 'load', file, type: file.type, ...part } as const;
    return await this.#call(operation, (inner) => this.#backend.load(file, range, inner), signal);
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    const operation = { kind: 'stat', file, type: file.type } as const;
    return await this.#call(operation, (inner) => this.#backend.stat(file, inner), signal);
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    const operation = { kind: 'remove', file, type: file.type } as const;
    await this.#call(operation, (inner) => this.#backend.remove(file, inner), signal);
  }

  /** Whole before the first file is told: a listing that broke off is made again, and tells no file twice. */
  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    const files = await this.#call(
      { kind: 'list', type },
      (inner) => all(this.#backend.list(type, inner)),
      signal,
    );
    for (const file of files) {
      stopIfAborted(signal);
      yield file;
    }
  }

  async makeReady(uploads: number): Promise<void> {
    await this.#backend.makeReady?.(uploads);
  }

  dropIdle(): void {
    this.#backend.dropIdle?.();
  }

  async close(): Promise<void> {
    await this.#backend.close();
  }

  async #call<Result>(
    operation: Operation,
    call: Call<Result>,
    signal: CallSignal | undefined,
  ): Promise<Result> {
    const whole = this.#arounds.reduceRight<Call<Result>>(
      (inner, around) => (outer) => around(operation, inner, outer),
      call,
    );
    return await whole(signal);
  }
}

async function all(files: AsyncIterable<StoredFile>): Promise<StoredFile[]> {
  const found: StoredFile[] = [];
  for await (const file of files) found.push(file);
  return found;
}
