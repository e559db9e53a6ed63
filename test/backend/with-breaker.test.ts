import { beforeEach, describe, expect, it } from 'vitest';
import type { Backend, FileName } from '../../engine/backend/backend.ts';
import { StoreLine } from '../../engine/backend/store-line.ts';
import { withBreaker } from '../../engine/backend/with-breaker.ts';
import { withRetries } from '../../engine/backend/with-retries.ts';
import { wrapped } from '../../engine/backend/wrapped-backend.ts';
import { Failure } from '../../engine/base/failure.ts';
import { backendContract } from '../contract/backend-contract.ts';
import { virtualClock } from '../support/fixed-world.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { type TestWorld, testWorld } from '../support/test-repository.ts';

const nameOf = (i: number): FileName => ({ type: 'pack', name: i.toString(16).padStart(64, '0') });
const down = (): never => {
  throw new Failure('store-unreachable', {}, { next: 'now' });
};

let world: TestWorld;
let line: StoreLine;
let inner: MemoryBackend;
let backend: Backend;

beforeEach(() => {
  world = testWorld();
  line = new StoreLine();
  inner = new MemoryBackend();
  backend = wrapped(inner, [withBreaker(line, world.clock, 'here')]);
});

backendContract('a backend with a breaker around it', async () => ({
  backend: wrapped(new MemoryBackend(), [withBreaker(new StoreLine(), virtualClock(0n), 'here')]),
  remove: async () => {},
}));

describe('a store that is down', () => {
  it('is not asked by everybody, and says when it is tried again', async () => {
    inner.before = down;
    for (let i = 0; i < 20; i++) {
      await expect(backend.remove(nameOf(i))).rejects.toMatchObject({ code: 'store-unreachable' });
    }
    expect(inner.asked).toHaveLength(5);
    expect(line.breakers.writes).toMatchObject({ at: 'open', untilMs: 2_000 });
    await expect(backend.remove(nameOf(1))).rejects.toMatchObject({
      detail: { notAsked: true, retryAfterMs: 2_000 },
    });
  });

  it('for writing may still be read from', async () => {
    inner.before = (operation) => (operation === 'remove' ? down() : undefined);
    for (let i = 0; i < 6; i++) await backend.remove(nameOf(i)).catch(() => undefined);
    await expect(backend.stat(nameOf(1))).rejects.toMatchObject({ code: 'not-found' });
    expect(line.breakers.reads.at).toBe('closed');
  });

  it('is tried at once when somebody says so', async () => {
    inner.before = down;
    for (let i = 0; i < 5; i++) await backend.remove(nameOf(i)).catch(() => undefined);
    inner.before = () => {};
    line.tryNow();
    await backend.remove(nameOf(1));
    expect(line.breakers.writes).toEqual({ at: 'closed', failures: 0 });
  });

  it('hears from one of many that wait, and serves them all when it is back', async () => {
    line.isProven = true;
    const patient = wrapped(backend, [withRetries(backend, line, world)]);
    inner.before = down;
    const saves = Array.from({ length: 20 }, (_, i) => patient.save(nameOf(i), [Buffer.from(`${i}`)]));
    const all = Promise.all(saves);
    await world.clock.advance(3_600_000);
    const perHour = inner.asked.length;
    // One try in a minute, of which each may ask twice, and what went before it opened.
    expect(perHour).toBeLessThan(200);
    expect(line.waits).toHaveLength(20);
    inner.before = () => {};
    line.tryNow();
    await world.clock.advance(150_000);
    await all;
    expect(inner.files.size).toBe(20);
    expect(line.waits).toEqual([]);
  });
});

describe('what is no failure of the store', () => {
  it('is a file that is bad, or a request that was cancelled', async () => {
    inner.before = () => {
      throw new Failure('damaged');
    };
    for (let i = 0; i < 20; i++) await backend.load(nameOf(i)).catch(() => undefined);
    for (let i = 0; i < 20; i++)
      await backend.load(nameOf(i), undefined, AbortSignal.abort()).catch(() => undefined);
    expect(line.breakers.reads).toEqual({ at: 'closed', failures: 0 });
    inner.before = () => {};
    await inner.save(nameOf(7), [Buffer.from('x')]);
    expect(await backend.stat(nameOf(7))).toBe(1);
  });
});
