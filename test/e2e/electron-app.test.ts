/** The way into real Electron, walked in a pretended one: compiled app, recorder, debugger and clicks are real. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { freshenWindow } from '../../build/bundles.ts';
import { neededChromium } from '../support/chromium.ts';
import { pretendRuntime } from '../support/pretend-electron/runtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startElectronApp } from './electron-app.ts';
import { setUp } from './first-run.ts';

describe.skipIf(neededChromium() === undefined || process.platform === 'win32')('the app in Electron', () => {
  beforeAll(() => {
    expect(freshenWindow()).toBe(true);
  });

  it('is seen and clicked from outside, without a part of it that is for tests', async () => {
    const root = temporaryFolder('electron-app');
    const [dataFolder, source, vault] = ['data', 'source', 'vault'].map((name) => join(root, name));
    for (const folder of [dataFolder!, source!, vault!]) mkdirSync(folder);
    writeFileSync(join(source!, 'a.txt'), 'a');
    const app = await startElectronApp({ dataFolder: dataFolder! }, pretendRuntime(root));
    expect(app.tray.labels()).toContain('Back Up Now');
    expect(() => app.tray.choose('Back Up Now')).toThrow('the row Back Up Now is disabled');
    await setUp(await app.page(), source!, vault!);
    await app.until('plan in the tray', app.canBackUp);
    app.tray.choose('Back Up Now');
    await app.until('restore point', () => app.tray.icon === 'protected');
    expect(app.tray.tooltip).toMatch(/^Slackwater: Everything is protected/);
    expect(readdirSync(join(vault!, 'snapshots'))).toHaveLength(1);

    const [engine] = app.children;
    process.kill(engine!.pid!, 'SIGKILL');
    await app.until('new engine', () => app.children.length === 2);
    expect(await app.quit()).toBe(0);
    expect(app.tray.isDestroyed).toBe(true);
  });
});
