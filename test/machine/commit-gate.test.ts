import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GateFacts, gateVerdict } from '../../engine/machine/commit-gate.ts';

const hourMs = 3_600_000;
const facts: GateFacts = {
  needsNetwork: true,
  level: 'good',
  why: 'calm',
  sealedMs: 0,
  isAsked: false,
  failures: 0,
  lastFailedMs: 0,
  waitMsMax: 6 * hourMs,
};

describe('the gate', () => {
  it.each<[string, Partial<GateFacts>, number, ReturnType<typeof gateVerdict>]>([
    ['goes at once on a good network', {}, 1, { at: 'open', because: 'good' }],
    [
      'goes at once where no network is needed',
      { needsNetwork: false, level: 'offline' },
      1,
      { at: 'open', because: 'no-network-needed' },
    ],
    [
      'waits on a weak one, and says why and how long',
      { level: 'weak', why: 'failures' },
      1,
      { at: 'closed', because: 'failures', opensMs: 6 * hourMs },
    ],
    [
      'waits while nothing is known',
      { level: 'unknown', why: 'too-few-samples' },
      1,
      { at: 'closed', because: 'too-few-samples', opensMs: 6 * hourMs },
    ],
    [
      'opens for who asks',
      { level: 'weak', why: 'failures', isAsked: true },
      1,
      { at: 'open', because: 'asked' },
    ],
    [
      'opens for nobody while offline',
      { level: 'offline', why: 'portal', isAsked: true },
      1,
      { at: 'closed', because: 'portal' },
    ],
    [
      'tries a weak one after the longest wait',
      { level: 'weak', why: 'failures' },
      6 * hourMs,
      { at: 'open', because: 'waited-long' },
    ],
    [
      'never tries offline, however long it waits',
      { level: 'offline', why: 'no-route' },
      900 * hourMs,
      { at: 'closed', because: 'no-route' },
    ],
    [
      'pauses after a failure',
      { failures: 1, lastFailedMs: 5_000 },
      6_000,
      { at: 'closed', because: 'just-failed', opensMs: 15_000 },
    ],
    [
      'pauses longer after the third',
      { failures: 3, lastFailedMs: 0 },
      39_999,
      { at: 'closed', because: 'just-failed', opensMs: 40_000 },
    ],
    ['goes on after the pause', { failures: 3, lastFailedMs: 0 }, 40_000, { at: 'open', because: 'good' }],
    [
      'lets who asks skip the pause',
      { failures: 9, lastFailedMs: 0, isAsked: true },
      1,
      { at: 'open', because: 'asked' },
    ],
  ])('%s', (_, changed, nowMs, verdict) => {
    expect(gateVerdict({ ...facts, ...changed }, nowMs)).toEqual(verdict);
  });

  it('never stays closed for ever on a network that is not offline', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('good', 'weak', 'unknown'),
        fc.nat(1_000),
        fc.nat(100 * hourMs),
        (level, failures, lastFailedMs) => {
          const late = { ...facts, level, failures, lastFailedMs } as GateFacts;
          const lateMs = Math.max(lastFailedMs, facts.waitMsMax) + 300_000;
          expect(gateVerdict(late, lateMs).at).toBe('open');
        },
      ),
    );
  });
});
