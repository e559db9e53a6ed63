/**
 * Whether a sealed commit may go now. Invariants: never while offline, whoever asks; always at once where no network
 * is needed; it may delay but not prevent: a weak network is tried when the longest wait is over. Correctness never
 * depends on it.
 */
import { limits } from '../base/limits.ts';
import type { NetworkLevel, NetworkReason } from './network-quality.ts';

export interface GateFacts {
  /** A folder of this machine needs none. */
  readonly needsNetwork: boolean;
  readonly level: NetworkLevel;
  readonly why: NetworkReason;
  readonly sealedMs: number;
  /** Somebody pressed Finish now, and no attempt has been made since. */
  readonly isAsked: boolean;
  /** Attempts that failed in a row, and when the last one ended. */
  readonly failures: number;
  readonly lastFailedMs: number;
  /** The user's longest wait for a good network. */
  readonly waitMsMax: number;
}

export type GateVerdict =
  | { readonly at: 'open'; readonly because: 'no-network-needed' | 'good' | 'asked' | 'waited-long' }
  | {
      readonly at: 'closed';
      readonly because: NetworkReason | 'just-failed';
      /** When it opens unless something changes; undefined where only the network can open it. */
      readonly opensMs?: number;
    };

export function gateVerdict(facts: GateFacts, nowMs: number): GateVerdict {
  if (!facts.needsNetwork) return afterPause(facts, nowMs, 'no-network-needed');
  if (facts.level === 'offline') return { at: 'closed', because: facts.why };
  if (facts.isAsked) return { at: 'open', because: 'asked' };
  if (facts.level === 'good') return afterPause(facts, nowMs, 'good');
  const opensMs = facts.sealedMs + facts.waitMsMax;
  if (nowMs >= opensMs) return afterPause(facts, nowMs, 'waited-long');
  return { at: 'closed', because: facts.why, opensMs };
}

/** After a failed attempt it waits, twice as long each time. */
function afterPause(
  { failures, lastFailedMs }: GateFacts,
  nowMs: number,
  because: 'no-network-needed' | 'good' | 'waited-long',
): GateVerdict {
  if (failures === 0) return { at: 'open', because };
  const pauseMs = Math.min(limits.gatePauseMsMax, limits.gatePauseMs * 2 ** (failures - 1));
  const opensMs = lastFailedMs + pauseMs;
  return nowMs >= opensMs ? { at: 'open', because } : { at: 'closed', because: 'just-failed', opensMs };
}
