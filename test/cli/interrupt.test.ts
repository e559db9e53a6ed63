/** Ctrl-C at any moment: the right code, no lock left behind, nothing half written, and the next run goes on. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { initRepository } from '../../engine/repo/repository.ts';
import { seededChance } from '../support/fixed-world.ts';
import { folderState } from '../support/folder-state.ts';
import { slackwater } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

describe('Ctrl-C', () => {
  let home: string;
  let source: string;
  let repository: string;

  beforeAll(async () => {
    home = temporaryFolder('interrupt');
    source = join(home, 'source');
    repository = join(home, 'repository');
    mkdirSync(source);
    for (let i = 0; i < 40; i++) {
      mkdirSync(join(source, `folder-${i}`));
      writeFileSync(join(source, `folder-${i}`, 'noise'), seededChance(`noise ${i}`).bytes(1_500_000));
      for (let j = 0; j < 50; j++) writeFileSync(join(source, `folder-${i}`, `${j}`), `file ${i} ${j}`);
    }
    const backend = openLocalBackend(repository, seededChance('interrupt'));
    await initRepository(backend, testPassword, testWorld(), { kdfCost: cheapKdfCost });
  });

  /** Files that have no business in a repository in which nobody works. */
  const leftovers = (): string[] =>
    Object.keys(folderState(repository)).filter((path) => /^locks|-tmp-/.test(path));
  const snapshots = (): number => readdirSync(join(repository, 'snapshots')).length;

  it.each([0, 10, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1300])(
    'stops a backup after %d ms',
    async (afterMs) => {
      const before = snapshots();
      const ran = await slackwater(['backup', '--force', source], {
        repository,
        signal: { name: 'SIGINT', afterMs },
      });
      expect([0, 130]).toContain(ran.code);
      expect(snapshots()).toBe(before + (ran.code === 0 ? 1 : 0));
      expect(leftovers()).toEqual([]);
    },
  );

  it('keeps what was stored: the next run stores only the rest, and all of it can be read', async () => {
    expect((await slackwater(['backup', source], { repository })).code).toBe(0);
    const checked = await slackwater(['check', '--read-data'], { repository });
    expect({ code: checked.code, stderr: checked.stderr }).toMatchObject({ code: 0 });
    expect(`${checked.stdout}${checked.stderr}`).not.toMatch(/not listed|unused|orphan/i);
  });

  it.each([0, 100, 200, 300, 500, 800])(
    'stops a restore after %d ms, with only whole files there',
    async (afterMs) => {
      const target = join(home, `target-${afterMs}`);
      const ran = await slackwater(['restore', `latest:${source}`, '--target', target], {
        repository,
        signal: { name: 'SIGINT', afterMs },
      });
      expect([0, 130]).toContain(ran.code);
      expect(leftovers()).toEqual([]);
      const whole = folderState(source);
      let there: Record<string, string> = {};
      try {
        there = folderState(target);
      } catch {
        // It was stopped before it made the folder.
      }
      for (const [path, state] of Object.entries(there))
        expect({ path, state }).toEqual({ path, state: whole[path] });
    },
  );

  it('twice in a row still leaves no lock', async () => {
    const ran = await slackwater(['backup', '--force', source], {
      repository,
      signal: { name: 'SIGINT', afterMs: 600, times: 2 },
    });
    expect([0, 130]).toContain(ran.code);
    expect(leftovers()).toEqual([]);
  });

  it('stops a check, a listing and an init without a trace', async () => {
    const before = folderState(repository);
    for (const args of [
      ['check', '--read-data'],
      ['ls', 'latest'],
      ['find', '*'],
    ]) {
      const ran = await slackwater(args, { repository, signal: { name: 'SIGTERM', afterMs: 150 } });
      expect([0, 130]).toContain(ran.code);
      expect(folderState(repository)).toEqual(before);
    }
    const place = join(home, 'new');
    for (const afterMs of [0, 50, 150, 400]) {
      const ran = await slackwater(['init'], { repository: place, signal: { name: 'SIGINT', afterMs } });
      if (ran.code === 0) break;
      // Either nothing is there, or what is there stands in nobody's way.
    }
    const again = await slackwater(['init'], { repository: place });
    expect([0, 1]).toContain(again.code);
    expect((await slackwater(['snapshots'], { repository: place })).code).toBe(0);
  });
});
