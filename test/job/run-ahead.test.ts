import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import type { Id } from '../../engine/format/id.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { keyOf } from '../support/memory-backend.ts';
import { saveFile } from '../support/save-file.ts';
import { CutWorld, makeSources, removeSources } from './cut-world.ts';

let folder: string;
let world: CutWorld;
beforeAll(() => {
  folder = makeSources();
});
beforeEach(async () => {
  world = await CutWorld.make(folder);
});
afterAll(() => removeSources(folder));

const exclusiveLock = {
  time: '2024-05-06T07:08:09Z',
  exclusive: true,
  hostname: 'other',
  username: 'o',
  pid: 1,
};

/** Lets the store wait with this until the run reads files, so that what happens is the same each time. */
async function untilFilesAreRead(): Promise<void> {
  for (let turns = 0; world.opened.length === 0 && turns < 1_000; turns++)
    await new Promise((resolve) => setImmediate(resolve));
}

describe('a run that begins before its lock is held', () => {
  it('reads its sources meanwhile, sends packs from when its lock is written, and looks for them once it is held', async () => {
    const { clock } = world.repository.world;
    let lockedMs = Number.NaN;
    let firstPackMs = Number.NaN;
    let firstLookMs = Number.NaN;
    world.backend.before = async (operation, { type }) => {
      if (operation === 'save' && type === 'lock') await untilFilesAreRead();
      if (type !== 'pack') return;
      if (operation === 'save' && Number.isNaN(firstPackMs)) firstPackMs = clock.elapsedMs();
      if (operation === 'stat' && Number.isNaN(firstLookMs)) firstLookMs = clock.elapsedMs();
    };
    world.backend.afterSave = ({ type }) => {
      if (type !== 'lock') return;
      expect(world.opened.length).toBeGreaterThan(0);
      expect(firstPackMs).toBeNaN();
      lockedMs = clock.elapsedMs();
    };
    world.journal.before = (word) => {
      if (word === 'packStored')
        expect(clock.elapsedMs() - lockedMs).toBeGreaterThanOrEqual(limits.lockSettleMs);
    };
    await world.run();
    expect(firstPackMs - lockedMs).toBeLessThan(limits.lockSettleMs);
    expect(firstLookMs - lockedMs).toBeGreaterThanOrEqual(limits.lockSettleMs);
    await world.expectOneGoodSnapshot();
  });

  it('looks for no pack again that the store took when it was held', async () => {
    world.backend.before = world.packsTakeLong;
    Object.assign(world.backend, { asksForPacks: true });
    const save = world.backend.save.bind(world.backend);
    world.backend.save = async (file, parts, signal) => {
      await save(file, parts, signal);
      signal?.onTaken?.();
    };
    await world.run();
    expect(world.backend.asked.filter((each) => each.startsWith('stat pack/'))).toEqual([]);
    await world.expectOneGoodSnapshot();
  });

  it('sends a pack again that somebody removed before the lock was held', async () => {
    const saved: string[] = [];
    world.backend.afterSave = (file) => {
      if (file.type !== 'pack') return;
      saved.push(file.name);
      if (saved.length === 1) world.backend.files.delete(keyOf(file));
    };
    await world.run();
    expect(saved.filter((name) => name === saved[0])).toHaveLength(2);
    await world.expectOneGoodSnapshot();
  });

  it('goes on from the packs that it had sent where the lock was refused after all', async () => {
    let theirs: Id | undefined;
    world.backend.afterSave = async ({ type }) => {
      if (type === 'pack') theirs ??= await saveFile(world.repository, 'lock', JSON.stringify(exclusiveLock));
    };
    await expect(world.run()).rejects.toMatchObject({ code: 'repository-locked' });
    const sent = world.packsInStore();
    expect(sent.length).toBeGreaterThan(0);
    world.backend.files.delete(`lock/${theirs}`);
    world.backend.afterSave = ({ type, name }) => {
      if (type === 'pack') expect(sent).not.toContain(`pack/${name}`);
    };
    await world.run();
    await world.expectOneGoodSnapshot();
    expect((await loadIndex(world.repository)).packCount).toBe(world.packsInStore().length);
  });

  it('walks meanwhile also where a run of just before left packs, and asks for them under its lock', async () => {
    await world.run();
    world.backend.asked.length = 0;
    world.opened.length = 0;
    let lockedAt = 0;
    world.backend.before = async (operation, { type }) => {
      if (operation === 'save' && type === 'lock') await untilFilesAreRead();
    };
    world.backend.afterSave = ({ type }) => {
      if (type !== 'lock') return;
      expect(world.opened.length).toBeGreaterThan(0);
      lockedAt = world.backend.asked.length;
    };
    await world.run({ force: true });
    const isOfPack = (each: string): boolean => each.startsWith('stat pack/');
    expect(world.backend.asked.slice(0, lockedAt).filter(isOfPack)).toEqual([]);
    expect(world.backend.asked.slice(lockedAt).filter(isOfPack).length).toBeGreaterThan(0);
  });

  it('asks an empty store once for its indexes, and for locks once before its own and again after', async () => {
    const asked: string[] = [];
    world.backend.before = async (operation, { type }) => {
      if (operation === 'list' || type === 'lock') asked.push(`${operation} ${type}`);
    };
    await world.run();
    expect(asked.filter((each) => each === 'list index')).toHaveLength(1);
    const locks = asked.filter((each) => each.endsWith(' lock'));
    expect(locks.indexOf('save lock')).toBe(1);
    expect(locks.slice(2)).toContain('list lock');
  });

  it('leaves nothing where the lock is refused', async () => {
    await saveFile(world.repository, 'lock', JSON.stringify(exclusiveLock));
    const before = [...world.backend.files.keys()];
    world.backend.before = async (operation, { type }) => {
      if (operation === 'list' && type === 'lock') await untilFilesAreRead();
    };
    await expect(world.run()).rejects.toMatchObject({ code: 'repository-locked' });
    expect(world.opened.length).toBeGreaterThan(0);
    expect([...world.backend.files.keys()]).toEqual(before);
    expect(world.journal.openRuns()).toEqual([]);
    expect(await world.spool.usedBytes()).toBe(0);
  });

  it('begins again where somebody removed what it relied on before its lock was written', async () => {
    await world.run();
    let wasPruned = false;
    world.backend.before = async (operation, { type }) => {
      if (wasPruned || operation !== 'save' || type !== 'lock') return;
      wasPruned = true;
      await untilFilesAreRead();
      for (const key of world.backend.files.keys())
        if (/^(pack|index|snapshot)/.test(key)) world.backend.files.delete(key);
    };
    await world.run({ force: true });
    expect(wasPruned).toBe(true);
    await world.expectOneGoodSnapshot();
  });
});
