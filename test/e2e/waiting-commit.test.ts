import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { freshenWindow } from '../../build/bundles.ts';
import { seededChance } from '../support/fixed-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { startSwitchedServer } from '../support/switched-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { canRunApp, startTrayApp, type TrayApp } from './app-under-test.ts';
import { keyOfSheet, setUpServer } from './first-run.ts';

/** The menu says that the run is sealed, why it waits, and offers not to wait. */
function waitsForNetwork({ tray }: TrayApp): boolean {
  const [sentence = ''] = tray.labels();
  const isWhy = /“Files” is sealed here and waits for a calm network: .*\d+ % of probes lost/.test(
    tray.tooltip,
  );
  return isWhy && sentence.startsWith('“Files” is sealed here') && tray.icon === 'waiting';
}

describe.skipIf(!canRunApp())('a commit that waits for a calm network', () => {
  beforeAll(() => {
    expect(freshenWindow()).toBe(true);
  });

  describeWithPeers(['restic', 'rest-server'], 'on a REST server', () => {
    it('is told in the tray, outlives the app, is finished by itself, or at once where a person wants it', async () => {
      const root = temporaryFolder('waiting-commit');
      const [dataFolder, source] = [join(root, 'data'), join(root, 'source')];
      for (const folder of [dataFolder, source]) mkdirSync(folder);
      vi.stubEnv('SLACKWATER_DATA_DIR', join(root, 'journal'));
      onTestFinished(() => void vi.unstubAllEnvs());
      const front = await startSwitchedServer();
      onTestFinished(() => front.close());
      const fill = (name: string): void =>
        writeFileSync(join(source, name), seededChance(name).bytes(300_000));
      const stored = (type: string): string[] => readdirSync(join(front.server.folder, 'vault', type));
      const packs = (): string[] => stored('data').flatMap((prefix) => stored(join('data', prefix)));
      const packsSent = (): number => front.asked.filter((asked) => /^POST .*\/data\//.test(asked)).length;
      const points = (): number => stored('snapshots').length;
      fill('first');

      const before = await startTrayApp({ dataFolder });
      await setUpServer(await before.page(), source, front.location('vault').replace('rest:', ''));
      await before.until('plan in the tray', before.canBackUp);
      // One pack of the file and one of its folder: the commit is what is left when it gets rough.
      let packsAsked = 0;
      front.roughensAt = (method, path) => method === 'POST' && path.includes('/data/') && ++packsAsked === 2;
      before.tray.choose('Back Up Now');
      await before.until('commit that waits', () => waitsForNetwork(before));
      expect(before.tray.labels()).toContain('Finish Now');
      const page = await before.page();
      await page.getByText('All data is uploaded. The restore point is completed').first().waitFor();
      expect(await page.getByText(/about .* left/).count(), 'nobody knows how long it is rough').toBe(0);
      expect({ points: points(), indexes: stored('index').length, packs: packs().length }).toEqual({
        points: 0,
        indexes: 0,
        packs: 2,
      });
      expect(await before.quit()).toBe(0);
      expect(points()).toBe(0);

      front.isRough = false;
      const after = await startTrayApp({ dataFolder });
      const icons = new Set<string>();
      await after.until('restore point', () => {
        icons.add(after.tray.icon);
        return after.tray.icon === 'protected';
      });
      expect(icons).toContain('waiting');
      expect(icons).not.toContain('failed');
      expect(points()).toBe(1);
      expect(packsSent(), 'what the store had was not sent again').toBe(2);

      fill('second');
      front.isRough = true;
      after.tray.choose('Back Up Now');
      await after.until('next commit that waits', () => waitsForNetwork(after));
      after.tray.choose('Finish Now');
      await after.until('next restore point', () => points() === 2 && after.tray.icon === 'protected');
      expect(after.tray.labels()).not.toContain('Finish Now');
      expect(await after.quit()).toBe(0);

      const password = keyOfSheet(dataFolder);
      const checked = await runRestic(['check', '--read-data'], {
        repo: front.server.location('vault'),
        password,
      });
      expect(checked.code, checked.stdout + checked.stderr).toBe(0);
    });
  });
});
