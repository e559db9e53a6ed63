/**
 * The part of Electron's API that the app uses, over Node and a real Chromium: handed to `startMain` in Electron's
 * place. Windows are pages; everything else is recorded here, where a test can look at it and click it.
 */
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { MainElectron } from '../../../electron/make-app.ts';
import { chromiumArguments, findChromium } from '../chromium.ts';
import { forkUtility, StandInApp, StandInNotification, standInSafeStorage } from './records.ts';
import { StandInImage, StandInTray } from './tray-record.ts';
import { StandInWindow, type WindowWorld } from './windows.ts';

export interface StandInOptions {
  readonly language?: string;
  readonly isDark?: boolean;
  /** Where windows are opened; without it in a Chromium of its own. */
  readonly context?: BrowserContext;
}

export interface StandIn {
  readonly electron: MainElectron;
  readonly app: StandInApp;
  readonly powerMonitor: EventEmitter;
  readonly world: WindowWorld;
  readonly trays: readonly StandInTray[];
  readonly notices: readonly StandInNotification[];
  /** The child processes that were started as utility processes. */
  readonly children: readonly (EventEmitter & { readonly pid?: number })[];
  /** What the system's dialog for folders answers, one after the other; then it is closed without an answer. */
  readonly chosenFolders: string[];
  readonly shownFiles: readonly string[];
  /** The newest window's page. */
  page(): Promise<Page>;
  close(): Promise<void>;
}

export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const language = options.language ?? 'en-GB';
  const isDark = options.isDark ?? false;
  const context = options.context ?? (await ownContext(language, isDark));
  const world: WindowWorld = {
    context,
    handles: new Map(),
    serve: undefined,
    beforeRequest: undefined,
    windows: [],
    refused: [],
  };
  const app = new StandInApp([language]);
  const powerMonitor = Object.assign(new EventEmitter(), { isOnBatteryPower: () => false });
  const trays: StandInTray[] = [];
  const notices: StandInNotification[] = [];
  const children: EventEmitter[] = [];
  const chosenFolders: string[] = [];
  const shownFiles: string[] = [];
  const parts = {
    app,
    powerMonitor,
    ...windowParts(world),
    ...trayParts(trays, isDark),
    Notification: class extends StandInNotification {
      override show(): void {
        notices.push(this);
      }
    },
    safeStorage: standInSafeStorage,
    utilityProcess: { fork: forkUtility(children) },
    dialog: {
      showOpenDialog: async () => {
        const path = chosenFolders.shift();
        return { canceled: path === undefined, filePaths: path === undefined ? [] : [path] };
      },
    },
    shell: { showItemInFolder: (path: string) => void shownFiles.push(path) },
  };
  const page = async (): Promise<Page> => {
    const newest = world.windows.at(-1);
    if (newest === undefined) throw new Error('there is no window');
    return newest.page;
  };
  return {
    // The records have what `MainElectron` picks; the rest of Electron's classes they have not.
    electron: parts as unknown as MainElectron,
    app,
    powerMonitor,
    world,
    trays,
    notices,
    children,
    chosenFolders,
    shownFiles,
    page,
    close: async () => {
      await context.browser()?.close();
    },
  };
}

async function ownContext(locale: string, isDark: boolean): Promise<BrowserContext> {
  const browser = await chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    args: chromiumArguments,
  });
  return await browser.newContext({
    locale,
    colorScheme: isDark ? 'dark' : 'light',
    serviceWorkers: 'block',
    viewport: { width: 1080, height: 760 },
  });
}

function trayParts(trays: StandInTray[], isDark: boolean) {
  return {
    Tray: class extends StandInTray {
      constructor(image: StandInImage) {
        super(image);
        trays.push(this);
      }
    },
    Menu: { buildFromTemplate: (items: Electron.MenuItemConstructorOptions[]) => ({ items }) },
    nativeImage: { createFromPath: StandInImage.fromPath, createEmpty: () => new StandInImage() },
    nativeTheme: Object.assign(new EventEmitter(), { shouldUseDarkColors: isDark, themeSource: 'system' }),
  };
}

function windowParts(world: WindowWorld) {
  return {
    BrowserWindow: class extends StandInWindow {
      constructor(options: Electron.BrowserWindowConstructorOptions) {
        super(world, options);
      }
    },
    ipcMain: {
      handle: (channel: string, handle: (event: unknown, ...args: unknown[]) => unknown) =>
        void world.handles.set(channel, handle),
    },
    protocol: {
      registerSchemesAsPrivileged: () => undefined,
      handle: (_scheme: string, serve: NonNullable<WindowWorld['serve']>) => {
        world.serve = serve;
      },
    },
    session: {
      defaultSession: {
        setPermissionRequestHandler: () => undefined,
        setPermissionCheckHandler: () => undefined,
        setDevicePermissionHandler: () => undefined,
        webRequest: {
          onBeforeRequest: (decide: NonNullable<WindowWorld['beforeRequest']>) => {
            world.beforeRequest = decide;
          },
        },
      },
    },
  };
}
