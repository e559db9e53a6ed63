import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshenWindow } from '../../build/bundles.ts';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { canRunApp, startTrayApp } from './app-under-test.ts';
import { dataIn } from './data-folder.ts';
import { keyOfSheet, setUp } from './first-run.ts';
import { makeManyFiles } from './many-files.ts';

const filesCount = 5_000;

interface Places {
  readonly dataFolder: string;
  readonly source: string;
  readonly vault: string;
  readonly target: string;
}

function makePlaces(): Places {
  const root = temporaryFolder('tray');
  const places = {
    dataFolder: join(root, 'data'),
    source: join(root, 'source'),
    vault: join(root, 'vault'),
    target: join(root, 'target'),
  };
  for (const path of Object.values(places)) mkdirSync(path);
  return places;
}

async function expectSound({ vault, dataFolder }: Places, snapshots: number): Promise<void> {
  const password = keyOfSheet(dataFolder);
  const restic = (...args: string[]) => runRestic(args, { repo: vault, password });
  const checked = await restic('check', '--read-data');
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  expect((await restic('snapshots', '--json')).json<unknown[]>()).toHaveLength(snapshots);
  expect((await restic('list', 'locks', '--no-lock')).stdout.trim()).toBe('');
}

describe.skipIf(!canRunApp())('the tray app', () => {
  beforeAll(() => {
    expect(freshenWindow()).toBe(true);
  });

  describeWithPeers(['restic'], 'with restic', () => {
    it('goes from the first run to a restored file', async () => {
      const places = makePlaces();
      const { source, vault, target } = places;
      makeManyFiles(source, filesCount, 256);
      const app = await startTrayApp({ dataFolder: places.dataFolder });
      const page = await app.page();
      await setUp(page, source, vault);

      await app.until('plan in the tray', app.canBackUp);
      const sentences = new Set<string>();
      const icons = new Set<string>();
      app.tray.choose('Back Up Now');
      await app.until('restore point', () => {
        sentences.add(app.tray.labels()[0] ?? '');
        icons.add(app.tray.icon);
        return app.tray.icon === 'protected';
      });
      expect(icons).toContain('working');
      // It moved. What was read is told as a share only where counting the sources pays: not here.
      expect(sentences.size).toBeGreaterThan(2);
      expect(app.tray.tooltip).toMatch(/^Slackwater: Everything is protected/);

      const lost = join(source, 'folder-7', 'file-711.txt');
      const bytes = readFileSync(lost);
      rmSync(lost);
      app.tray.choose('Restore Files…');
      await page
        .getByRole('button', { name: /^Browse the restore point/ })
        .first()
        .click();
      for (const name of lost
        .split(/[:\\/]/)
        .filter(Boolean)
        .slice(0, -1)) {
        await page.getByRole('button', { name: `Open ${name}`, exact: true }).click();
      }
      await page.getByRole('button', { name: 'Restore file-711.txt', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Into a folder').check();
      await dialog.getByLabel('Folder', { exact: true }).fill(target);
      await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
      await page.getByText(/^Restored to /).waitFor();
      expect(readFileSync(join(target, 'file-711.txt')).equals(bytes)).toBe(true);

      expect(await app.quit()).toBe(0);
      expect(app.tray.isDestroyed).toBe(true);
      await expectSound(places, 1);
      expect(app.autostarts).toEqual(app.isInstalled ? [true] : []);
      const { folder, settings, history, secrets } = dataIn(places.dataFolder);
      if (process.platform !== 'win32') expect(statSync(folder).mode & 0o077).toBe(0);
      for (const path of [settings, history, secrets]) {
        expect(readFileSync(path, 'utf8')).not.toContain(keyOfSheet(places.dataFolder));
      }
    });

    it('says when the engine died in mid-run, has it back, and leaves no lock', async () => {
      const places = makePlaces();
      makeManyFiles(places.source, filesCount, 256);
      const app = await startTrayApp({ dataFolder: places.dataFolder });
      await setUp(await app.page(), places.source, places.vault);
      await app.until('plan in the tray', app.canBackUp);
      app.tray.choose('Back Up Now');
      await app.until('run', () => app.tray.icon === 'working');
      const engine = app.children.at(-1)!.pid!;
      expect(engine).toBeGreaterThan(0);
      process.kill(engine, 'SIGKILL');
      const killedMs = performance.now();

      const said = new Set<string>();
      await app.until('new engine', () => {
        said.add(app.tray.tooltip);
        return app.children.length === 2 && /stopped/.test([...said].join());
      });
      process.stdout.write(`a new engine was started ${Math.round(performance.now() - killedMs)} ms after\n`);
      const isAtRest = (): boolean => app.canBackUp() && app.tray.icon === 'protected';
      const points = (): number => readdirSync(join(places.vault, 'snapshots')).length;
      // The app tries the interrupted run again by itself; a person need not wait for that.
      await app.until('restore point', () => {
        if (points() === 0 && app.canBackUp()) app.tray.choose('Back Up Now');
        return points() > 0 && isAtRest();
      });
      const before = points();
      app.tray.choose('Back Up Now');
      await app.until('next restore point', () => points() > before && isAtRest());
      expect(await app.quit()).toBe(0);
      await expectSound(places, points());
    });
  });
});
