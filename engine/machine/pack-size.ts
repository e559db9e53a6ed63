/**
 * How large packs of data are on a long way, where each connection takes many round trips to get fast. Invariants: never
 * larger than asked for, never smaller than restic lets anybody ask for. The first ones are small, so that each
 * connection soon has something to carry; the last ones are even, so that all connections end at one time, and small again
 * where connections wait for them.
 */
import { limits } from '../base/limits.ts';

interface Way {
  readonly connections: number;
  readonly packBytesTarget: number;
}

export interface PacksToCome extends Way {
  /** Of files that are still to be read, before compression. */
  readonly bytesLeft: number;
  /** Small ones that are still to be made. */
  readonly smallPacks: number;
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

export interface NextPack extends Way {
  readonly bytesLeft: number;
  readonly evenBytes: number;
  /** Packs that are made and have not left. */
  readonly packsWaiting: number;
}

/** In the last round, whatever a connection waits for comes as soon as it can: what is made last is sent last. */
export function nextPackBytes({ bytesLeft, evenBytes, packsWaiting, ...way }: NextPack): number {
  const isLastRound = bytesLeft <= way.connections * way.packBytesTarget;
  const isWaitedFor = packsWaiting < way.connections;
  return isLastRound && isWaitedFor ? smallPackBytes(way.packBytesTarget) : evenBytes;
}
