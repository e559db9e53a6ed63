/**
 * The composition root of the tray app: makes the parts, hands them to each other as values, and ends them in order.
 * Electron comes in as a value too, so that the same app runs in the stand-in of the tests.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from './app/parts.ts';
import { toPlainFailure } from './app/plain-failure.ts';
import { pickLanguage } from './app/text/language.ts';
import { log, type MainElectron, type MainFiles, makeApp } from './make-app.ts';
import { createNotify } from './notify/notify.ts';
import { atLoginArgument } from './system/autostart.ts';
import { beOnlyOne } from './system/only-one.ts';
import { networkAddresses, realClock } from './system/real-world.ts';
import { createTray } from './tray/tray.ts';
import { type TrayWish, trayView, untilTomorrowMs } from './tray/tray-view.ts';
import { trayTexts } from './tray-texts.ts';
import { watchNetwork } from './watch/network.ts';
import { watchPower } from './watch/power.ts';
import { answerWindows } from './window/ipc.ts';
import { type AppWindow, claimScheme, closeSession, createAppWindow } from './window/window.ts';

export async function startMain(electron: MainElectron, files: MainFiles): Promise<void> {
  const { app: system } = electron;
  if (!system.requestSingleInstanceLock()) return system.exit(0);
  system.setAppUserModelId('io.github.slackwater');
  system.enableSandbox();
  claimScheme(electron);
  await system.whenReady();
  mkdirSync(files.data.folder, { recursive: true, mode: 0o700 });
  const leave = await beOnlyOne(files.data.folder);
  if (leave === undefined) {
    log('it is served to a browser already: end `slackwater serve` first');
    return system.exit(1);
  }
  closeSession(electron, files.bundleFolder);
  const app = makeApp(electron, files);
  const window = createAppWindow(electron, { ...files, icon: join(files.iconFolder, 'app.png') });
  answerWindows(electron.ipcMain, {
    isOurWindow: window.isOurs,
    answers: app.answers,
    toFailure: toPlainFailure,
    onRefused: (what) => log(`a call was dropped: ${what}`),
  });
  const tray = createTray(electron, {
    iconFolder: files.iconFolder,
    platform: process.platform,
    onWish: (wish) =>
      void grant(wish, app, window, electron).catch((error) => log(toPlainFailure(error).code)),
  });
  const notify = createNotify(electron, 'Slackwater', () => window.show('overview'));
  let opensAtLogin: boolean | undefined;
  app.onState((state) => {
    // Not before there is something to back up: nobody was asked until then.
    if (state.plans.length > 0 && state.general.openAtLogin !== opensAtLogin) {
      opensAtLogin = state.general.openAtLogin;
      files.autostart?.set(opensAtLogin);
    }
    tray.render(trayView(state, trayTexts(pickLanguage(state.general.language, [state.language]))));
    notify(state);
    window.tell(state);
  });
  system.on('second-instance', () => window.show());
  system.on('activate', () => window.show());
  watchPower(electron.powerMonitor, app.tell);
  const leaveNetwork = watchNetwork(
    { clock: realClock, addresses: networkAddresses, isOnline: () => electron.net?.isOnline() },
    app.tell,
  );
  quitInOrder(system, async () => {
    leaveNetwork();
    await app.quit();
    leave();
    window.destroy();
    tray.destroy();
  });
  await app.start();
  const isLogin = system.getLoginItemSettings().wasOpenedAtLogin || process.argv.includes(atLoginArgument);
  if (isLogin) app.tell({ type: 'session-started' });
  else window.show();
}

async function grant(wish: TrayWish, app: App, window: AppWindow, electron: MainElectron): Promise<void> {
  switch (wish.do) {
    case 'open':
      return window.show(wish.page);
    case 'back-up':
      return app.answers.backUpNow(wish.planId === undefined ? {} : { planId: wish.planId });
    case 'stop':
      return app.answers.cancelRun({ planId: wish.planId });
    case 'finish-now':
      return app.answers.finishNow({});
    case 'pause':
      return app.answers.pause({ durationMs: wish.durationMs });
    case 'pause-until-tomorrow':
      return app.answers.pause({ durationMs: untilTomorrowMs(realClock.nowMs()) });
    case 'resume':
      return app.answers.resume(undefined);
    case 'quit':
      return electron.app.quit();
  }
}

/** The first wish to quit ends everything in order; the process ends when that is done, whoever else wishes. */
function quitInOrder(system: MainElectron['app'], end: () => Promise<void>): void {
  let isEnding = false;
  system.on('before-quit', (event) => {
    event.preventDefault();
    if (isEnding) return;
    isEnding = true;
    void end()
      .catch((error: unknown) => log(`quitting: ${toPlainFailure(error).code}`))
      .then(() => system.exit(0));
  });
  // The tray lives on.
  system.on('window-all-closed', () => undefined);
}
