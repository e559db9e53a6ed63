import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { CutWorld, makeSources, removeSources } from './cut-world.ts';

let folder: string;
beforeAll(() => {
  folder = makeSources();
});
afterAll(() => removeSources(folder));

/** Cuts a run at each of its requests, and lets another one go on from there. */
async function cutEverywhere(when: 'before' | 'after', isNear: boolean): Promise<number> {
  for (let n = 1; ; n++) {
    expect(n).toBeLessThan(300);
    const world = await CutWorld.make(folder, isNear);
    const wasCut = await world.runCutAt(n, when);
    const finished = new Set(world.finishedFiles());
    const wasSealed = world.journal.openRuns().some(({ at }) => at === 'sealed');
    const packs = world.packsInStore();
    // What is sealed needs its sources no more; and the process may have died when all was done.
    if (wasSealed) await world.finish();
    else if (world.journal.openRuns().length > 0 || n < 10) await world.run();
    expect([n, wasSealed && world.opened.length > 0]).toEqual([n, false]);
    await world.expectOneGoodSnapshot();
    expect([n, world.sentAgain]).toEqual([n, []]);
    expect([n, world.opened.filter((path) => finished.has(path))]).toEqual([n, []]);
    const index = await loadIndex(world.repository);
    for (const pack of isNear ? [] : packs) expect(index.packIds()).toContain(pack.slice(5));
    expect(world.journal.openRuns()).toEqual([]);
    expect(await world.spool.usedBytes()).toBe(0);
    if (!wasCut) return n;
  }
}

describe('a run that is cut at any request', () => {
  it('goes on before the request that never arrived', async () => {
    expect(await cutEverywhere('before', false)).toBeGreaterThan(20);
  });

  it('goes on after the save whose answer it never heard', async () => {
    expect(await cutEverywhere('after', false)).toBeGreaterThan(20);
  });

  it('goes on beside a near store, where nothing is spooled', async () => {
    expect(await cutEverywhere('before', true)).toBeGreaterThan(20);
    expect(await cutEverywhere('after', true)).toBeGreaterThan(15);
  });
});

describe('a run goes on', () => {
  it.each(['pack', 'packStored', 'files', 'seal', 'indexStored', 'end'] as const)(
    'when its process died before the journal was told: %s',
    async (word) => {
      const world = await CutWorld.make(folder);
      expect(await world.runCutAt(word)).toBe(true);
      if (world.journal.openRuns()[0]?.at === 'sealed') await world.finish();
      else await world.run();
      await world.expectOneGoodSnapshot();
      expect(world.sentAgain).toEqual([]);
    },
  );

  it('in the same run of the journal, however often it is cut', async () => {
    const world = await CutWorld.make(folder);
    for (const n of [11, 11, 11, 11]) await world.runCutAt(n, 'before');
    expect(world.journal.openRuns().length).toBeLessThan(2);
    await world.run();
    await world.expectOneGoodSnapshot();
    expect(world.sentAgain).toEqual([]);
  });

  it('without a second copy of any blob', async () => {
    const world = await CutWorld.make(folder);
    await world.runCutAt(15, 'before');
    await world.run();
    const index = await loadIndex(world.repository);
    const ids = [...index.blobs()].map(({ type, id }) => `${type} ${id}`);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('reads again what changed since', async () => {
    const world = await CutWorld.make(makeSources());
    await world.runCutAt('seal');
    const [path] = world.finishedFiles();
    expect(path).toBeDefined();
    writeFileSync(`${world.folder}/${path}`, 'something else');
    await world.run();
    expect(world.opened).toContain(path);
    await world.expectOneGoodSnapshot();
    removeSources(world.folder);
  });

  it('without a pack that the disk tore: what was in it is read anew', async () => {
    const world = await CutWorld.make(folder);
    expect(await world.runCutAt('packStored')).toBe(true);
    const [run] = world.journal.openRuns();
    const [torn] = world.journal.packs(run!.runId);
    world.backend.files.delete(`pack/${torn!.id}`);
    const whole = world.spool.get.bind(world.spool);
    world.spool.get = async (runId, id) => (id === torn!.id ? undefined : await whole(runId, id));
    if (run!.at === 'sealed') await world.finish();
    await world.run();
    await world.expectOneGoodSnapshot();
    expect(world.packsInStore()).not.toContain(`pack/${torn!.id}`);
  });

  it('with nothing of a run that somebody else works on', async () => {
    const world = await CutWorld.make(folder);
    await world.runCutAt(15, 'before');
    const [cut] = world.journal.openRuns();
    world.journal.own(cut!.runId, { pid: 99, sinceMs: 0 });
    Object.assign(world.repository.world, { lookAtProcess: () => ({ is: 'running' }) });
    await world.run();
    expect(world.journal.openRuns().map(({ runId }) => runId)).toEqual([cut!.runId]);
  });
});

describe('a spool that is too small', () => {
  it('makes whoever packs wait, and lets go of what the store has', async () => {
    const world = await CutWorld.make(folder);
    world.spool.quotaBytes = 30_000;
    await world.run();
    await world.expectOneGoodSnapshot();
  });

  it('is passed by where its disk fails', async () => {
    const world = await CutWorld.make(folder);
    world.spool.before = () => {
      throw new Failure('io', { errno: 'EIO' }, { next: 'now' });
    };
    await world.run();
    await world.expectOneGoodSnapshot();
  });

  it('is passed by where nothing fits into it', async () => {
    const world = await CutWorld.make(folder);
    world.spool.quotaBytes = 100;
    await world.run();
    await world.expectOneGoodSnapshot();
  });
});
