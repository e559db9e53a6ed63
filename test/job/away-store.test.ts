import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFile } from '../../engine/backend/backend.ts';
import { awayRepository } from '../../engine/job/away-store.ts';
import { pendingRuns } from '../../engine/job/pending-commits.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import { listSnapshotIds } from '../../engine/repo/snapshots.ts';
import { seededChance } from '../support/fixed-world.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { memoryOfRuns } from '../support/memory-journal.ts';
import { CutWorld, makeSources, removeSources } from './cut-world.ts';

let folder: string;
beforeEach(() => {
  folder = makeSources();
});
afterEach(() => removeSources(folder));

const waits = { code: 'commit-waiting', detail: { why: 'store-unreachable' } };
const change = (seed: string): void =>
  writeFileSync(join(folder, 'a', '1.bin'), seededChance(seed).bytes(30_000));

/** What the cache has of the store: not the packs of data. */
function copyOf({ backend, repository }: CutWorld): Repository {
  const copy = new MemoryBackend();
  for (const [key, bytes] of backend.files) {
    const isSmall = /^(config|key|snapshot|index)\//.test(key);
    if (isSmall) copy.files.set(key, bytes);
  }
  return { ...repository, backend: copy };
}

function goAway(world: CutWorld): void {
  const memory = memoryOfRuns(world.journal, world.spool);
  const { backend } = awayRepository(copyOf(world), 'rest:http://store.example/', memory);
  world.store = { ...world.repository, backend };
}

describe('a backup while its store cannot be asked', () => {
  it('ends sealed on this machine, and is finished when the store is back', async () => {
    const world = await CutWorld.make(folder);
    const { snapshotId } = await world.run();
    const before = [...world.backend.files.keys()];
    change('offline');
    goAway(world);
    await expect(world.run()).rejects.toMatchObject(waits);
    expect([...world.backend.files.keys()]).toEqual(before);
    world.store = world.repository;
    await world.finish();
    expect(world.opened).toEqual([]);
    const ids = await listSnapshotIds(world.repository);
    expect(ids).toHaveLength(2);
    expect(await world.expectGood(ids.find((id) => id !== snapshotId)!)).toBe(8);
    expect(world.sentAgain).toEqual([]);
    expect(await world.spool.usedBytes()).toBe(0);
  });

  it('keeps what an earlier one keeps but once, and both are finished in their order', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    change('first');
    goAway(world);
    await expect(world.run()).rejects.toMatchObject(waits);
    const usedBytes = await world.spool.usedBytes();
    writeFileSync(join(folder, 'b', 'new.bin'), 'a little more');
    goAway(world);
    await expect(world.run()).rejects.toMatchObject(waits);
    expect((await world.spool.usedBytes()) - usedBytes).toBeLessThan(15_000);
    expect(pendingRuns(memoryOfRuns(world.journal, world.spool))).toHaveLength(2);
    rmSync(join(folder, 'b', 'new.bin'));
    world.store = world.repository;
    await world.finish();
    expect(await listSnapshotIds(world.repository)).toHaveLength(3);
    expect(world.sentAgain).toEqual([]);
  });

  it('goes on where a run was cut that the network left', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    change('cut');
    writeFileSync(join(folder, 'b', 'new.bin'), seededChance('new').bytes(90_000));
    await world.runCutAt(12, 'before');
    const finished = world.finishedFiles();
    goAway(world);
    await expect(world.run()).rejects.toMatchObject(waits);
    expect(world.opened.filter((path) => finished.includes(path))).toEqual([]);
    world.store = world.repository;
    await world.finish();
    expect(await listSnapshotIds(world.repository)).toHaveLength(2);
    expect(world.sentAgain).toEqual([]);
  });

  it('is made whole by the next backup where somebody removed meanwhile what it relied on', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    goAway(world);
    change('pruned');
    await expect(world.run()).rejects.toMatchObject(waits);
    for (const key of [...world.backend.files.keys()])
      if (/^(pack|index|snapshot)\//.test(key)) world.backend.files.delete(key);
    world.store = world.repository;
    world.acknowledged.clear();
    await world.finish();
    expect(await listSnapshotIds(world.repository)).toEqual([]);
    await world.run();
    await world.expectOneGoodSnapshot();
  });

  it('fails where what may be kept here is used up, and goes on from there later', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    change('too much');
    goAway(world);
    world.spool.quotaBytes = 10_000;
    await expect(world.run()).rejects.toMatchObject({ code: 'store-unreachable' });
    world.store = world.repository;
    world.spool.quotaBytes = 1_000_000;
    await world.run();
    expect(await listSnapshotIds(world.repository)).toHaveLength(2);
    expect(world.sentAgain).toEqual([]);
  });
});

describe('the store that is away', () => {
  it('answers from what is here, and takes nothing', async () => {
    const world = await CutWorld.make(folder);
    await world.run();
    goAway(world);
    const { backend } = world.store;
    expect(backend.folder).toBeUndefined();
    expect(await backend.load(configFile)).toEqual(await world.backend.load(configFile));
    const cancel = new AbortController();
    const saved = backend.save({ type: 'pack', name: 'a'.repeat(64) }, [], cancel.signal);
    cancel.abort();
    await expect(saved).rejects.toMatchObject({ code: 'cancelled' });
    for (const refused of [backend.save(configFile, []), backend.create(), backend.remove(configFile)])
      await expect(refused).rejects.toMatchObject({ code: 'store-unreachable', next: 'later' });
  });
});
