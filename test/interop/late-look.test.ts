/**
 * A pack that a backup needs is gone after the backup was saved and proven: a look on the next day tells it, and the
 * backup after that brings back what the sources still have.
 */
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Clock } from '../../engine/base/clock.ts';
import { realClock } from '../../engine/worker/real-world.ts';
import { cliWorld, type Ran } from '../cli/cli-world.ts';
import { seededChance } from '../support/fixed-world.ts';
import { compareFolders } from '../support/oracle.ts';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const password = 'correct horse';

/** As if so many hours had passed. */
function clockIn(hours: number): Clock {
  return { ...realClock, wallNs: () => realClock.wallNs() + BigInt(hours * 3_600) * 1_000_000_000n };
}

function packsOf(repo: string): string[] {
  const folder = join(repo, 'data');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

describeWithPeers(['restic'], 'a pack that goes after the backup was saved', () => {
  it.each([
    ['and restic repairs the index', true],
    ['and an index still names it', false],
  ])('%s: it is told, and the next backup heals', async (_, isRepaired) => {
    const home = temporaryFolder('late-look');
    const repo = join(home, 'vault');
    const source = join(home, 'source');
    mkdirSync(source);
    for (let i = 0; i < 6; i++)
      writeFileSync(join(source, `${i}`), seededChance(`late ${i}`).bytes(2_000_000));
    const restic = async (...args: string[]): Promise<void> => {
      const { code, stderr } = await runRestic(args, { repo, password });
      expect({ args, code, stderr }).toMatchObject({ code: 0 });
    };
    const environment = { SLACKWATER_REPOSITORY: repo, SLACKWATER_PASSWORD: password };
    const ours = async (hours: number, ...args: string[]): Promise<Ran> => {
      const ran = await cliWorld(home)(args, { environment, clock: clockIn(hours) });
      expect({ args, code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 0 });
      return ran;
    };
    const backup = ['backup', '--pack-size', '4', source];

    await restic('init');
    await ours(0, ...backup);
    await ours(2, ...backup);
    const largest = packsOf(repo).sort((a, b) => statSync(b).size - statSync(a).size);
    rmSync(largest[0]!);
    if (isRepaired) await restic('repair', 'index');

    const looked = await ours(27, 'pending', 'finish');
    expect(looked.stderr).toMatch(/Snapshot [0-9a-f]{8}, saved .*, has lost \d+ pieces? of its data/);
    const healed = await ours(28, '--json', ...backup);
    const told = healed.stderr.split('\n').filter((line) => line.includes('snapshot_incomplete'));
    expect(told.map((line) => JSON.parse(line))).toEqual(
      Array.from({ length: 2 }, () =>
        expect.objectContaining({ code: 'snapshot-incomplete', missing_blobs: 0 }),
      ),
    );
    if (!isRepaired) await restic('repair', 'index');
    await restic('check', '--read-data');
    const target = join(home, 'restored');
    await restic('restore', 'latest', '--target', target);
    expect(await compareFolders(source, join(target, source))).toEqual([]);
    // All is well: nothing more is said of it.
    expect((await ours(53, '--json', ...backup)).stderr).not.toContain('snapshot_incomplete');
  });
});
