import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { decodeIndex, encodeIndex } from '../../engine/format/index-file.ts';
import { lookLate } from '../../engine/job/late-look.ts';
import { listIndexFiles } from '../../engine/repo/load-index.ts';
import { listSnapshotIds } from '../../engine/repo/snapshots.ts';
import { decodeFile, loadFile } from '../../engine/repo/unpacked-files.ts';
import { turning } from '../support/back-up.ts';
import { seededChance } from '../support/fixed-world.ts';
import { memoryOfRuns } from '../support/memory-journal.ts';
import { saveFile } from '../support/save-file.ts';
import { CutWorld, makeSources, removeSources } from './cut-world.ts';

const hourMs = 3_600_000;
let folder: string;
let world: CutWorld;
let first: string;
beforeEach(async () => {
  folder = makeSources();
  world = await CutWorld.make(folder);
  first = (await world.run()).snapshotId!;
  // From the second run on, nobody asks for the packs of the first one any more.
  await pass(2 * hourMs);
  await world.run();
});
afterEach(() => removeSources(folder));

async function pass(ms: number): Promise<void> {
  await world.repository.world.clock.advance(ms);
}

function outstanding(): string[] {
  return world.journal.lateLooks(world.repository.config.id).runs.map(({ snapshotId }) => snapshotId);
}

function remove(type: string, count = Number.POSITIVE_INFINITY): void {
  const keys = [...world.backend.files.keys()].filter((key) => key.startsWith(`${type}/`));
  for (const key of keys.slice(0, count)) world.backend.files.delete(key);
}

/** What a prune of somebody else does: one index file in place of all. */
async function rewriteIndex(): Promise<void> {
  const ids = await listIndexFiles(world.repository);
  const packs = [];
  for (const id of ids)
    packs.push(...decodeFile('index', id, await loadFile(world.repository, 'index', id), decodeIndex));
  await saveFile(world.repository, 'index', encodeIndex(packs.reverse()));
  for (const id of ids) world.backend.files.delete(`index/${id}`);
}

async function expectAllGood(): Promise<void> {
  for (const id of await listSnapshotIds(world.repository)) expect(await world.expectGood(id)).toBe(8);
}

describe('a late look', () => {
  it('costs what it cannot do without where all is there, and is made once', async () => {
    await pass(23 * hourMs);
    expect(outstanding()).toContain(first);
    world.backend.asked.length = 0;
    await world.run();
    expect(world.incomplete).toEqual([]);
    expect(outstanding()).not.toContain(first);
    const withLook = world.backend.asked.length;
    world.backend.asked.length = 0;
    await world.run();
    // Two listings, the locks, and its packs by their names.
    expect(withLook - world.backend.asked.length).toBeLessThan(world.packsInStore().length + 4);
  });

  it('finds a pack that a prune has removed late, and the backup stores again what was in it', async () => {
    remove('pack', 2);
    await pass(24 * hourMs);
    await world.run();
    expect(world.opened.length).toBeGreaterThan(0);
    expect(world.incomplete.map(({ snapshotId, missingBlobs }) => [snapshotId, missingBlobs > 0])).toEqual([
      [first, true],
      [expect.any(String), true],
      [first, false],
      [expect.any(String), false],
    ]);
    await expectAllGood();
    await pass(24 * hourMs);
    await world.run();
    expect(world.incomplete).toEqual([]);
    expect(outstanding()).toHaveLength(1);
  });

  it('finds that an index was removed with its packs', async () => {
    remove('index');
    remove('pack');
    await pass(24 * hourMs);
    await world.run();
    expect(world.incomplete[0]).toMatchObject({ snapshotId: first, missingBlobs: 1 });
    await expectAllGood();
  });

  it('is made beside an index that is damaged, which may stay so for ever', async () => {
    world.backend.files.set(`index/${'ab'.repeat(32)}`, Buffer.from('cut off'));
    remove('pack', 1);
    await pass(24 * hourMs);
    await look();
    expect(told).toContain(first);
    expect(outstanding()).toContain(first);
  });

  it('says nothing of a prune that has moved everything', async () => {
    await rewriteIndex();
    await pass(24 * hourMs);
    await world.run();
    expect(world.incomplete).toEqual([]);
    expect(outstanding()).not.toContain(first);
  });

  it('says nothing of a snapshot that somebody has forgotten', async () => {
    for (const type of ['snapshot', 'index', 'pack']) remove(type);
    await pass(24 * hourMs);
    await world.run();
    expect(world.incomplete).toEqual([]);
    await world.expectOneGoodSnapshot();
  });

  it('is made later where the store failed, and nothing is said before', async () => {
    remove('pack', 1);
    await pass(24 * hourMs);
    for (const failing of ['list snapshot', 'stat pack', 'list pack', 'save lock', 'load index']) {
      world.backend.before = (operation, { type }) => {
        if (`${operation} ${type}` === failing) throw new Failure('store-busy', {}, { next: 'later' });
      };
      await look();
      expect([failing, told]).toEqual([failing, []]);
      expect(outstanding()).toContain(first);
    }
    world.revive();
    world.repository.world.told.length = 0;
    await look();
    expect(world.repository.world.told).toEqual([]);
    expect(told).toContain(first);
  });

  it('is made again a day later, not sooner, for what nobody can bring back', async () => {
    const lost = join(folder, 'a', '0.bin');
    remove('pack');
    writeFileSync(lost, seededChance('something else').bytes(9_000));
    await pass(24 * hourMs);
    const again = [];
    for (const hours of [0, 13, 12]) {
      await pass(hours * hourMs);
      await world.run();
      again.push(world.incomplete.filter(({ snapshotId }) => snapshotId === first).length);
    }
    expect(again).toEqual([1, 0, 1]);
    const { snapshotId } = await world.run();
    expect(await world.expectGood(snapshotId!)).toBe(8);
  });

  it('tells of a snapshot that was seen by nobody, lacked something, and is there beside that of the run begun anew', async () => {
    const lost = join(folder, 'a', '0.bin');
    const change = (what: string): void => writeFileSync(lost, seededChance(what).bytes(9_000));
    const before = new Set(world.backend.files.keys());
    change('kept nowhere else');
    expect(await world.runCutAt('end')).toBe(true);
    const [unseen] = world.journal.openRuns().flatMap(({ seal }) => seal?.snapshot.id ?? []);
    expect(world.backend.files.has(`snapshot/${unseen}`)).toBe(true);
    for (const key of world.backend.files.keys())
      if (/^(pack|index)/.test(key) && !before.has(key)) world.backend.files.delete(key);
    for (const { runId } of world.journal.openRuns()) await world.spool.removeRun(runId);
    change('something else');
    await world.finish();
    expect(world.journal.openRuns()).toMatchObject([{ at: 'open' }]);
    const { snapshotId } = await world.run();
    expect(world.incomplete).toEqual([]);
    await pass(24 * hourMs);
    await world.run();
    expect(world.incomplete.map(({ snapshotId, missingBlobs }) => [snapshotId, missingBlobs > 0])).toEqual([
      [unseen, true],
    ]);
    expect(await world.expectGood(snapshotId!)).toBe(8);
  });
});

let told: string[] = [];

async function look(): Promise<void> {
  told = [];
  const { repository, journal, spool } = world;
  const memory = memoryOfRuns(journal, spool);
  const { signal } = new AbortController();
  const tell = ({ snapshotId }: { snapshotId: string }): void => void told.push(snapshotId);
  await turning(repository, lookLate({ repository, memory, signal, tell }));
}
