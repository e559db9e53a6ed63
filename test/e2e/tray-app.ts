/** The whole tray app in the stand-in, for the end-to-end specs: real Chromium, real engine process, real files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { keptFile } from '../../electron/settings/kept-file.ts';
import { startMain } from '../../electron/start-main.ts';
import { dataPaths } from '../../electron/system/data-paths.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../support/electron-stand-in/stand-in.ts';
import type { StandInTray } from '../support/electron-stand-in/tray-record.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export interface TrayApp extends StandIn {
  readonly tray: StandInTray;
  /** Waits until `look` says so; fails with what the tray shows. */
  until(what: string, look: () => boolean): Promise<void>;
  /** What was asked of the system about starting at login. */
  readonly autostarts: readonly boolean[];
  /** Whether a backup can be started from the menu. */
  canBackUp(): boolean;
  /** Chooses Quit in the tray, and waits for the exit code. */
  quit(): Promise<number>;
}

export interface TrayAppOptions extends StandInOptions {
  /** In it lie settings, secrets and the recovery sheet. */
  readonly dataFolder: string;
}

const waitMsMax = 180_000;
const lookEveryMs = 25;

/** Ends with the test, in order. */
export async function startTrayApp(options: TrayAppOptions): Promise<TrayApp> {
  const standIn = await startStandIn(options);
  let hasQuit = false;
  const quit = async (): Promise<number> => {
    if (!hasQuit) {
      const [shown] = standIn.trays;
      if (shown === undefined) standIn.app.quit();
      else shown.choose(shown.labels().at(-1) ?? '');
    }
    hasQuit = true;
    return standIn.app.exited;
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
    data: dataPaths('linux', '', { XDG_DATA_HOME: options.dataFolder }),
    settingsFile: keptFile,
    autostart: { set: (isOn) => void autostarts.push(isOn) },
  });
  const tray = await trayOf(standIn);
  const until = async (what: string, look: () => boolean): Promise<void> => {
    const end = performance.now() + waitMsMax;
    while (!look()) {
      if (performance.now() > end)
        throw new Error(`no ${what}; the tray says: ${tray.tooltip} [${tray.icon}]`);
      await pause();
    }
  };
  const canBackUp = (): boolean =>
    tray.items.some(({ label, enabled }) => label === 'Back Up Now' && enabled !== false);
  return { ...standIn, tray, autostarts, until, canBackUp, quit };
}

async function trayOf({ trays }: StandIn): Promise<StandInTray> {
  for (let looks = 0; looks < waitMsMax / lookEveryMs; looks++) {
    if (trays[0] !== undefined) return trays[0];
    await pause();
  }
  throw new Error('no tray appeared');
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}

/** What the recovery sheet says that opens the vault: the sheet is all that its owner may have left. */
export function keyOfSheet(dataFolder: string): string {
  const { folder } = dataPaths('linux', '', { XDG_DATA_HOME: dataFolder });
  const name = readdirSync(folder).find((one) => one.startsWith('recovery-sheet-')) ?? 'no recovery sheet';
  const key = /^ {4}(\S{20,})$/m.exec(readFileSync(join(folder, name), 'utf8'))?.[1];
  if (key === undefined) throw new Error('the recovery sheet has no key');
  return key;
}

/** The three steps of the first run, in the window, without a first backup. */
export async function setUp(page: Page, source: string, vault: string): Promise<void> {
  await page.getByRole('button', { name: 'Set up the first backup' }).click();
  await page.getByLabel('Folder or file 1').fill(source);
  await page.getByLabel('Name', { exact: true }).fill('Files');
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.getByLabel('Name of the vault').fill('Disk');
  await page.getByLabel('Folder of the vault').fill(vault);
  await page.getByRole('button', { name: 'Test this place' }).click();
  await page.getByText('Empty and writable').waitFor();
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.getByLabel('Start the first backup now').uncheck();
  await page.getByRole('button', { name: 'Finish', exact: true }).click();
  await page.getByText(/^Your recovery sheet lies at /).waitFor();
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page
    .getByRole('heading', { name: 'Files' })
    .or(page.getByText('Files', { exact: true }))
    .first()
    .waitFor();
}
