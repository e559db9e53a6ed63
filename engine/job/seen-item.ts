/** An item as a walk meets it: what rules ask of it, and its node as far as that is known without its content. */
import type { ByteString } from '../base/byte-string.ts';
import { encodeNodeHead } from '../format/node.ts';
import type { Item, ItemKind } from '../source/item.ts';
import { nodeFromItem } from './node-from-item.ts';

export interface SeenItem {
  readonly name: ByteString;
  readonly kind: ItemKind;
  readonly sizeBytes: number;
  readonly deviceId: bigint;
  /** Its node's JSON up to its content. */
  readonly head: string;
  /** All of it; undefined where a thread looked at it, and told what is above. */
  readonly item?: Item;
}

export function headOf(item: Item): string {
  return encodeNodeHead(nodeFromItem(item));
}

/** Its head is made when it is asked for: of a new file, it never is. */
export class WholeItem implements SeenItem {
  readonly item: Item;
  #head: string | undefined;

  constructor(item: Item) {
    this.item = item;
  }

  get name(): ByteString {
    return this.item.name;
  }

  get kind(): ItemKind {
    return this.item.kind;
  }

  get sizeBytes(): number {
    return this.item.sizeBytes;
  }

  get deviceId(): bigint {
    return this.item.deviceId;
  }

  get head(): string {
    this.#head ??= headOf(this.item);
    return this.#head;
  }
}
