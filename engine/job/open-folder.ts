/** A folder that is being saved: its nodes come in any order, as they are stored, and stand in the order of the walk. */
import { assert } from '../base/assert.ts';
import type { EncodedNode } from '../format/tree.ts';

/** Told once: the node of an item, or undefined where it was left out. */
export type Place = (node: EncodedNode | undefined) => void;

export class OpenFolder {
  readonly #nodes: (EncodedNode | undefined)[] = [];
  /** Places that wait for their node, and the walk itself. */
  #open = 1;
  readonly #onDone: (nodes: readonly EncodedNode[]) => void;

  constructor(onDone: (nodes: readonly EncodedNode[]) => void) {
    this.#onDone = onDone;
  }

  /** The place of the next item. */
  place(): Place {
    const at = this.#nodes.push(undefined) - 1;
    this.#open++;
    return (node) => {
      this.#nodes[at] = node;
      this.#settle();
    };
  }

  /** No more items come. Once all that did have their nodes, the folder is done. */
  end(): void {
    this.#settle();
  }

  #settle(): void {
    assert(this.#open > 0, 'a place gets its node once');
    this.#open--;
    if (this.#open === 0) this.#onDone(this.#nodes.filter((node) => node !== undefined));
  }
}
