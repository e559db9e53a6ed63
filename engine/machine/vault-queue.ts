/**
 * Whose turn it is in a vault, among the processes of this machine. Invariants: one works at a time, in the order in
 * which they asked; between two there is the time for which the store's listings lag; nothing exclusive begins while a
 * commit of ours is pending; the same maintenance is done once in a window. Who died is out.
 */
import { limits } from '../base/limits.ts';
import type { QueueEntry } from '../protocol/vault-queue.ts';

export interface QueueFacts {
  /** Wall time, milliseconds. */
  readonly nowMs: number;
  /** How long the store may list what is gone. */
  readonly lagMs: number;
  readonly hasPendingCommit: boolean;
  isAlive(entry: QueueEntry): boolean;
}

export type Turn =
  | { readonly is: 'go' }
  /** `position`: 1 is next. `behind`: who works now, or is next before us. */
  | {
      readonly is: 'wait';
      readonly because: 'turn' | 'spacing' | 'pending-commit';
      readonly position: number;
      readonly behind?: QueueEntry;
    }
  /** Somebody does the same, or just did. */
  | { readonly is: 'merged'; readonly into: QueueEntry };

/** What is left of the queue: those who live, and what ended lately. */
export function withoutDead(entries: readonly QueueEntry[], facts: QueueFacts): QueueEntry[] {
  return entries.filter((entry) =>
    entry.endedMs === undefined
      ? facts.isAlive(entry)
      : Math.abs(facts.nowMs - entry.endedMs) < Math.max(limits.queueWindowMs, facts.lagMs),
  );
}

/** Of the entry with this ticket, which has not started; `entries` are those of `withoutDead`, in the order in which they asked. */
export function turnOf(entries: readonly QueueEntry[], ticket: string, facts: QueueFacts): Turn {
  const at = entries.findIndex((entry) => entry.ticket === ticket);
  const mine = entries[at];
  if (mine === undefined) return { is: 'go' };
  const before = entries.slice(0, at);
  const same = before.find((entry) => isSameWork(entry, mine));
  if (same !== undefined) return { is: 'merged', into: same };
  const working = entries.find(({ startedMs, endedMs }) => startedMs !== undefined && endedMs === undefined);
  const waiting = before.filter((entry) => entry.startedMs === undefined && !isKept(entry, facts));
  const position = waiting.length + 1;
  const behind = working ?? waiting[0];
  if (behind !== undefined) return { is: 'wait', because: 'turn', position, behind };
  if (isKept(mine, facts)) return { is: 'wait', because: 'pending-commit', position };
  const last = entries.find(({ endedMs = -Infinity }) => Math.abs(facts.nowMs - endedMs) < facts.lagMs);
  if (last !== undefined) return { is: 'wait', because: 'spacing', position, behind: last };
  return { is: 'go' };
}

function isSameWork(a: QueueEntry, b: QueueEntry): boolean {
  return a.work === 'maintenance' && b.work === 'maintenance' && a.label === b.label;
}

/** Exclusive work that a pending commit keeps from beginning lets others pass: one of them finishes the commit. */
function isKept({ exclusive, startedMs }: QueueEntry, { hasPendingCommit }: QueueFacts): boolean {
  return hasPendingCommit && exclusive && startedMs === undefined;
}
