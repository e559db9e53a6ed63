/** What the tray app uses of Electron, and the app core made with it; for `start-main.ts`. */
import { homedir, hostname } from 'node:os';
import type * as Electron from 'electron';
import { createApp } from './app/app.ts';
import type { App } from './app/parts.ts';
import { createEngineHost } from './engine-host/host.ts';
import { type UtilityForker, utilityEngines } from './engine-host/utility-engine.ts';
import type { NotifyElectron } from './notify/notify.ts';
import { createScheduler, everyMinute } from './schedule/scheduler.ts';
import { openHistory } from './settings/history.ts';
import type { KeptFile } from './settings/kept-file.ts';
import { openSecrets, type SafeStorage } from './settings/secrets.ts';
import { openSettings } from './settings/store.ts';
import type { Autostart } from './system/autostart.ts';
import type { DataPaths } from './system/data-paths.ts';
import { makeId, makeKey, realClock } from './system/real-world.ts';
import type { TrayElectron } from './tray/tray.ts';
import type { PowerMonitor } from './watch/power.ts';
import type { IpcMain } from './window/ipc.ts';
import type { WindowElectron } from './window/window.ts';

/** What the app uses of Electron. */
export interface MainElectron extends TrayElectron, WindowElectron, NotifyElectron {
  readonly app: Pick<
    Electron.App,
    | 'requestSingleInstanceLock'
    | 'whenReady'
    | 'getVersion'
    | 'getPreferredSystemLanguages'
    | 'getLoginItemSettings'
    | 'setAppUserModelId'
    | 'enableSandbox'
    | 'on'
    | 'quit'
    | 'exit'
  >;
  readonly ipcMain: IpcMain;
  readonly powerMonitor: PowerMonitor;
  /** Not everything that stands in for Electron has it. */
  readonly net?: Pick<Electron.Net, 'isOnline'>;
  readonly dialog: Pick<Electron.Dialog, 'showOpenDialog'>;
  readonly shell: Pick<Electron.Shell, 'showItemInFolder'>;
  readonly safeStorage: SafeStorage;
  readonly utilityProcess: UtilityForker;
}

/** What lies elsewhere in a package than in a test. */
export interface MainFiles {
  readonly bundleFolder: string;
  readonly preloadFile: string;
  readonly iconFolder: string;
  readonly data: DataPaths;
  settingsFile(path: string): KeptFile;
  /** None where the app is not installed: a checkout does not start itself at login. */
  readonly autostart: Autostart | undefined;
}

/** Warnings go to the terminal or the journal; they name no secret. */
export const log = (sentence: string): void => void process.stderr.write(`slackwater: ${sentence}\n`);

export function makeApp(electron: MainElectron, files: MainFiles): App {
  const { app: system, utilityProcess } = electron;
  const { data } = files;
  const warn = (warning: object): void => log(JSON.stringify(warning));
  return createApp({
    engine: createEngineHost({ spawn: utilityEngines(utilityProcess, data.cache), clock: realClock }),
    settings: openSettings(files.settingsFile(data.settings), warn),
    secrets: openSecrets(data.secrets, electron.safeStorage, warn),
    history: openHistory(data.history),
    schedule: createScheduler({ clock: realClock, everyMinute }),
    clock: realClock,
    makeId,
    makeKey,
    chooseFolder: async () => {
      const { filePaths } = await electron.dialog.showOpenDialog({
        properties: ['openDirectory', 'createDirectory', 'showHiddenFiles'],
      });
      return filePaths[0];
    },
    showFile: async (path) => electron.shell.showItemInFolder(path),
    host: 'electron',
    systemLanguages: system.getPreferredSystemLanguages(),
    version: system.getVersion(),
    hostname: hostname(),
    platform: process.platform,
    homeFolder: homedir(),
    dataFolder: data.folder,
  });
}
