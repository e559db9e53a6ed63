/** The user's files in memory, as a backup reads them. Whatever changes one, changes its times as well. */
import { type ByteString, fromText, toText } from '../../../engine/base/byte-string.ts';
import type { Chance } from '../../../engine/base/chance.ts';
import type { Item, ItemKind } from '../../../engine/source/item.ts';
import type { SourceFile, SourceFiles } from '../../../engine/source/source-files.ts';
import type { Dice } from '../locks/virtual-time.ts';

/** Path and content of each file, as they were at some time. */
export type SourceState = ReadonlyMap<string, Uint8Array>;

export const sourceFolder = '/data';
const names = ['a', 'b', 'c', 'sub/d', 'sub/e', 'sub/deep/f', 'g', 'h'];

interface Entry {
  readonly bytes: Uint8Array;
  readonly changeNs: bigint;
  readonly inode: bigint;
}

export class SimSources implements SourceFiles {
  readonly #files = new Map<string, Entry>();
  readonly #shared: readonly Uint8Array[];
  #changes = 0n;
  /** How often a file was opened. */
  opened = 0;

  /** `shared`: what others have in the repository as well. */
  constructor(shared: readonly Uint8Array[]) {
    this.#shared = shared;
  }

  get state(): SourceState {
    return new Map([...this.#files].map(([path, { bytes }]) => [path, bytes]));
  }

  /** Writes or removes some of the files. */
  change(dice: Dice, chance: Chance, count: number): void {
    for (let i = 0; i < count; i++) {
      const path = `${sourceFolder}/${dice.pick(names)}`;
      if (this.#files.size > 2 && dice.isLucky(0.2)) this.#files.delete(path);
      else this.#write(path, this.#content(dice, chance));
    }
  }

  writeAll(contents: readonly Uint8Array[]): void {
    for (const [i, bytes] of contents.entries()) this.#write(`${sourceFolder}/${i}`, bytes);
  }

  item(path: ByteString, name: ByteString): Item {
    const text = toText(path);
    const entry = this.#files.get(text);
    if (entry === undefined && !this.#isFolder(text)) throw missing(text);
    return itemOf(name, entry);
  }

  followed(path: ByteString, name: ByteString): Item {
    return this.item(path, name);
  }

  glance(path: ByteString): Pick<Item, 'kind' | 'sizeBytes' | 'deviceId'> {
    return this.item(path, path);
  }

  names(path: ByteString): ByteString[] {
    const prefix = `${toText(path)}/`;
    const below = [...this.#files.keys()].filter((each) => each.startsWith(prefix));
    return [...new Set(below.map((each) => each.slice(prefix.length).split('/')[0]!))].sort().map(fromText);
  }

  open(path: ByteString): SourceFile {
    const text = toText(path);
    const entry = this.#files.get(text);
    if (entry === undefined) throw missing(text);
    this.opened++;
    let at = 0;
    const readAt = (position: number, space: Uint8Array): number => {
      const part = entry.bytes.subarray(position, position + space.length);
      space.set(part);
      return part.length;
    };
    return {
      read: (space) => {
        const count = readAt(at, space);
        at += count;
        return count;
      },
      readAt,
      item: () => undefined,
      hasChanged: () => false,
      close: () => undefined,
    };
  }

  #write(path: string, bytes: Uint8Array): void {
    const changeNs = 1_700_000_000_000_000_000n + ++this.#changes * 1_000_000_000n;
    this.#files.set(path, { bytes, changeNs, inode: this.#files.get(path)?.inode ?? this.#changes });
  }

  #content(dice: Dice, chance: Chance): Uint8Array {
    if (dice.isLucky(0.4)) return dice.pick(this.#shared);
    return chance.bytes(Math.floor(dice.between(10, 3_000)));
  }

  #isFolder(path: string): boolean {
    return path === sourceFolder || [...this.#files.keys()].some((each) => each.startsWith(`${path}/`));
  }
}

function itemOf(name: ByteString, entry: Entry | undefined): Item {
  const kind: ItemKind = entry === undefined ? 'dir' : 'file';
  const changeNs = entry?.changeNs ?? 1_700_000_000_000_000_000n;
  return {
    ...{ name, kind, permissions: 0o644, uid: 1000, gid: 1000, deviceId: 1n, links: 1, device: 0n },
    ...{ mtimeNs: changeNs, atimeNs: changeNs, ctimeNs: changeNs, inode: entry?.inode ?? 0n },
    sizeBytes: entry?.bytes.length ?? 0,
    extendedAttributes: [],
    attributeErrors: [],
  };
}

function missing(path: string): Error {
  return Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT' });
}
