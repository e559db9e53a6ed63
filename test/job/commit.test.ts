import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { limits } from '../../engine/base/limits.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { openRepository } from '../../engine/repo/repository.ts';
import { listSnapshotIds } from '../../engine/repo/snapshots.ts';
import { keyOf } from '../support/memory-backend.ts';
import { testPassword, testRepository } from '../support/test-repository.ts';
import { CutWorld, makeSources, removeSources } from './cut-world.ts';

let folder: string;
beforeAll(() => {
  folder = makeSources();
});
afterAll(() => removeSources(folder));

/** A run that is sealed, with all packs in the store, and whose process is dead. */
async function sealedWorld(): Promise<CutWorld> {
  const world = await CutWorld.make(folder);
  await world.runCutAt('indexStored');
  expect(world.journal.openRuns()).toMatchObject([{ at: 'sealed' }]);
  return world;
}

function forget(world: CutWorld, type: string): string[] {
  const gone = [...world.backend.files.keys()].filter((key) => key.startsWith(`${type}/`));
  for (const key of gone) world.backend.files.delete(key);
  return gone;
}

describe('a commit', () => {
  it('goes through its phases in their order, proves nothing where nothing is in doubt', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    expect(world.phases).toEqual([
      'opening',
      'uploading',
      'sealing',
      'writing-index',
      'committing',
      'verified',
    ]);
    await world.expectOneGoodSnapshot();
  });

  it('reads no source and sends nothing again when it is finished later', async () => {
    const world = await sealedWorld();
    await world.finish();
    expect(world.phases).toEqual(['proving', 'writing-index', 'committing', 'verified']);
    expect(world.opened).toEqual([]);
    expect(world.sentAgain).toEqual([]);
    await world.expectOneGoodSnapshot();
  });

  it('is the same snapshot under the same name, however often its answer is lost', async () => {
    const world = await CutWorld.make(folder);
    let lost = 0;
    world.backend.afterSave = ({ type }) => {
      if (type === 'snapshot' && lost++ < 1) throw new Failure('store-unreachable', {}, { next: 'now' });
    };
    await expect(world.run()).rejects.toMatchObject({ code: 'commit-waiting' });
    expect(world.journal.openRuns()).toMatchObject([{ attempts: 1, lastFailure: 'store-unreachable' }]);
    const [id] = world.journal.openRuns().map(({ seal }) => seal!.snapshot.id);
    await world.finish();
    expect(await listSnapshotIds(world.repository)).toEqual([id]);
    expect(lost).toBe(1);
  });

  it('never removes a pack, an index or a snapshot', async () => {
    const world = await sealedWorld();
    forget(world, 'pack');
    await world.finish();
    const removed = world.backend.asked.filter((asked) => asked.startsWith('remove'));
    expect(removed.filter((asked) => !asked.startsWith('remove lock/'))).toEqual([]);
  });

  it('is not told as done where the store took the snapshot and does not have it', async () => {
    const world = await CutWorld.make(folder);
    world.backend.afterSave = (file) => {
      if (file.type === 'snapshot') world.backend.files.delete(keyOf(file));
    };
    await expect(world.run()).rejects.toMatchObject({
      code: 'commit-waiting',
      detail: { why: 'verification-failed' },
    });
    world.revive();
    await world.finish();
    await world.expectOneGoodSnapshot();
  });

  it('gives a pack again that the store acknowledged and does not have', async () => {
    const world = await CutWorld.make(folder);
    let lost = 0;
    world.backend.afterSave = (file) => {
      if (file.type === 'pack' && lost++ === 0) world.backend.files.delete(keyOf(file));
    };
    await world.run();
    expect(lost).toBeGreaterThan(1);
    await world.expectOneGoodSnapshot();
  });

  it.each([
    { waitMs: 0, isAsked: false },
    { waitMs: limits.packSeenMsMax + 1_000, isAsked: true },
  ])('asks again for packs that the store showed $waitMs ms ago: $isAsked', async ({ waitMs, isAsked }) => {
    const world = await CutWorld.make(folder);
    Object.assign(world.backend, { asksForPacks: true, before: world.packsTakeLong });
    const open = async (): Promise<boolean> => {
      await world.repository.world.clock.sleep(waitMs);
      world.backend.asked.length = 0;
      return true;
    };
    await world.run({ gate: { open } });
    const asked = new Set(world.backend.asked.filter((each) => each.startsWith('stat pack/')));
    expect(asked.size).toBe(isAsked ? world.packsInStore().length : 0);
    await world.expectOneGoodSnapshot();
  });
});

