/**
 * Plans: which request meets which fault. A plan is asked once for each request, in the order of their beginnings, and
 * may remember; the same plan and the same requests make the same faults.
 */
import { hash } from 'node:crypto';
import type { Fault } from './fault.ts';
import type { Operation, SeenRequest, StoredType } from './seen-request.ts';

export type Plan = (seen: SeenRequest) => Fault | undefined;
export type Match = (seen: SeenRequest) => boolean;

export const noFaults: Plan = () => undefined;
export const any: Match = () => true;

export function of(operation: Operation, type?: StoredType): Match {
  return (seen) => seen.operation === operation && (type === undefined || seen.type === type);
}

/** The nth that matches, and `times - 1` after it. */
export function nth(match: Match, n: number, fault: Fault, times = 1): Plan {
  let count = 0;
  return (seen) => {
    if (!match(seen)) return undefined;
    count++;
    return count >= n && count < n + times ? fault : undefined;
  };
}

/** From the nth that matches on, every request for so long. */
export function fromThen(match: Match, n: number, ms: number, fault: Fault): Plan {
  let count = 0;
  let untilMs: number | undefined;
  return (seen) => {
    if (untilMs === undefined && match(seen) && ++count === n) untilMs = seen.atMs + ms;
    return untilMs !== undefined && seen.atMs <= untilMs ? fault : undefined;
  };
}

/** `next` begins with the request after the first that `first` has struck. */
export function afterwards(first: Plan, next: Plan): Plan {
  let hasStruck = false;
  return (seen) => {
    if (hasStruck) return next(seen);
    const fault = first(seen);
    hasStruck = fault !== undefined;
    return fault;
  };
}

/** For so long from the first request that it sees. */
export function forMs(ms: number, fault: Fault): Plan {
  return fromThen(any, 1, ms, fault);
}

/** Some share of all requests, each with one of the faults: both follow from the seed. */
export function seeded(seed: string, share: number, faults: readonly Fault[]): Plan {
  return ({ number }) => {
    const drawn = hash('sha256', `${seed}:${number}`, 'buffer');
    const isStruck = drawn.readUInt32BE(0) / 2 ** 32 < share;
    return isStruck ? faults[drawn.readUInt32BE(4) % faults.length] : undefined;
  };
}
