import { expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { freePack, makeUnderWay, PackMemory, packArrived } from '../../engine/compute/pack-memory.ts';

const target = limits.packBytesTarget;

it('waits while as much is on its way, of all hands, as so many packs hold', async () => {
  const underWay = makeUnderWay();
  const [mine, theirs] = [new PackMemory(target, underWay), new PackMemory(target, underWay)];
  // A pack is closed a little before or after it has its size.
  for (let packs = 1; packs < limits.packsInFlightMax; packs++) theirs.sent(target + 70_000);
  expect(mine.ready()).toBeUndefined();
  theirs.sent(target - 900_000);
  const ready = mine.ready();
  expect(ready).toBeInstanceOf(Promise);
  packArrived(underWay, target - 900_000);
  mine.look();
  await ready;
  expect(mine.ready()).toBeUndefined();
});

it('lets more small packs go than large ones', () => {
  const small = limits.packBytesTargetMin;
  const memory = new PackMemory(target, makeUnderWay());
  let packs = 0;
  for (; memory.ready() === undefined && packs < 100; packs++) memory.sent(small);
  expect(packs * small).toBeGreaterThan((limits.packsInFlightMax - 1) * target);
  expect(packs * small).toBeLessThanOrEqual(limits.packsInFlightMax * target);
});

it('lends memory again that came back, and none that is out', () => {
  const memory = new PackMemory(target, makeUnderWay());
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
  const memory = new PackMemory(target, makeUnderWay());
  const large = memory.take(3 * target + 1);
  expect(large.length).toBeGreaterThan(3 * target);
  freePack(large.buffer);
  expect(memory.take(1_000).buffer).not.toBe(large.buffer);
});

it.runIf(process.platform === 'linux')('keeps nothing of a pack that is stored', () => {
  const room = new PackMemory(target, makeUnderWay()).take(target);
  room.fill(7);
  freePack(room.buffer);
  const pages = room.subarray(4096, target - 4096);
  expect(pages.every((byte) => byte === 0)).toBe(true);
});
