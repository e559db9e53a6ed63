import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
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

/** Lets the store wait with this until the run reads files, so that what happens is the same each time. */
async function untilFilesAreRead(): Promise<void> {
  for (let turns = 0; world.opened.length === 0 && turns < 1_000; turns++)
    await new Promise((resolve) => setImmediate(resolve));
}

describe('a run that begins before its lock is held', () => {
  it('reads its sources meanwhile, and sends nothing before the lock has settled', async () => {
    const { clock } = world.repository.world;
    let lockedMs = Number.NaN;
    let firstPackMs = Number.NaN;
    world.backend.before = async (operation, { type }) => {
      if (operation === 'save' && type === 'lock') await untilFilesAreRead();
      if (operation === 'save' && type === 'pack' && Number.isNaN(firstPackMs))
        firstPackMs = clock.elapsedMs();
    };
    world.backend.afterSave = ({ type }) => {
      if (type !== 'lock') return;
      expect(world.opened.length).toBeGreaterThan(0);
      lockedMs = clock.elapsedMs();
    };
    await world.run();
    expect(firstPackMs - lockedMs).toBeGreaterThanOrEqual(limits.lockSettleMs);
    await world.expectOneGoodSnapshot();
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
    const lock = { time: '2024-05-06T07:08:09Z', exclusive: true, hostname: 'other', username: 'o', pid: 1 };
    await saveFile(world.repository, 'lock', JSON.stringify(lock));
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