describe('a look before a commit', () => {
  /** Requests from the moment that the store had all packs, which are seen so long after. */
  async function askedAfter(seenMs: number): Promise<string[]> {
    const world = await CutWorld.make(folder);
    const { clock } = world.repository.world;
    const { backend } = world;
    Object.assign(backend, { asksForPacks: true, before: world.packsTakeLong });
    const save = backend.save.bind(backend);
    let from = 0;
    backend.save = async (file, parts, signal) => {
      await save(file, parts, signal);
      if (file.type !== 'pack') return;
      from = backend.asked.length;
      signal?.onTaken?.();
      await clock.sleep(seenMs);
    };
    await world.run();
    await world.expectOneGoodSnapshot();
    const asked = backend.asked.slice(from).map((each) => each.replace(/[/].*/, ''));
    return asked.slice(0, asked.indexOf('save index'));
  }

  it('is made while the last packs are seen', async () => {
    expect(await askedAfter(limits.lookGoodMsMax / 2)).toEqual(['load config', 'load lock']);
  });

  it('is made anew where that took long', async () => {
    const looks = ['load config', 'load lock', 'load config', 'load lock'];
    expect(await askedAfter(limits.lookGoodMsMax + 1)).toEqual(looks);
  });
});

describe('a commit that somebody may have pruned away', () => {
  it('is healed from the spool', async () => {
    const world = await sealedWorld();
    expect(forget(world, 'pack').length).toBeGreaterThan(3);
    await world.finish();
    expect(world.opened).toEqual([]);
    await world.expectOneGoodSnapshot();
  });

  it('is healed from the spool also where an index of ours was written and replaced', async () => {
    const world = await CutWorld.make(folder);
    await world.runCutAt('end');
    const [run] = world.journal.openRuns();
    forget(world, 'pack');
    forget(world, 'index');
    forget(world, 'snapshot');
    world.journal.begin({ ...run!, indexIds: ['f'.repeat(64)] });
    world.journal.seal(run!.runId, run!.seal!);
    await world.finish();
    await world.expectOneGoodSnapshot();
  });

  it('is not published before a pack that was sent again is seen in the store', async () => {
    const world = await sealedWorld();
    const [pack] = forget(world, 'pack');
    let lost = 0;
    world.backend.afterSave = (file) => {
      if (keyOf(file) === pack && lost++ === 0) world.backend.files.delete(pack);
    };
    await world.finish();
    expect(await listSnapshotIds(world.repository)).toEqual([]);
    expect(world.journal.openRuns()).toMatchObject([{ at: 'sealed', lastFailure: 'verification-failed' }]);
    await world.finish();
    await world.expectOneGoodSnapshot();
  });

  it('is finished beside an index that the store has cut off, and mends its own', async () => {
    const world = await CutWorld.make(folder);
    await world.runCutAt({ save: 'snapshot' });
    const indexes = [...world.backend.files.keys()].filter((key) => key.startsWith('index/'));
    expect(indexes.length).toBeGreaterThan(0);
    for (const key of indexes) world.backend.files.set(key, world.backend.files.get(key)!.subarray(0, 40));
    await world.finish();
    await world.expectOneGoodSnapshot();
    await world.run();
    expect(world.opened).toEqual([]);
  });

  it('goes over its sources again where the spool has it no more: only for what is gone', async () => {
    const world = await sealedWorld();
    const [run] = world.journal.openRuns();
    const pack = world.journal.packs(run!.runId).find(({ isTree }) => !isTree);
    world.backend.files.delete(`pack/${pack!.id}`);
    await world.spool.remove(run!.runId, pack!.id);
    await world.finish();
    expect(world.journal.openRuns()).toMatchObject([{ at: 'open' }]);
    expect(await listSnapshotIds(world.repository)).toEqual([]);
    await world.run();
    expect(world.opened.length).toBeGreaterThan(0);
    expect(world.opened.length).toBeLessThan(8);
    await world.expectOneGoodSnapshot();
  });

  it('never has an index that names a pack which is not there', async () => {
    const world = await CutWorld.make(folder);
    await world.runCutAt({ save: 'index' });
    const [run] = world.journal.openRuns();
    expect(run).toMatchObject({ at: 'sealed' });
    for (const { id } of world.journal.packs(run!.runId).slice(0, 2)) {
      world.backend.files.delete(`pack/${id}`);
      await world.spool.remove(run!.runId, id);
    }
    await world.finish();
    await world.run();
    await world.expectOneGoodSnapshot();
    const packs = world.packsInStore().map((key) => key.slice(5));
    expect((await loadIndex(world.repository)).packIds().toSorted()).toEqual(packs.toSorted());
  });

  it('proves blobs of others that it relied on, where their index is gone', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    const before = world.packsInStore();
    await world.runCutAt({ save: 'snapshot' });
    const [run] = world.journal.openRuns();
    expect(run).toMatchObject({ at: 'sealed' });
    // Somebody forgot the first snapshot and pruned: its packs are gone, and the index that named them.
    for (const key of [...before, ...run!.indexIds.map((id) => `index/${id}`)])
      world.backend.files.delete(key);
    forget(world, 'snapshot');
    await world.finish();
    expect(await listSnapshotIds(world.repository)).toEqual([]);
    expect(world.journal.openRuns()).toMatchObject([{ at: 'open' }]);
    await world.run();
    await world.expectOneGoodSnapshot();
  });
});

