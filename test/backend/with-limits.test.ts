import { beforeEach, describe, expect, it } from 'vitest';
import type { Backend, FileName, FileType } from '../../engine/backend/backend.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { withLimits } from '../../engine/backend/with-limits.ts';
import { wrapped } from '../../engine/backend/wrapped-backend.ts';
import { Failure } from '../../engine/base/failure.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { type VirtualClock, virtualClock } from '../support/fixed-world.ts';
import { MemoryBackend } from '../support/memory-backend.ts';

let clock: VirtualClock;
let line: StoreLine;
let inner: MemoryBackend;
let backend: Backend;
let underWay: number;
let most: number;

beforeEach(() => {
  clock = virtualClock(0n);
  line = new StoreLine();
  inner = new MemoryBackend();
  backend = wrapped(inner, [withLimits(line, clock, 3)]);
  underWay = 0;
  most = 0;
  inner.before = async () => {
    most = Math.max(most, ++underWay);
    await clock.sleep(1_000);
    underWay--;
  };
});

const nameOf = (i: number, type: FileType = 'pack'): FileName => ({
  type,
  name: i.toString(16).padStart(64, '0'),
});
const pack = [Buffer.alloc(1_000_000)];

backendContract('a backend with limits around it', async () => ({
  backend: wrapped(new MemoryBackend(), [withLimits(new StoreLine(), virtualClock(0n), 3)]),
  remove: async () => {},
}));

describe('what is under way', () => {
  it('are as many requests as the store serves well', async () => {
    const asked = Promise.all(Array.from({ length: 9 }, (_, i) => backend.remove(nameOf(i))));
    await clock.advance(3_000);
    await asked;
    expect(most).toBe(3);
    expect(clock.elapsedMs()).toBe(3_000);
  });

  it('are more requests where the line was found to take more uploads', async () => {
    line.uploadsAtOnce = 7;
    const asked = Promise.all(Array.from({ length: 14 }, (_, i) => backend.stat(nameOf(i)).catch(() => 0)));
    await clock.advance(2_000);
    await asked;
    expect(most).toBe(7);
  });

  it('are more uploads where they make it faster, and fewer after trouble', async () => {
    const saves = Promise.all(Array.from({ length: 200 }, (_, i) => backend.save(nameOf(i), pack)));
    await clock.advance(60_000);
    await saves;
    expect(most).toBe(16);
    expect(line.uploadsAtOnce).toBe(16);
    inner.before = () => {
      throw new Failure('store-unreachable', {}, { next: 'now' });
    };
    for (let i = 0; i < 4; i++) await backend.save(nameOf(i), pack).catch(() => undefined);
    expect(line.uploadsAtOnce).toBe(1);
  });

  it('are no uploads that the store has taken: to see them there makes none wait', async () => {
    inner.save = async (_file, _parts, signal) => {
      most = Math.max(most, ++underWay);
      await clock.sleep(1_000);
      underWay--;
      signal?.onTaken?.();
      await clock.sleep(5_000);
    };
    const saves = Promise.all(Array.from({ length: 4 * 2 }, (_, i) => backend.save(nameOf(i), [])));
    await clock.advance(7_000);
    await saves;
    expect(most).toBe(4);
    expect(clock.elapsedMs()).toBe(7_000);
  });

  it('are lock files always, however many others wait', async () => {
    const others = Array.from({ length: 50 }, (_, i) => backend.save(nameOf(i), pack));
    const lock = backend.save(nameOf(1, 'lock'), [Buffer.from('lock')]);
    await clock.advance(1_000);
    await lock;
    expect(clock.elapsedMs()).toBe(1_000);
    await clock.advance(60_000);
    await Promise.all(others);
  });

  it('is not who was cancelled while it waited', async () => {
    const controller = new AbortController();
    const others = Array.from({ length: 3 }, (_, i) => backend.remove(nameOf(i)));
    const waiting = backend.remove(nameOf(9), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await clock.advance(1_000);
    await Promise.all(others);
    expect(inner.asked.some((asked) => asked.includes(nameOf(9).name))).toBe(false);
    const after = backend.remove(nameOf(10));
    await clock.advance(1_000);
    await after;
  });
});

describe('the pace of bytes', () => {
  beforeEach(() => {
    inner.before = () => {};
    inner.save = async (_file, parts, signal) => {
      for (const part of parts) {
        for (let at = 0; at < part.length; at += 10_000) await signal?.onProgress?.(10_000, 'up');
      }
    };
  });

  const savedAfter = async (startMs: number, stepMs: number): Promise<number> => {
    let at: number | undefined;
    void backend.save(nameOf(0), pack).then(() => {
      at = clock.elapsedMs();
    });
    for (let i = 0; i < 200 && at === undefined; i++) await clock.advance(stepMs);
    return (at ?? Number.NaN) - startMs;
  };

  it('is what a person allows, and may change while bytes go', async () => {
    expect(await savedAfter(0, 1)).toBe(0);
    line.bytesPerSecondMax = { up: 100_000 };
    const startMs = clock.elapsedMs();
    expect(Math.abs((await savedAfter(startMs, 1_000)) - 10_000)).toBeLessThan(10);
    const save = backend.save(nameOf(1), pack);
    await clock.advance(2_000);
    line.bytesPerSecondMax = {};
    await clock.advance(100);
    await save;
  });

  it('does not hold up a lock', async () => {
    line.bytesPerSecondMax = { up: 1 };
    await backend.save(nameOf(1, 'lock'), pack);
    expect(clock.elapsedMs()).toBe(0);
  });
});
