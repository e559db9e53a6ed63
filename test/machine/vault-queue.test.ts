import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { type QueueFacts, turnOf, withoutDead } from '../../engine/machine/vault-queue.ts';
import type { QueueEntry } from '../../engine/protocol/vault-queue.ts';

const facts: QueueFacts = { nowMs: 100_000, lagMs: 2_000, hasPendingCommit: false, isAlive: () => true };

function entry(ticket: string, changed: Partial<QueueEntry> = {}): QueueEntry {
  const asked = {
    hostname: 'h',
    pid: 1,
    work: 'backup',
    label: ticket,
    exclusive: false,
    askedMs: 0,
  } as const;
  return { ...asked, ticket, ...changed };
}
const prune = (ticket: string, changed: Partial<QueueEntry> = {}): QueueEntry =>
  entry(ticket, { work: 'maintenance', label: 'prune', exclusive: true, ...changed });

describe('a turn in a vault', () => {
  it.each<[string, QueueEntry[], Partial<QueueFacts>, object]>([
    ['alone', [entry('me')], {}, { is: 'go' }],
    [
      'behind who works',
      [entry('a', { startedMs: 1 }), entry('me', { askedMs: 5 })],
      {},
      { is: 'wait', because: 'turn', position: 1, behind: { ticket: 'a' } },
    ],
    [
      'behind who asked earlier',
      [entry('a', { askedMs: 1 }), entry('b', { askedMs: 2 }), entry('me', { askedMs: 5 })],
      {},
      { is: 'wait', position: 3, behind: { ticket: 'a' } },
    ],
    [
      'before who asked later, whatever the clock said then',
      [entry('me', { askedMs: 5 }), entry('a', { askedMs: 1 })],
      {},
      { is: 'go' },
    ],
    [
      'spaced by the lag',
      [entry('a', { startedMs: 1, endedMs: 99_000 }), entry('me')],
      {},
      { is: 'wait', because: 'spacing' },
    ],
    ['after the lag', [entry('a', { startedMs: 1, endedMs: 98_000 }), entry('me')], {}, { is: 'go' }],
    [
      'merged with maintenance that waits',
      [prune('a'), prune('me', { askedMs: 5 })],
      {},
      { is: 'merged', into: { ticket: 'a' } },
    ],
    [
      'merged with maintenance that is done',
      [prune('a', { startedMs: 1, endedMs: 50_000 }), prune('me', { askedMs: 60_000 })],
      {},
      { is: 'merged' },
    ],
    [
      'not merged with other maintenance',
      [prune('a', { label: 'check', startedMs: 1, endedMs: 5 }), prune('me', { askedMs: 9 })],
      {},
      { is: 'go' },
    ],
    [
      'exclusive behind a pending commit',
      [prune('me')],
      { hasPendingCommit: true },
      { is: 'wait', because: 'pending-commit' },
    ],
    [
      'a backup passes what a pending commit keeps',
      [prune('a'), entry('me', { askedMs: 5 })],
      { hasPendingCommit: true },
      { is: 'go' },
    ],
  ])('%s', (_, entries, changed, turn) => {
    expect(turnOf(entries, 'me', { ...facts, ...changed })).toMatchObject(turn);
  });

  it('forgets the dead, and what ended long ago', () => {
    const isAlive = ({ pid }: QueueEntry): boolean => pid === 1;
    const old = entry('old', { startedMs: 1, endedMs: facts.nowMs - limits.queueWindowMs });
    const left = withoutDead([entry('a', { pid: 2 }), entry('b'), old], { ...facts, isAlive });
    expect(left.map(({ ticket }) => ticket)).toEqual(['b']);
  });

  it('fifteen that ask at one minute go one after the other, each once, spaced by the lag', () => {
    let entries = Array.from({ length: 15 }, (_, i) => entry(`plan-${String(i).padStart(2, '0')}`));
    const started: number[] = [];
    for (let nowMs = 100_000; started.length < 15 && nowMs < 400_000; nowMs += 500) {
      const now = { ...facts, nowMs };
      entries = entries.map((each) =>
        each.startedMs !== undefined && each.endedMs === undefined && nowMs - each.startedMs >= 3_000
          ? { ...each, endedMs: nowMs }
          : each,
      );
      for (const { ticket, startedMs } of entries) {
        if (startedMs !== undefined || turnOf(entries, ticket, now).is !== 'go') continue;
        started.push(nowMs);
        entries = entries.map((each) => (each.ticket === ticket ? { ...each, startedMs: nowMs } : each));
      }
    }
    const gaps = started.slice(1).map((ms, i) => ms - started[i]!);
    expect(started).toHaveLength(15);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5_000);
  });
});
