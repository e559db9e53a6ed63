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

/** Of the entry with this ticket, which has not started; `entries` are those of `withoutDead`. */
export function turnOf(entries: readonly QueueEntry[], ticket: string, facts: QueueFacts): Turn {
  const mine = entries.find((entry) => entry.ticket === ticket);
  if (mine === undefined) return { is: 'go' };
  const same = entries.find((entry) => isSameWork(entry, mine) && isBefore(entry, mine));
  if (same !== undefined) return { is: 'merged', into: same };
  const open = entries.filter((entry) => entry.endedMs === undefined && entry.ticket !== ticket);
  const working = open.find((entry) => entry.startedMs !== undefined);
  const ahead = open.filter((entry) => !isKept(entry, facts) && isBefore(entry, mine));
  const waiting = ahead.filter((entry) => entry.startedMs === undefined);
  const position = waiting.length + 1;
  const behind = working ?? waiting.reduce<QueueEntry | undefined>(earlier, undefined);
  if (behind !== undefined) return { is: 'wait', because: 'turn', position, behind };
  if (mine.exclusive && facts.hasPendingCommit) return { is: 'wait', because: 'pending-commit', position };
  const last = entries.find(
    ({ endedMs }) => endedMs !== undefined && Math.abs(facts.nowMs - endedMs) < facts.lagMs,
  );
  if (last !== undefined) return { is: 'wait', because: 'spacing', position, behind: last };
  return { is: 'go' };
}

function isSameWork(a: QueueEntry, b: QueueEntry): boolean {
  return a.ticket !== b.ticket && a.work === 'maintenance' && b.work === 'maintenance' && a.label === b.label;
}

/** Exclusive work that a pending commit keeps from beginning lets others pass: one of them finishes the commit. */
function isKept(entry: QueueEntry, { hasPendingCommit }: QueueFacts): boolean {
  return hasPendingCommit && entry.exclusive && entry.startedMs === undefined;
}

function isBefore(a: QueueEntry, b: QueueEntry): boolean {
  return a.askedMs < b.askedMs || (a.askedMs === b.askedMs && a.ticket < b.ticket);
}

function earlier(a: QueueEntry | undefined, b: QueueEntry): QueueEntry {
  return a === undefined || isBefore(b, a) ? b : a;
}
