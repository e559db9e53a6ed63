/** A backend in memory that can be told to fail: for tests that need no disk. It keeps the whole contract. */
import {
  type Backend,
  type ByteRange,
  type FileName,
  type FileType,
  fileNamePattern,
  type StoredFile,
} from '../../engine/backend/backend.ts';
import type { CallSignal } from '../../engine/backend/call-signal.ts';
import { damaged, Failure } from '../../engine/base/failure.ts';

export type Operation = 'save' | 'load' | 'stat' | 'remove' | 'list';

export class MemoryBackend implements Backend {
  readonly location = 'memory';
  readonly connectionsMax = 2;
  readonly files = new Map<string, Uint8Array>();
  /** Every operation that was asked for, in order, as `save pack/1234…`. */
  readonly asked: string[] = [];
  /** Called before each operation; what it throws is what the operation fails with. */
  before: (operation: Operation, file: FileName) => void | Promise<void> = () => {};
  /** Called when a save has been carried out: what it throws is an answer that was lost. */
  afterSave: (file: FileName) => void | Promise<void> = () => {};

  async create(): Promise<void> {}

  async save(file: FileName, parts: readonly Uint8Array[], signal?: CallSignal): Promise<void> {
    await this.#begin('save', file, signal);
    this.files.set(keyOf(file), Buffer.concat(parts));
    await this.afterSave(file);
  }

  async load(file: FileName, range?: ByteRange, signal?: CallSignal): Promise<Uint8Array> {
    await this.#begin('load', file, signal);
    const bytes = this.#find(file);
    const { offset, length } = range ?? { offset: 0, length: bytes.length };
    if (offset + length > bytes.length) throw damaged(file.type, file.name, 'it is too short');
    return Uint8Array.from(bytes.subarray(offset, offset + length));
  }

  async stat(file: FileName, signal?: CallSignal): Promise<number> {
    await this.#begin('stat', file, signal);
    return this.#find(file).length;
  }

  async remove(file: FileName, signal?: CallSignal): Promise<void> {
    await this.#begin('remove', file, signal);
    this.files.delete(keyOf(file));
  }

  async *list(type: FileType, signal?: CallSignal): AsyncGenerator<StoredFile> {
    await this.#begin('list', { type, name: '' }, signal);
    // By their names alone: a plain sort would write out every byte of every file, to compare them.
    for (const [key, bytes] of [...this.files].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (signal?.aborted) throw new Failure('cancelled');
      const name = key.slice(type.length + 1);
      if (key.startsWith(`${type}/`) && (type === 'config' || fileNamePattern.test(name))) {
        yield { name, sizeBytes: bytes.length };
      }
    }
  }

  async close(): Promise<void> {}

  async #begin(operation: Operation, file: FileName, signal: CallSignal | undefined): Promise<void> {
    if (signal?.aborted) throw new Failure('cancelled');
    this.asked.push(`${operation} ${keyOf(file)}`);
    await this.before(operation, file);
  }

  #find(file: FileName): Uint8Array {
    const bytes = this.files.get(keyOf(file));
    if (bytes === undefined) throw new Failure('not-found', { what: file.type, id: file.name });
    return bytes;
  }
}

export function keyOf({ type, name }: FileName): string {
  return `${type}/${name}`;
}
