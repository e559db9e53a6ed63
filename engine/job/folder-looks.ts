/** What a walk finds in its folders: what a thread has told ahead, and whatever else it has to look at for itself. */
import type { ByteString } from '../base/byte-string.ts';
import { type Failure, isFailure } from '../base/failure.ts';
import { limits } from '../base/limits.ts';
import type { Excluder } from '../source/exclude.ts';
import { childPath } from '../source/path.ts';
import { reading, type SourceFiles } from '../source/source-files.ts';
import type { LookAhead } from './look-ahead.ts';
import type { FolderPart } from './look-skill.ts';
import { type SeenItem, WholeItem } from './seen-item.ts';

/** An item in a folder, or why it could not be read. */
export interface Child {
  readonly path: ByteString;
  readonly seen: SeenItem | Failure;
}

export interface LookParts {
  readonly files: SourceFiles;
  readonly excluder: Excluder;
  readonly ahead: LookAhead;
}

export class FolderLooks {
  readonly #files: SourceFiles;
  readonly #excluder: Excluder;
  readonly #ahead: LookAhead;

  constructor({ files, excluder, ahead }: LookParts) {
    this.#files = files;
    this.#excluder = excluder;
    this.#ahead = ahead;
  }

  /** The items in a folder, some at a time, without those left out. Throws `source-unreadable` where it cannot be listed. */
  async open(folder: ByteString): Promise<AsyncGenerator<readonly Child[]>> {
    const part = await this.#ahead.next(folder);
    return part?.isListed ? this.#told(folder, part) : this.#seen(folder, this.#names(folder));
  }

  async *#told(folder: ByteString, first: FolderPart): AsyncGenerator<readonly Child[]> {
    let part = first;
    for (;;) {
      yield this.#children(folder, part.names, (at) => toldOf(part, at));
      if (part.isLast) return;
      const next = await this.#ahead.next(folder);
      if (next === undefined) break;
      part = next;
    }
    // It tells no more.
    const last = part.names.at(-1)!;
    try {
      const names = this.#names(folder).filter((name) => name > last);
      yield* this.#seen(folder, names);
    } catch (error) {
      if (!isFailure(error)) throw error;
      yield [{ path: folder, seen: error }];
    }
  }

  async *#seen(folder: ByteString, names: readonly ByteString[]): AsyncGenerator<readonly Child[]> {
    for (let at = 0; at < names.length; at += limits.lookAloneItems)
      yield this.#children(folder, names.slice(at, at + limits.lookAloneItems), () => undefined);
  }

  #children(
    folder: ByteString,
    names: readonly ByteString[],
    told: (at: number) => SeenItem | undefined,
  ): Child[] {
    const children: Child[] = [];
    for (const [at, name] of names.entries()) {
      const path = childPath(folder, name);
      const seen = told(at) ?? this.look(path, name);
      if (isFailure(seen) || !this.#excluder.byItem(path, seen)) children.push({ path, seen });
    }
    return children;
  }

  #names(folder: ByteString): ByteString[] {
    const names = reading(folder, () => this.#files.names(folder));
    return names.filter((name) => !this.#excluder.byPath(childPath(folder, name)));
  }

  /** The item itself, whatever rules say of it. */
  look(path: ByteString, name: ByteString): SeenItem | Failure {
    try {
      return new WholeItem(reading(path, () => this.#files.item(path, name)));
    } catch (error) {
      if (!isFailure(error)) throw error;
      return error;
    }
  }
}

function toldOf({ names, heads, kinds, sizesBytes, deviceId }: FolderPart, at: number): SeenItem | undefined {
  const head = heads[at];
  const kind = kinds[at];
  if (head === undefined || kind === undefined) return undefined;
  return { name: names[at]!, kind, sizeBytes: sizesBytes[at]!, deviceId, head };
}
