import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../engine/backend/probe.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { wallMs } from '../../engine/base/clock.ts';
import { type GateLook, type GateParts, NetworkGate } from '../../engine/job/gate.ts';
import { seenOf } from '../../engine/machine/network-quality.ts';
import { virtualClock } from '../support/fixed-world.ts';

const good: ProbeResult = { outcome: 'ok', tookMs: 40 };
const dead: ProbeResult = { outcome: 'failed', code: 'store-unreachable' };

function makeGate(change: Partial<GateParts> = {}) {
  const clock = virtualClock(1_800_000_000_000_000_000n);
  const looks: GateLook[] = [];
  const network = { answers: good, probes: 0 };
  const probe = async (): Promise<ProbeResult> => {
    network.probes++;
    return network.answers;
  };
  const gate = new NetworkGate({
    clock,
    needsNetwork: true,
    probe,
    tell: (look) => looks.push(look),
    ...change,
  });
  const run = { runId: 'a'.repeat(32), attempts: 0, lastAttemptMs: 0, sealedMs: wallMs(clock) };
  const stop = new AbortController();
  let opened: boolean | undefined;
  let failed: unknown;
  const open = (msMax?: number): void => {
    gate.open(run, stop.signal, msMax).then(
      (isOpen) => {
        opened = isOpen;
      },
      (error: unknown) => {
        failed = error;
      },
    );
  };
  return { clock, looks, network, gate, open, stop, opened: () => opened, failed: () => failed };
}

describe('the gate', () => {
  it('is open at once where no network is needed', async () => {
    const { clock, open, opened, network } = makeGate({ needsNetwork: false });
    open();
    await clock.advance(0);
    expect(opened()).toBe(true);
    expect(network.probes).toBe(0);
  });

  it('opens after three good looks, and says when it looks next', async () => {
    const { clock, open, opened, looks } = makeGate();
    open();
    await clock.advance(1_000);
    expect(opened()).toBeUndefined();
    await clock.advance(9_000);
    expect(opened()).toBe(true);
    expect(looks[0]).toMatchObject({
      verdict: { at: 'closed', because: 'too-few-samples' },
      level: 'unknown',
    });
    expect(looks.at(-1)).toMatchObject({ verdict: { at: 'open', because: 'good' }, roundTripMs: 40 });
  });

  it('knows from the traffic of an upload what it need not probe', async () => {
    const line = new StoreLine();
    const sample = { operation: 'save', tookMs: 300, upBytes: 5e6, downBytes: 0, inFlight: 1 } as const;
    for (let atMs = 0; atMs < 5; atMs++) line.learn({ ...sample, atMs });
    const { clock, open, opened, network } = makeGate({ line });
    open();
    await clock.advance(0);
    expect(opened()).toBe(true);
    expect(network.probes).toBe(0);
  });

  it('takes nothing from traffic that was before its time', async () => {
    const line = new StoreLine();
    const sample = { operation: 'save', tookMs: 300, upBytes: 5e6, downBytes: 0, inFlight: 1 } as const;
    for (let atMs = 0; atMs < 5; atMs++) line.learn({ ...sample, atMs, failure: 'store-unreachable' });
    const { clock, gate, open, opened, network } = makeGate({ line, seenBefore: seenOf(line.facts) });
    open();
    await clock.advance(10_000);
    expect(opened()).toBe(true);
    expect(network.probes).toBe(3);
    expect(gate.quality.outcomes.every(({ outcome }) => outcome === 'ok')).toBe(true);
  });

  it('learns a speed once, and forgets it: small requests do not keep an old slow transfer alive', async () => {
    const line = new StoreLine();
    const slow = { operation: 'save', tookMs: 60_000, upBytes: 100_000, downBytes: 0, inFlight: 1 } as const;
    const small = { operation: 'load', tookMs: 40, upBytes: 0, downBytes: 300, inFlight: 1 } as const;
    for (let atMs = -3; atMs < 0; atMs++) line.learn({ ...slow, atMs });
    const { clock, gate, open, opened } = makeGate({ line });
    open();
    for (let minute = 0; minute < 5; minute++) {
      await clock.advance(60_000);
      line.learn({ ...small, atMs: clock.elapsedMs() });
    }
    expect([gate.quality.why, opened()]).toEqual(['slow-transfer', undefined]);
    await clock.advance(6 * 60_000);
    expect(opened()).toBe(true);
  });

  it('stays shut through three hours without a network, and opens within 15 s of its return', async () => {
    const { clock, open, opened, network, gate } = makeGate();
    network.answers = dead;
    open();
    await clock.advance(3 * 3_600_000);
    expect(opened()).toBeUndefined();
    expect(network.probes).toBeLessThan(100);
    network.answers = good;
    // The system says that there is a way out again.
    gate.lookNow();
    await clock.advance(25_000);
    expect(gate.quality.level).toBe('good');
    expect(opened()).toBe(true);
  });

  it('is opened once by whoever asks, but not while offline', async () => {
    const { clock, open, opened, network, gate } = makeGate();
    network.answers = dead;
    open();
    await clock.advance(60_000);
    gate.finishNow();
    await clock.advance(60_000);
    expect(gate.quality.level).toBe('offline');
    expect(opened()).toBeUndefined();
    network.answers = good;
    await clock.advance(3_600_000);
    expect(opened()).toBe(true);
  });

  it('lets go of whoever will not wait, once it knows the network', async () => {
    const { clock, open, failed, network } = makeGate({ giveUpMs: 0 });
    network.answers = dead;
    open();
    await clock.advance(10_000);
    expect(failed()).toMatchObject({ code: 'commit-waiting' });
  });

  it('answers that it is shut after the time that it was given', async () => {
    const { clock, open, opened, network } = makeGate();
    network.answers = dead;
    open(60_000);
    await clock.advance(400_000);
    expect(opened()).toBe(false);
  });

  it('ends with a cancel', async () => {
    const { clock, open, failed, stop, network } = makeGate();
    network.answers = dead;
    open();
    await clock.advance(5_000);
    stop.abort(new Error('enough'));
    await clock.advance(1_000);
    expect(failed()).toMatchObject({ message: 'enough' });
  });
});
