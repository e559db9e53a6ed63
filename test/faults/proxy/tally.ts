/**
 * What went through the fault proxy, by name: what the store has taken, and what was sent to it again that it had. The
 * store's own answer counts, whether or not it reached the client: no byte of that needs to be sent twice.
 */
import type { SeenRequest, StoredType } from './seen-request.ts';

interface Stored {
  readonly type: StoredType;
  readonly bytes: number;
}

export class Tally {
  requests = 0;
  /** Bodies of saves, whole or not. */
  sentBytes = 0;
  /** Of names that the store had taken before. */
  resentBytes = 0;
  readonly #stored = new Map<string, Stored>();
  readonly #removed = new Set<string>();
  /** Numbers of saves of what the store had when they began. */
  readonly #again = new Set<number>();

  asked(seen: SeenRequest): void {
    this.requests = seen.number;
    if (seen.operation === 'save' && seen.type !== 'lock' && this.#stored.has(keyOf(seen)))
      this.#again.add(seen.number);
  }

  /** Bytes of a save's body came. */
  sent(seen: SeenRequest, bytes: number): void {
    if (seen.operation !== 'save') return;
    this.sentBytes += bytes;
    if (this.#again.has(seen.number)) this.resentBytes += bytes;
  }

  /** The store has answered. */
  answered(seen: SeenRequest, status: number): void {
    const isWell = status >= 200 && status < 300;
    if (!isWell || seen.type === undefined) return;
    const key = keyOf(seen);
    if (seen.operation === 'save') this.#stored.set(key, { type: seen.type, bytes: seen.bytes });
    if (seen.operation === 'remove' && this.#stored.has(key)) this.#removed.add(key);
  }

  /** Bytes of all files of a type that the store has taken, each counted once. */
  storedBytes(type: StoredType): number {
    return this.#of(type).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  storedCount(type: StoredType): number {
    return this.#of(type).length;
  }

  /** Files that the store had taken and was told to remove; locks come and go. */
  get removedCount(): number {
    return [...this.#removed].filter((key) => !key.startsWith('lock/')).length;
  }

  #of(type: StoredType): Stored[] {
    return [...this.#stored.values()].filter((stored) => stored.type === type);
  }
}

function keyOf({ type, name }: SeenRequest): string {
  return `${type}/${name}`;
}
