import { beforeEach, describe, expect, it } from 'vitest';
import type { Backend, FileName } from '../../engine/backend/backend.ts';
import type { CallSignal } from '../../engine/backend/call-signal.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { withMeter } from '../../engine/backend/with-meter.ts';
import { withWatchdog } from '../../engine/backend/with-watchdog.ts';
import { wrapped } from '../../engine/backend/wrapped-backend.ts';
import { Failure } from '../../engine/base/failure.ts';
import { overdueMs } from '../../engine/machine/store-facts.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { type VirtualClock, virtualClock } from '../support/fixed-world.ts';
import { MemoryBackend } from '../support/memory-backend.ts';

const file: FileName = { type: 'pack', name: 'ab'.repeat(32) };

let clock: VirtualClock;
let line: StoreLine;
let inner: MemoryBackend;
let backend: Backend;
let drops = 0;

beforeEach(() => {
  clock = virtualClock(0n);
  line = new StoreLine();
  drops = 0;
  inner = new MemoryBackend();
  backend = wrapped(inner, [
    withMeter(line, clock),
    withWatchdog(line, clock, { location: 'here', dropIdle: () => drops++ }),
  ]);
});

function outcomeOf(work: Promise<unknown>): {
  readonly at: () => number | undefined;
  readonly error: () => unknown;
} {
  let at: number | undefined;
  let error: unknown;
  const end = (): void => {
    at = clock.elapsedMs();
  };
  work.then(end, (caught: unknown) => {
    error = caught;
    end();
  });
  return { at: () => at, error: () => error };
}

backendContract('a backend with watchdog and meter around it', async () => {
  const [memory, time, own] = [new MemoryBackend(), virtualClock(0n), new StoreLine()];
  return {
    backend: wrapped(memory, [withMeter(own, time), withWatchdog(own, time, { location: 'here' })]),
    remove: async () => {},
  };
});

describe('a request that hangs', () => {
  const hang = (): Promise<never> => new Promise(() => {});

  it('is ended after 16 seconds at first, and in less where the line is known to be good', async () => {
    inner.before = hang;
    const first = outcomeOf(backend.stat(file));
    await clock.advance(60_000);
    expect(first.at()).toBe(16_000);
    expect(drops).toBe(1);
    expect(first.error()).toMatchObject({ code: 'store-unreachable', next: 'now' });
    inner.before = () => {};
    for (let i = 0; i < 20; i++) await backend.remove(file);
    const startMs = clock.elapsedMs();
    inner.before = hang;
    const second = outcomeOf(backend.remove(file));
    await clock.advance(60_000);
    expect(second.at()! - startMs).toBe(8_000);
    expect(line.facts.failures).toEqual({ 'store-unreachable': 2 });
  });

  it('gets more time with each try, so that a slow store is served in the end', async () => {
    inner.before = () => clock.sleep(100_000);
    const took: number[] = [];
    for (let tries = 0; tries < 6; tries++) {
      const startMs = clock.elapsedMs();
      const asked = outcomeOf(backend.remove(file));
      await clock.advance(200_000);
      took.push(asked.at()! - startMs);
      if (asked.error() === undefined) break;
    }
    expect(took).toEqual([16_000, 32_000, 64_000, 100_000]);
  });

  it('is ended with the patience of who waits for it, also when that ends in the middle', async () => {
    inner.stat = hang;
    const first = outcomeOf(backend.stat(file));
    await clock.advance(3_000);
    line.patience = { kind: 'ask', elapsedMsMax: 5_000 };
    await clock.advance(10_000);
    expect(first.at()).toBe(5_000);
  });

  it('is not called silent while the whole program was stopped, and teaches nothing when it comes', async () => {
    await backend.stat(file).catch(() => undefined);
    const { facts } = line;
    inner.before = () => clock.sleep(10_000);
    const asked = outcomeOf(backend.stat(file));
    await clock.advance(5_000);
    clock.stop(25 * 60_000);
    await clock.advance(5_000);
    expect(asked.error()).toMatchObject({ code: 'not-found' });
    expect(line.facts).toEqual(facts);
    inner.before = hang;
    const dead = outcomeOf(backend.stat(file));
    await clock.advance(5_000);
    clock.stop(25 * 60_000);
    const onMs = clock.elapsedMs();
    await clock.advance(60_000);
    expect(dead.error()).toMatchObject({ code: 'store-unreachable' });
    // What was left of its 8 seconds.
    expect(dead.at()! - onMs).toBe(2_000);
  });

  it('is ended also where the program is always late', async () => {
    inner.before = hang;
    const dead = outcomeOf(backend.stat(file));
    for (let tries = 0; tries < 60 && dead.at() === undefined; tries++) {
      clock.stop(5_000);
      await clock.advance(1_000);
    }
    expect(dead.error()).toMatchObject({ code: 'store-unreachable' });
  });

  it('is cancelled for those who do not listen, and ends with their cancel for those who do', async () => {
    let heard = false;
    inner.stat = (_file, signal?: CallSignal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          heard = true;
          reject(new Failure('cancelled'));
        });
      });
    const silent = outcomeOf(backend.stat(file));
    await clock.advance(30_000);
    expect(heard).toBe(true);
    expect(silent.error()).toMatchObject({ code: 'store-unreachable' });
    const controller = new AbortController();
    const cancelled = outcomeOf(backend.stat(file, controller.signal));
    controller.abort();
    await clock.advance(0);
    expect(cancelled.error()).toMatchObject({ code: 'cancelled' });
  });
});

describe('a request on which something moves', () => {
  const slowly = async (signal: CallSignal | undefined, times: number): Promise<number> => {
    for (let i = 0; i < times; i++) {
      await clock.sleep(15_000);
      await signal?.onProgress?.(1_000, 'down');
    }
    return times;
  };

  it('is never ended, however long it takes', async () => {
    inner.stat = (_file, signal) => slowly(signal, 50);
    const work = backend.stat(file);
    await clock.advance(15_000 * 50);
    expect(await work).toBe(50);
  });

  it('is not called silent while we ourselves hold it up', async () => {
    inner.stat = (_file, signal) => slowly(signal, 3);
    const held = Object.assign(new AbortController().signal, {
      onProgress: () => clock.sleep(120_000),
    });
    const work = outcomeOf(backend.stat(file, held));
    await clock.advance(135_000 * 3);
    expect(work.error()).toBeUndefined();
    expect(work.at()).toBe(135_000 * 3);
  });
});

describe('the meter', () => {
  it('learns round trips and goodput, and that the store is the store', async () => {
    inner.stat = async () => {
      await clock.sleep(300);
      return 5;
    };
    inner.save = async (_file, parts, signal) => {
      await clock.sleep(2_000);
      await signal?.onProgress?.(parts[0]!.length, 'up');
    };
    const stats = Array.from({ length: 10 }, async () => await backend.stat(file));
    await clock.advance(300);
    await Promise.all(stats);
    expect(line.facts.roundTrip?.smoothMs).toBe(300);
    expect(overdueMs(line.facts)).toBe(1_000);
    expect(line.isProven).toBe(false);
    const save = backend.save(file, [Buffer.alloc(1_000_000)]);
    await clock.advance(2_000);
    await save;
    expect(line.facts.upSpeeds.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([500_000]);
    expect(line.isProven).toBe(true);
    expect(line.facts.requests).toBe(11);
  });
});
