/**
 * What the parent snapshot has of a folder. Items are compared with the text of its tree, in the order of the walk: as
 * long as nothing differs, no node is decoded, and none encoded again. From the first difference on, nodes are decoded.
 */
import { isUtf8 } from 'node:buffer';
import type { ByteString } from '../base/byte-string.ts';
import { type Id, isId } from '../format/id.ts';
import type { Node } from '../format/node.ts';
import { decodeTree, treeStart } from '../format/tree.ts';
import type { SeenItem } from './seen-item.ts';

/** A node all of whose metadata are as they are now, as it stands in the tree. */
export interface SameNode {
  readonly json: string;
  readonly content?: readonly Id[];
  readonly subtree?: Id;
}

/** What stands in the parent's folder under the name of an item. */
export type Former = SameNode | Node;

export function isSame(former: Former | undefined): former is SameNode {
  return former !== undefined && 'json' in former;
}

export class ParentFolder {
  readonly #id: Id | undefined;
  readonly #bytes: Buffer;
  readonly #text: string;
  /** Where the next node stands, while nothing differed. */
  #at: number | undefined;
  #nodes: ReadonlyMap<ByteString, Node> | undefined;
  readonly #onMalformed: () => void;

  /** None of an id: a folder that the parent snapshot does not have. */
  constructor(id?: Id, bytes: Buffer = Buffer.alloc(0), onMalformed: () => void = () => undefined) {
    this.#id = id;
    this.#bytes = bytes;
    this.#text = bytes.toString('utf8');
    // Where bytes are no text, equal texts are no equal trees.
    this.#at = isUtf8(bytes) && this.#text.startsWith(treeStart) ? treeStart.length : undefined;
    this.#onMalformed = onMalformed;
  }

  /** Asked once for each item, in the order of their names, with what is known of it without reading its content. */
  former(seen: Pick<SeenItem, 'name' | 'kind' | 'head'>): Former | undefined {
    if (this.#id === undefined) return undefined;
    const same = this.#at === undefined ? undefined : this.#sameAt(this.#at, seen);
    if (same === undefined) {
      this.#at = undefined;
      this.#nodes ??= this.#decode();
      return this.#nodes.get(seen.name);
    }
    this.#at! += same.json.length + 1;
    return same;
  }

  /** The id of the tree, if that is its text. */
  idOf(text: string): Id | undefined {
    return text === this.#text && isUtf8(this.#bytes) ? this.#id : undefined;
  }

  #sameAt(at: number, { kind, head }: Pick<SeenItem, 'kind' | 'head'>): SameNode | undefined {
    if (!this.#text.startsWith(head, at)) return undefined;
    const tail = at + head.length;
    if (kind === 'file') return this.#sameFile(at, tail);
    if (kind === 'dir') return this.#sameFolder(at, tail);
    return this.#same(at, tail, leafTail);
  }

  #sameFile(at: number, tail: number): SameNode | undefined {
    if (!this.#text.startsWith(fileTail, tail)) return undefined;
    const from = tail + fileTail.length;
    const end = this.#text.indexOf(']', from);
    const content = idsIn(this.#text.slice(from, end));
    return content && this.#same(at, end, ']}', { content });
  }

  #sameFolder(at: number, tail: number): SameNode | undefined {
    if (!this.#text.startsWith(folderTail, tail)) return undefined;
    const from = tail + folderTail.length;
    const end = this.#text.indexOf('"', from);
    const subtree = this.#text.slice(from, end);
    return isId(subtree) ? this.#same(at, end, '"}', { subtree }) : undefined;
  }

  /** The node that stands from `at` to the end of `last`, which must stand at `tail`. */
  #same(at: number, tail: number, last: string, found: Pick<SameNode, 'content' | 'subtree'> = {}) {
    if (!this.#text.startsWith(last, tail)) return undefined;
    return { json: this.#text.slice(at, tail + last.length), ...found };
  }

  #decode(): ReadonlyMap<ByteString, Node> {
    try {
      return new Map(decodeTree(this.#bytes).map((node) => [node.name, node]));
    } catch {
      this.#onMalformed();
      return new Map();
    }
  }
}

const leafTail = '"content":null}';
const folderTail = '"content":null,"subtree":"';
const fileTail = '"content":[';

/** Undefined where it is no list of ids as we write it. */
function idsIn(list: string): Id[] | undefined {
  if (list === '') return [];
  if (!list.startsWith('"') || !list.endsWith('"')) return undefined;
  const ids = list.slice(1, -1).split('","');
  return ids.every(isId) ? ids : undefined;
}
