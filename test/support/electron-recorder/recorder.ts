/**
 * Writes down what an app shows through Electron, from inside of its main process, and clicks there as a person would.
 * The app knows nothing of it: methods of Electron's own objects are wrapped before the app loads, and still do what
 * they did. Classes are wrapped at their prototypes, because what Electron's module exports cannot be replaced.
 */
import type * as Electron from 'electron';
import {
  engineName,
  iconName,
  type MenuRow,
  nothingShown,
  reachRow,
  type ShownApp,
  type ShownTray,
  shownRows,
} from '../shown-app.ts';

type TrayMethods = Pick<Electron.Tray, 'setImage' | 'setToolTip' | 'setContextMenu' | 'destroy'>;

/** What is wrapped or asked of Electron. */
export interface RecordedElectron {
  readonly app: Pick<Electron.App, 'getAppMetrics'>;
  readonly Tray: { readonly prototype: TrayMethods };
  readonly Notification: { readonly prototype: Pick<Electron.Notification, 'show'> };
  readonly nativeImage: Pick<typeof Electron.nativeImage, 'createFromPath'>;
  readonly dialog: Pick<Electron.Dialog, 'showOpenDialog'>;
}

export interface Recorder {
  /** As a click on the row of the tray's menu that is reached by these labels. */
  choose(labels: readonly string[]): void;
  /** What the system's dialog for folders answers, one after the other; then it is closed without an answer. */
  answerFolder(path: string): void;
  /** Looks which engines run: nobody tells when one was started. */
  look(): void;
}

type ClickableRow = MenuRow & { readonly click?: (() => void) | undefined };

export function recordElectron(electron: RecordedElectron, tell: (shown: ShownApp) => void): Recorder {
  let shown = nothingShown;
  let rows: readonly ClickableRow[] = [];
  const folders: string[] = [];
  const change = (part: Partial<ShownApp>): void => {
    shown = { ...shown, ...part };
    tell(shown);
  };
  wrapTray(electron, (part, menu) => {
    if (menu !== undefined) rows = menu;
    const before: ShownTray = shown.tray ?? { icon: '', tooltip: '', rows: [], isDestroyed: false };
    change({ tray: { ...before, ...part } });
  });
  wrap(electron.Notification.prototype, 'show', (notice: Electron.Notification) => {
    // The stand-in's has only what it was made of.
    const { title, body } = 'options' in notice ? (notice.options as typeof notice) : notice;
    change({ notices: [...shown.notices, { title, body }] });
  });
  return {
    choose: (labels) => reachRow(rows, labels).click?.(),
    answerFolder(path) {
      if (folders.push(path) === 1) replaceDialogs(electron, folders);
    },
    look() {
      const pids = electron.app
        .getAppMetrics()
        .flatMap(({ name, pid }) => (name === engineName ? [pid] : []));
      const added = pids.filter((pid) => !shown.enginePids.includes(pid));
      if (added.length > 0) change({ enginePids: [...shown.enginePids, ...added] });
    },
  };
}

/** `tell` gets what changed, and the menu itself where there is a new one. */
function wrapTray(
  { Tray, nativeImage }: RecordedElectron,
  tell: (part: Partial<ShownTray>, menu?: readonly ClickableRow[]) => void,
): void {
  // An image does not say what it was made of, and `new Tray` cannot be wrapped: the tray shows what was loaded last.
  let drawing = '';
  wrap(nativeImage, 'createFromPath', (_, path: string) => {
    drawing = path;
  });
  const icon = () => ({ icon: iconName(drawing) });
  wrap(Tray.prototype, 'setImage', () => tell(icon()));
  wrap(Tray.prototype, 'setToolTip', (_, tooltip: string) => tell({ ...icon(), tooltip }));
  wrap(Tray.prototype, 'setContextMenu', (_, menu: { items: readonly ClickableRow[] }) =>
    tell({ ...icon(), rows: shownRows(menu.items) }, menu.items),
  );
  wrap(Tray.prototype, 'destroy', () => tell({ isDestroyed: true }));
}

function replaceDialogs(electron: RecordedElectron, folders: string[]): void {
  replace(electron.dialog, 'showOpenDialog', () => async () => {
    const path = folders.shift();
    return { canceled: path === undefined, filePaths: path === undefined ? [] : [path] };
  });
}

/** After each call of the method, `told` gets the object that it was called on and the arguments. */
function wrap(target: object, name: string, told: (self: never, argument: never) => void): void {
  replace(target, name, (method) => {
    return function (this: unknown, ...args: unknown[]): unknown {
      const answer = method.apply(this, args);
      told(this as never, args[0] as never);
      return answer;
    };
  });
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Throws where it cannot be replaced: a recorder that sees nothing would let a test pass that looked at nothing. */
function replace(target: object, name: string, make: (method: Method) => Method): void {
  const method: unknown = Reflect.get(target, name);
  const isReplaced = typeof method === 'function' && Reflect.set(target, name, make(method as Method));
  if (!isReplaced) throw new Error(`Electron's ${name} cannot be wrapped`);
}
