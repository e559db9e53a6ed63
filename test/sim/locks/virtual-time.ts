/** Virtual time for simulations without promises: what is to happen, in the order of its time, and dice from a seed. */

export interface Dice {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole or broken number in the range. */
  between(least: number, most: number): number;
  pick<Item>(items: readonly Item[]): Item;
  isLucky(share: number): boolean;
}

export function diceOf(seed: number): Dice {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    pick: (items) => items[Math.floor(next() * items.length)]!,
    isLucky: (share) => next() < share,
  };
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualTime {
  #nowMs = 0;
  #order = 0;
  readonly #heap: Due[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): void {
    const due = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run };
    let i = this.#heap.push(due) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && isBefore(due, this.#heap[parent]!); parent = (i - 1) >> 1) {
      this.#heap[i] = this.#heap[parent]!;
      i = parent;
    }
    this.#heap[i] = due;
  }

  /** Until nothing is left to happen; throws when that takes more steps. */
  run(stepsMax: number): void {
    for (let steps = 0; this.step(); steps++)
      if (steps >= stepsMax) throw new Error(`it did not come to an end in ${stepsMax} steps`);
  }

  /** What is due next happens; false where nothing is left. */
  step(): boolean {
    if (this.#heap.length === 0) return false;
    const due = this.#pop();
    this.#nowMs = due.atMs;
    due.run();
    return true;
  }

  #pop(): Due {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
