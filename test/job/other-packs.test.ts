import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { listSnapshotIds } from '../../engine/repo/snapshots.ts';
import { keyOf } from '../support/memory-backend.ts';
import { CutWorld, makeSources, removeSources } from './cut-world.ts';

let folder: string;
beforeAll(() => {
  folder = makeSources();
});
afterAll(() => removeSources(folder));

/** Somebody has forgotten and pruned all, and then an index of ours came that was on its way for long. */
function pruneButForIndex({ backend }: CutWorld): void {
  for (const key of backend.files.keys()) if (/^(pack|snapshot)\//.test(key)) backend.files.delete(key);
}

async function expectAllGood(world: CutWorld): Promise<void> {
  const ids = await listSnapshotIds(world.repository);
  expect(ids.length).toBeGreaterThan(0);
  for (const id of ids) expect(await world.expectGood(id)).toBe(8);
}

function endedPacks({ journal, repository }: CutWorld): string[] {
  return journal.endedPacks(repository.config.id).map(({ id }) => id);
}

describe('packs of another run that an index names', () => {
  it('are not relied on where the store has cut one off since, and the other run still waits', async () => {
    const world = await CutWorld.make(folder);
    await world.runCutAt('indexStored');
    const [pack] = world.packsInStore();
    world.backend.files.delete(pack!);
    const { afterSave } = world.backend;
    let cuts = 0;
    world.backend.afterSave = (file) => {
      void afterSave(file);
      if (keyOf(file) !== pack || cuts++ > 0) return;
      world.backend.files.set(pack, world.backend.files.get(pack)!.subarray(0, 100));
    };
    await world.run();
    expect(world.journal.openRuns()).toMatchObject([{ at: 'sealed', lastFailure: 'verification-failed' }]);
    await expectAllGood(world);
    await world.finish();
    expect(world.journal.openRuns()).toEqual([]);
    await expectAllGood(world);
  });

  it('are not relied on where that run is over, and an index came back that was removed with them', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    pruneButForIndex(world);
    await world.run();
    await world.expectOneGoodSnapshot();
  });

  it('are no more relied on than those of others, which the same index names and somebody has removed as well', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    const [known, ...others] = endedPacks(world);
    expect(others.length).toBeGreaterThan(1);
    world.journal.forgetPacks(world.repository.config.id, others);
    pruneButForIndex(world);
    await world.run();
    await world.expectOneGoodSnapshot();
    // A listing may lag: what it does not show is asked for, and stays in use where it is there.
    world.backend.files.delete(`pack/${known}`);
    const before = world.packsInStore().length;
    await world.run();
    expect(world.packsInStore().length - before).toBeLessThanOrEqual(1);
  });

  it('are looked for before a sealed run is published that relies on them', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    await world.runCutAt({ save: 'snapshot' });
    expect(world.journal.openRuns()).toMatchObject([{ at: 'sealed' }]);
    pruneButForIndex(world);
    await world.finish();
    expect(await listSnapshotIds(world.repository)).toEqual([]);
    await world.run();
    await world.expectOneGoodSnapshot();
  });

  it('are asked for until they were seen late enough, and no longer', async () => {
    const world = await CutWorld.make(folder);
    const { clock } = world.repository.world;
    await world.run();
    // The last one has the trees: whoever reads the parent asks for it.
    const packs = endedPacks(world).slice(0, -1);
    expect(packs.length).toBeGreaterThan(2);
    const isAskedFor = (id: string): boolean => world.backend.asked.includes(`stat pack/${id}`);
    for (const [afterMs, isAsked] of [
      [0, true],
      [limits.lateRequestMsMax, true],
      [0, false],
    ] as const) {
      await clock.advance(afterMs);
      world.backend.asked.length = 0;
      await world.run();
      expect(packs.map(isAskedFor)).toEqual(packs.map(() => isAsked));
    }
    expect(endedPacks(world).filter((id) => packs.includes(id))).toEqual([]);
  });

  it('are remembered as long as an index names them that are gone', async () => {
    const world = await CutWorld.make(folder);
    const { clock } = world.repository.world;
    await world.run();
    const packs = endedPacks(world);
    const indexes = [...world.backend.files.keys()].filter((key) => key.startsWith('index/'));
    pruneButForIndex(world);
    await clock.advance(limits.lateRequestMsMax);
    await world.run();
    expect(endedPacks(world)).toEqual(expect.arrayContaining(packs));
    for (const key of indexes) world.backend.files.delete(key);
    await clock.advance(limits.lateRequestMsMax);
    await world.run();
    expect(endedPacks(world).filter((id) => packs.includes(id))).toEqual([]);
  });
});
