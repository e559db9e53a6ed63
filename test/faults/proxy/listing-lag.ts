/**
 * A store whose listings lag: what was just saved is not in them yet, what was just removed still is. For restic's REST
 * protocol, version 2; by their names, files come and go at once.
 */
import type { SeenRequest } from './seen-request.ts';

interface Entry {
  readonly name: string;
  readonly size: number;
}

export class ListingLag {
  /** How late a listing shows what was saved, and what was removed. */
  readonly #ms: { readonly saved: number; readonly removed: number };
  readonly #savedMs = new Map<string, number>();
  readonly #removed = new Map<
    string,
    { readonly type: string; readonly entry: Entry; readonly ms: number }
  >();
  readonly #sizes = new Map<string, number>();

  constructor(ms: { readonly saved?: number; readonly removed?: number }) {
    this.#ms = { saved: 0, removed: 0, ...ms };
  }

  answered({ operation, type, name, bytes }: SeenRequest, nowMs: number): void {
    if (operation === 'save') {
      this.#savedMs.set(name, nowMs);
      this.#sizes.set(name, bytes);
    } else if (operation === 'remove' && type !== undefined) {
      this.#removed.set(name, { type, entry: { name, size: this.#sizes.get(name) ?? 0 }, ms: nowMs });
    }
  }

  /** A true listing as it looks now. */
  apply({ type }: SeenRequest, body: Buffer, nowMs: number): Buffer {
    const listed = JSON.parse(body.toString()) as Entry[];
    const isShown = ({ name }: Entry): boolean =>
      nowMs - (this.#savedMs.get(name) ?? Number.NEGATIVE_INFINITY) >= this.#ms.saved;
    const ghosts = [...this.#removed.values()]
      .filter((gone) => gone.type === type && nowMs - gone.ms < this.#ms.removed)
      .map(({ entry }) => entry);
    return Buffer.from(JSON.stringify([...listed.filter(isShown), ...ghosts]));
  }
}
