/**
 * The skill to walk ahead: a hand looks at all items below some targets, in the order of the walk, and tells what it sees,
 * some folders at a time and never much further than the walk has come. Used by `look-ahead.ts`.
 */
import type { ByteString } from '../base/byte-string.ts';
import { limits } from '../base/limits.ts';
import type { Skill } from '../compute/crew.ts';
import { type ExcludePlan, type Excluder, excluderOf } from '../source/exclude.ts';
import { type Item, type ItemKind, loadItemCalls } from '../source/item.ts';
import { baseName, childPath } from '../source/path.ts';
import type { SourceFiles } from '../source/source-files.ts';
import type { TargetNode } from '../source/targets.ts';
import { headOf } from './seen-item.ts';

export interface LookTerms {
  readonly setup: undefined;
  readonly request: { readonly targets: readonly LookTarget[]; readonly excludes: ExcludePlan };
  readonly answer: undefined;
  readonly news: readonly FolderPart[];
  /** What was told last time is used up. */
  readonly word: undefined;
}

/** Rules do not apply to what was itself named. */
export type LookTarget = Pick<TargetNode, 'path' | 'isTarget'>;

/**
 * Some items of a folder, in the order of their names. What rules leave out by its path is not among them. (As an object
 * each, they would take as long to pass as to look at.)
 */
export interface FolderPart {
  readonly folder: ByteString;
  /** False: its names could not be read. */
  readonly isListed: boolean;
  readonly isLast: boolean;
  readonly names: readonly ByteString[];
  /** Undefined where the walk has to look for itself, and finds out why. */
  readonly heads: readonly (string | undefined)[];
  readonly kinds: readonly (ItemKind | undefined)[];
  readonly sizesBytes: readonly number[];
  /** Of all that have a head. */
  readonly deviceId: bigint;
}

export const lookSkill: Skill<LookTerms> = {
  name: 'look',
  handsMax: 1,
  youngHalfMiB: limits.lookYoungHalfMiB,
  prepare: loadItemCalls,
  begin(_setup, { files }, tell) {
    const teller = new Teller(tell);
    return {
      async work({ targets, excludes }) {
        const looker = new Looker(
          files,
          excluderOf(excludes, () => undefined),
          teller,
        );
        for (const target of targets) await looker.visitTarget(target);
        teller.flush();
        return { answer: undefined };
      },
      hear: () => teller.usedUp(),
    };
  },
};

/** Tells some parts at a time; waits where too much that was told is not used up. */
class Teller {
  readonly #tell: (parts: readonly FolderPart[]) => void;
  #parts: FolderPart[] = [];
  #items = 0;
  #told = 0;
  #whenUsedUp: (() => void) | undefined;

  constructor(tell: (parts: readonly FolderPart[]) => void) {
    this.#tell = tell;
  }

  /** Undefined: no need to wait. */
  add(part: FolderPart): Promise<void> | undefined {
    this.#parts.push(part);
    this.#items += part.names.length + 1;
    // The walk may have nothing else to do: then it does not wait for more.
    if (this.#items < limits.lookItemsTold && this.#told > 0) return undefined;
    this.flush();
    return this.#told < limits.lookToldMax ? undefined : this.#room();
  }

  flush(): void {
    if (this.#parts.length === 0) return;
    this.#tell(this.#parts);
    this.#parts = [];
    this.#items = 0;
    this.#told++;
  }

  usedUp(): void {
    this.#told--;
    this.#whenUsedUp?.();
    this.#whenUsedUp = undefined;
  }

  #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenUsedUp = resolve;
    return promise;
  }
}

class Looker {
  readonly #files: Pick<SourceFiles, 'item' | 'names'>;
  readonly #excluder: Excluder;
  readonly #teller: Teller;

  constructor(files: Pick<SourceFiles, 'item' | 'names'>, excluder: Excluder, teller: Teller) {
    this.#files = files;
    this.#excluder = excluder;
    this.#teller = teller;
  }

  async visitTarget({ path, isTarget }: LookTarget): Promise<void> {
    if (!isTarget && this.#excluder.byPath(path)) return;
    const item = this.#item(path, baseName(path));
    if (item?.kind !== 'dir' || (!isTarget && this.#excluder.byItem(path, item))) return;
    await this.#visitFolder(path);
  }

  /** Its items, and, after each part of them, what lies in the folders among these. */
  async #visitFolder(folder: ByteString): Promise<void> {
    const names = this.#names(folder);
    const listed = names ?? [];
    for (let at = 0; at === 0 || at < listed.length; at += limits.lookItemsTold) {
      const some = listed.slice(at, at + limits.lookItemsTold);
      const items = some.map((name) => this.#item(childPath(folder, name), name));
      const isLast = at + some.length === listed.length;
      const part = { folder, isListed: names !== undefined, isLast, names: some, ...told(items) };
      const wait = this.#teller.add(part);
      if (wait !== undefined) await wait;
      for (const item of items) {
        if (item?.kind !== 'dir') continue;
        const path = childPath(folder, item.name);
        if (!this.#excluder.byItem(path, item)) await this.#visitFolder(path);
      }
    }
  }

  #names(folder: ByteString): ByteString[] | undefined {
    try {
      return this.#files.names(folder).filter((name) => !this.#excluder.byPath(childPath(folder, name)));
    } catch {
      return undefined;
    }
  }

  #item(path: ByteString, name: ByteString): Item | undefined {
    try {
      return this.#files.item(path, name);
    } catch {
      return undefined;
    }
  }
}

function told(
  items: readonly (Item | undefined)[],
): Pick<FolderPart, 'heads' | 'kinds' | 'sizesBytes' | 'deviceId'> {
  const deviceId = items.find((item) => item !== undefined)?.deviceId ?? 0n;
  const heads: (string | undefined)[] = [];
  const kinds: (ItemKind | undefined)[] = [];
  const sizesBytes: number[] = [];
  for (const item of items) {
    const isTold = item?.deviceId === deviceId && item.attributeErrors.length === 0;
    heads.push(isTold ? headOf(item) : undefined);
    kinds.push(item?.kind);
    sizesBytes.push(item?.sizeBytes ?? 0);
  }
  return { heads, kinds, sizesBytes, deviceId };
}
