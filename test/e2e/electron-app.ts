/**
 * The tray app as a checkout starts it in real Electron: what is compiled of it, with nothing of a test in it. A
 * recorder that Electron requires first writes down what it shows; clicks go to that recorder, the window is Playwright's.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { buildPreload } from '../../build/bundles.ts';
import type { ElectronRuntime } from '../../build/electron-runtime.ts';
import { projectFolder, runTool } from '../../build/run-tool.ts';
import { bundleRecorder } from '../support/electron-recorder/bundle.ts';
import { recordReader } from '../support/electron-recorder/read-record.ts';
import type { Recorder } from '../support/electron-recorder/recorder.ts';
import { recorderName, recordVariable } from '../support/electron-recorder/shared.ts';
import { type ClickableTray, reachRow, type ShownApp, type ShownTray } from '../support/shown-app.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { TrayApp, TrayAppOptions } from './app-under-test.ts';
import { environmentIn } from './data-folder.ts';
import { canBackUp, until } from './until.ts';

const noTray: ShownTray = { icon: '', tooltip: '', rows: [], isDestroyed: false };
const quitMsMax = 60_000;

export async function startElectronApp(
  { dataFolder }: TrayAppOptions,
  runtime: ElectronRuntime,
): Promise<TrayApp> {
  compileApp();
  const own = temporaryFolder('electron');
  const recordFile = join(own, 'record.jsonl');
  const launched = await launch(runtime, own, { ...environmentIn(dataFolder), [recordVariable]: recordFile });
  const shown = recordReader(recordFile);
  // Asked now: after its end Playwright does not know it any more.
  const child = launched.process();
  const clicks = clicker(launched, child);
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  const tray = trayOf(shown, clicks.click);
  const check = (): void => {
    clicks.check();
    if (isOver) throw new Error('Electron has ended');
  };
  const quit = async (): Promise<number> => {
    if (!isOver) tray.choose(tray.labels().at(-1) ?? '');
    const [code] = await ended;
    return code ?? -1;
  };
  onTestFinished(() => endNow(child, quit, ended));
  await until(
    'tray',
    () => shown().tray,
    () => tray.rows.length > 0,
    check,
  );
  return {
    tray,
    get children() {
      return shown().enginePids.map((pid) => ({ pid }));
    },
    autostarts: [],
    isInstalled: false,
    page: () => newestPage(launched),
    until: (what, look) => until(what, () => tray, look, check),
    canBackUp: () => canBackUp(tray),
    quit,
  };
}

/** As `npm start` does. What is up to date already takes no time. */
function compileApp(): void {
  const isCompiled = runTool('typescript', ['-b', 'engine', 'electron']) === 0 && buildPreload() === 0;
  if (!isCompiled) throw new Error('the app was not compiled');
}

/** With a profile of its own, in English, and with nothing of the person's keychain. */
async function launch(
  { program }: ElectronRuntime,
  own: string,
  environment: Record<string, string>,
): Promise<ElectronApplication> {
  const { ELECTRON_RUN_AS_NODE: _, ...inherited } = process.env;
  return await _electron.launch({
    executablePath: program,
    chromiumSandbox: true,
    args: [
      ...['-r', await bundleRecorder(own)],
      `--user-data-dir=${join(own, 'profile')}`,
      '--password-store=basic',
      '--use-mock-keychain',
      '--lang=en-GB',
      projectFolder,
    ],
    env: { ...(inherited as Record<string, string>), LANG: 'en_GB.UTF-8', LANGUAGE: 'en_GB', ...environment },
  });
}

/** The tray as it was recorded last; what a person could not click is refused here already. */
function trayOf(shown: () => ShownApp, click: (labels: readonly string[]) => void): ClickableTray {
  const now = (): ShownTray => shown().tray ?? noTray;
  return {
    get icon() {
      return now().icon;
    },
    get tooltip() {
      return now().tooltip;
    },
    get rows() {
      return now().rows;
    },
    get isDestroyed() {
      return now().isDestroyed;
    },
    labels: () => now().rows.map(({ label }) => label),
    choose(...labels) {
      reachRow(now().rows, labels);
      click(labels);
    },
  };
}

/** Clicks cross to Electron's process one after the other; what went wrong there is thrown by `check`. */
function clicker(launched: ElectronApplication, child: ChildProcess) {
  let last: Promise<unknown> = Promise.resolve();
  let wrong: Error | undefined;
  const send = (labels: readonly string[]): Promise<void> =>
    launched.evaluate(
      (_, [name, path]) => (globalThis as unknown as Record<string, Recorder>)[name]?.choose(path),
      [recorderName, labels] as const,
    );
  return {
    click(labels: readonly string[]): void {
      last = last
        .then(() => send(labels))
        .catch((error: Error) => {
          // After Quit nobody is there to answer.
          if (child.exitCode === null) wrong ??= error;
        });
    },
    check(): void {
      if (wrong !== undefined) throw wrong;
    },
  };
}

async function newestPage(launched: ElectronApplication): Promise<Page> {
  return launched.windows().at(-1) ?? (await launched.firstWindow());
}

/** In order where it can, and by force where that takes too long. */
async function endNow(
  child: ChildProcess,
  quit: () => Promise<number>,
  ended: Promise<unknown>,
): Promise<void> {
  const kill = setTimeout(() => child.kill('SIGKILL'), quitMsMax);
  await quit().catch(() => child.kill('SIGKILL'));
  await ended;
  clearTimeout(kill);
}
