import { expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { freePack, makePackCounts, PackMemory, packArrived } from '../../engine/compute/pack-memory.ts';

const target = limits.packBytesTarget;

it('waits while a pack is on its way, and all hands together hold as much as a pack for each', async () => {
  const counts = makePackCounts();
  const [mine, theirs] = [new PackMemory(target, counts, 2), new PackMemory(target, counts, 2)];
  theirs.grew(target, 0);
  mine.grew(target - 10_000, 0);
  // Nothing is on its way that could make room.
  mine.grew(target + 10_000, target - 10_000);
  expect(mine.ready()).toBeUndefined();
  theirs.sent(target);
  const ready = mine.ready();
  expect(ready).toBeInstanceOf(Promise);
  packArrived(counts, target);
  mine.look();
  await ready;
  expect(mine.ready()).toBeUndefined();
  mine.sent(target + 10_000);
  packArrived(counts, target + 10_000);
  expect([counts.underWay[0], counts.held[0]]).toEqual([0, 0]);
});

it('lets more small packs go than large ones, and more hands hold more', () => {
  const small = limits.packBytesTargetMin;
  for (const hands of [1, 2, 8]) {
    const memory = new PackMemory(target, makePackCounts(), hands);
    let packs = 0;
    for (; memory.ready() === undefined && packs < 1_000; packs++) {
      memory.grew(small, 0);
      memory.sent(small);
    }
    expect(packs * small).toBe(Math.max(limits.packsHeldMin, hands) * target);
  }
});

it('lends memory again that came back, and none that is out', () => {
  const memory = new PackMemory(target, makePackCounts(), 1);
  const [one, other] = [memory.take(1_000), memory.take(1_000)];
  expect(other.buffer).not.toBe(one.buffer);
  one.fill(7);
  other.fill(8);
  freePack(one.buffer);
  expect(other.every((byte) => byte === 8)).toBe(true);
  expect(memory.take(target).buffer).toBe(one.buffer);
  expect(memory.take(1_000).buffer).not.toBe(one.buffer);
});

it('makes memory of its own for what is larger than packs are', () => {
  const memory = new PackMemory(target, makePackCounts(), 1);
  const large = memory.take(3 * target + 1);
  expect(large.length).toBeGreaterThan(3 * target);
  freePack(large.buffer);
  expect(memory.take(1_000).buffer).not.toBe(large.buffer);
});

it.runIf(process.platform === 'linux')('keeps nothing of a pack that is stored', () => {
  const room = new PackMemory(target, makePackCounts(), 1).take(target);
  room.fill(7);
  freePack(room.buffer);
  const pages = room.subarray(4096, target - 4096);
  expect(pages.every((byte) => byte === 0)).toBe(true);
});
