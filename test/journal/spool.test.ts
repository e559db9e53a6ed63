import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idOf } from '../../engine/format/id.ts';
import { openSpool, type Spool } from '../../engine/journal/spool.ts';

const run = 'a'.repeat(32);
const other = 'b'.repeat(32);
const parts = [Buffer.from('one '), Buffer.from('pack')];
const id = idOf(Buffer.concat(parts));

let folder: string;
let spool: Spool;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'slackwater-spool-')), 'spool');
  spool = openSpool({ folder, quotaBytes: 20 });
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe('the spool', () => {
  it('gives back a pack, to its owner alone', async () => {
    await spool.put(run, id, parts);
    expect(Buffer.from((await spool.get(run, id))!).toString()).toBe('one pack');
    expect(await spool.packs(run)).toEqual([id]);
    expect(await spool.usedBytes()).toBe(8);
    expect(statSync(join(folder, run)).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, run, id)).mode & 0o777).toBe(0o600);
  });

  it('never gives back what is not the pack any more', async () => {
    await spool.put(run, id, parts);
    writeFileSync(join(folder, run, id), 'one pacK');
    expect(await spool.get(run, id)).toBeUndefined();
    expect(await spool.get(other, id)).toBeUndefined();
  });

  it('keeps to its quota, also for packs that come at once, and has room again after a removal', async () => {
    const names = ['1', '2', '3'].map((digit) => digit.repeat(64));
    const outcomes = await Promise.allSettled(names.map((name) => spool.put(run, name, parts)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    const refused = outcomes.find((each) => each.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'no-space', next: 'later' });
    await spool.removeRun(run);
    expect(await spool.usedBytes()).toBe(0);
    await spool.put(run, id, parts);
  });

  it('counts what an earlier process left', async () => {
    await spool.put(run, id, parts);
    expect(await openSpool({ folder, quotaBytes: 20 }).usedBytes()).toBe(8);
  });

  it('removes what belongs to no run, and nothing else', async () => {
    await spool.put(run, id, parts);
    await spool.put(other, id, parts);
    mkdirSync(join(folder, 'something else'));
    await spool.removeAllBut(new Set([run]));
    expect(readdirSync(folder).sort()).toEqual([run, 'something else']);
    await spool.remove(run, id);
    expect(await spool.packs(run)).toEqual([]);
  });
});
