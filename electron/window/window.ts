/**
 * The window: a sandboxed page of our own bundle that can reach nothing but the calls of `ipc.ts`. Closing it hides
 * it to the tray. The one file that touches Electron's windows, protocol and session; used by `main.ts`.
 */
import type * as Electron from 'electron';
import type { AppState } from '../../engine/protocol/app-state.ts';
import { answerFromBundle, origin, scheme } from './bundle.ts';
import { stateChannel } from './channels.ts';

type WebContents = Pick<Electron.WebContents, 'id' | 'send' | 'on' | 'setWindowOpenHandler'>;
type WindowObject = Pick<
  Electron.BrowserWindow,
  | 'loadURL'
  | 'show'
  | 'hide'
  | 'focus'
  | 'isVisible'
  | 'isMinimized'
  | 'restore'
  | 'isDestroyed'
  | 'destroy'
  | 'on'
> & { readonly webContents: WebContents };

/** What it needs of Electron. */
export interface WindowElectron {
  readonly BrowserWindow: new (options: Electron.BrowserWindowConstructorOptions) => WindowObject;
  readonly protocol: Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;
  readonly session: {
    readonly defaultSession: Pick<
      Electron.Session,
      'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
    > & { readonly webRequest: Pick<Electron.WebRequest, 'onBeforeRequest'> };
  };
}

export interface WindowPlace {
  readonly bundleFolder: string;
  readonly preloadFile: string;
  readonly icon: string;
}

export interface AppWindow {
  /** Brings it to the front, made anew where there is none; `page` is a page of the window, like `restore`. */
  show(page?: string): void;
  hide(): void;
  tell(state: AppState): void;
  isOurs(webContentsId: number): boolean;
  destroy(): void;
}

/** Before the app is ready. */
export function claimScheme(electron: Pick<WindowElectron, 'protocol'>): void {
  electron.protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
}

/** Once, when the app is ready: from then on a page gets files of the bundle and nothing else. */
export function closeSession(electron: WindowElectron, bundleFolder: string): void {
  const session = electron.session.defaultSession;
  electron.protocol.handle(scheme, (request) => answerFromBundle(bundleFolder, request));
  session.webRequest.onBeforeRequest(({ url }, decide) =>
    decide({ cancel: !url.startsWith(`${origin}/`) && !url.startsWith('data:') }),
  );
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

export function createAppWindow(electron: WindowElectron, place: WindowPlace): AppWindow {
  let window: WindowObject | undefined;
  let latest: AppState | undefined;
  let isDestroying = false;

  const open = (page: string): WindowObject => {
    const made = new electron.BrowserWindow(options(place));
    const { webContents } = made;
    webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
    webContents.on('will-navigate', (event) => event.preventDefault());
    webContents.on('will-redirect', (event) => event.preventDefault());
    webContents.on('will-attach-webview', (event) => event.preventDefault());
    webContents.on('did-finish-load', () => {
      if (latest !== undefined) webContents.send(stateChannel, latest);
    });
    // A page that died is made anew the next time somebody wants to see it.
    webContents.on('render-process-gone', () => {
      if (window === made) window = undefined;
      if (!made.isDestroyed()) made.destroy();
    });
    made.on('close', (event) => {
      if (isDestroying) return;
      event.preventDefault();
      made.hide();
    });
    load(made, page);
    return made;
  };
  const show = (page?: string): void => {
    if (window === undefined || window.isDestroyed()) window = open(page ?? 'overview');
    // The page is still the same one: it sees another hash.
    else if (page !== undefined) load(window, page);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  return {
    show,
    hide: () => window?.hide(),
    tell: (state) => {
      latest = state;
      if (window !== undefined && !window.isDestroyed()) window.webContents.send(stateChannel, state);
    },
    isOurs: (id) => window !== undefined && !window.isDestroyed() && window.webContents.id === id,
    destroy: () => {
      isDestroying = true;
      if (window !== undefined && !window.isDestroyed()) window.destroy();
    },
  };
}

/** A load that is overtaken by the next one is refused, and nobody misses it. */
function load(window: WindowObject, page: string): void {
  void window.loadURL(`${origin}/index.html#/${page}`).catch(() => undefined);
}

function options({ preloadFile, icon }: WindowPlace): Electron.BrowserWindowConstructorOptions {
  return {
    width: 1080,
    height: 760,
    minWidth: 640,
    minHeight: 480,
    show: false,
    title: 'Slackwater',
    icon,
    autoHideMenuBar: true,
    webPreferences: {
      preload: preloadFile,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  };
}
