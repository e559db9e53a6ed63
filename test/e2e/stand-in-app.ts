/** The tray app in the stand-in: real Chromium, real engine process, the sources as they are. */
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { keptFile } from '../../electron/settings/kept-file.ts';
import { startMain } from '../../electron/start-main.ts';
import { startStandIn } from '../support/electron-stand-in/stand-in.ts';
import type { TrayApp, TrayAppOptions } from './app-under-test.ts';
import { dataIn } from './data-folder.ts';
import { canBackUp, until } from './until.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export async function startStandInApp({ dataFolder }: TrayAppOptions): Promise<TrayApp> {
  const standIn = await startStandIn();
  const { app, trays, children, page } = standIn;
  let hasQuit = false;
  const quit = async (): Promise<number> => {
    const [shown] = trays;
    if (!hasQuit && shown === undefined) app.quit();
    if (!hasQuit) shown?.choose(shown.labels().at(-1) ?? '');
    hasQuit = true;
    return app.exited;
  };
  onTestFinished(async () => {
    await quit();
    await standIn.close();
  });
  const autostarts: boolean[] = [];
  await startMain(standIn.electron, {
    bundleFolder: file('build/out/renderer'),
    preloadFile: file('electron/preload.ts'),
    iconFolder: file('build/icons'),
    data: dataIn(dataFolder),
    settingsFile: keptFile,
    autostart: { set: (isOn) => void autostarts.push(isOn) },
  });
  await until(
    'tray',
    () => trays[0],
    () => trays[0] !== undefined,
  );
  const tray = trays[0]!;
  return {
    tray,
    children,
    autostarts,
    isInstalled: true,
    page,
    until: (what, look) => until(what, () => tray, look),
    canBackUp: () => canBackUp(tray),
    quit,
  };
}