describe('a vault that was replaced', () => {
  it('gets nothing', async () => {
    const world = await sealedWorld();
    const other = await testRepository({ seed: 'another' });
    world.backend.files.clear();
    const { files } = other.backend as typeof world.backend;
    for (const [key, bytes] of files) world.backend.files.set(key, bytes);
    const before = [...world.backend.files.keys()];
    await world.finish();
    expect([...world.backend.files.keys()]).toEqual(before);
    expect(world.journal.openRuns()).toMatchObject([{ at: 'sealed', lastFailure: 'repository-replaced' }]);
  });

  it('gets none of the pending commits of the one before', async () => {
    const world = await sealedWorld();
    const pending = world.journal.openRuns();
    world.backend.files.clear();
    const other = await testRepository({ seed: 'another' });
    const { files } = other.backend as typeof world.backend;
    for (const [key, bytes] of files) world.backend.files.set(key, bytes);
    const opened = await openRepository(world.backend, testPassword, world.repository.world);
    Object.assign(world.repository, opened);
    await world.finish();
    expect(world.journal.openRuns()).toEqual(pending);
  });
});

/** While we sleep for so long, somebody unlocks and prunes what no snapshot uses. */
function sleepAndPrune(world: CutWorld): void {
  for (const type of ['lock', 'pack', 'index', 'snapshot']) forget(world, type);
  world.repository.world.clock.sleepThrough(40 * 60_000);
}

describe('a run whose lock was removed while it slept', () => {
  it.each(['pack', 'index', 'snapshot'] as const)(
    'makes a whole snapshot of it all the same, after its first %s',
    async (type) => {
      const world = await CutWorld.make(folder);
      world.backend.before = world.packsTakeLong;
      let slept = 0;
      world.backend.afterSave = (file) => {
        if (file.type === type && slept++ === 0) sleepAndPrune(world);
      };
      await world.run();
      expect(slept).toBeGreaterThan(0);
      await world.expectOneGoodSnapshot();
      expect(world.journal.openRuns()).toEqual([]);
    },
  );
});
