import { expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { makeUnderWay, PackMemory, packArrived } from '../../engine/compute/pack-memory.ts';

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
