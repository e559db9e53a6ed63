/**
 * How large packs of data are on a long way, where each connection takes many round trips to get fast. Invariants: never
 * larger than asked for, never smaller than restic lets anybody ask for. The first ones are small, so that each
 * connection soon has something to carry; the last ones are even, so that all connections end at one time.
 */
import { limits } from '../base/limits.ts';

export interface PacksToCome {
  /** Of files that are still to be read, before compression. */
  readonly bytesLeft: number;
  /** Small ones that are still to be made. */
  readonly smallPacks: number;
  readonly connections: number;
  readonly packBytesTarget: number;
}

export function smallPackBytes(packBytesTarget: number): number {
  return Math.min(limits.packBytesTargetMin, packBytesTarget);
}

/** From when on it is known how much is left: in so many rounds as whole packs take, each connection carries one of this size. */
export function evenPackBytes({ bytesLeft, smallPacks, connections, packBytesTarget }: PacksToCome): number {
  const least = smallPackBytes(packBytesTarget);
  const left = Math.max(0, bytesLeft - smallPacks * least);
  const rounds = Math.max(1, Math.ceil(left / (connections * packBytesTarget)));
  const even = Math.ceil(left / (rounds * connections));
  return Math.min(packBytesTarget, Math.max(least, even));
}
