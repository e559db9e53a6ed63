/** The recorder over objects like Electron's: what it tells, what it clicks, and that the app notices nothing. */
import { EventEmitter } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as Electron from 'electron';
import { expect, it } from 'vitest';
import { createNotify } from '../../electron/notify/notify.ts';
import { createTray, type TrayElectron } from '../../electron/tray/tray.ts';
import { type TrayWish, trayView } from '../../electron/tray/tray-view.ts';
import { exampleTexts } from '../tray/example-texts.ts';
import { recordReader } from './electron-recorder/read-record.ts';
import { type RecordedElectron, recordElectron } from './electron-recorder/recorder.ts';
import { examplePlan, exampleState } from './electron-stand-in/example-state.ts';
import { StandInNotification } from './electron-stand-in/records.ts';
import { StandInImage, StandInTray } from './electron-stand-in/tray-record.ts';
import { engineName, nothingShown, type ShownApp } from './shown-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

const iconFolder = fileURLToPath(new URL('../../build/icons', import.meta.url));

/** As Electron has them: exports that cannot be replaced, a menu whose rows are under `items`. */
function recorded() {
  const trays: StandInTray[] = [];
  class Tray extends StandInTray {
    constructor(image: StandInImage) {
      super(image);
      trays.push(this);
    }
  }
  const processes: { name?: string; pid: number }[] = [{ name: 'Network Service', pid: 3 }, { pid: 1 }];
  const menuOf = (rows: Electron.MenuItemConstructorOptions[]): { items: unknown[] } => ({
    items: rows.map((row) => (Array.isArray(row.submenu) ? { ...row, submenu: menuOf(row.submenu) } : row)),
  });
  const electron = Object.freeze({
    Tray,
    Menu: { buildFromTemplate: menuOf },
    nativeImage: { createFromPath: StandInImage.fromPath, createEmpty: () => new StandInImage() },
    nativeTheme: Object.assign(new EventEmitter(), { shouldUseDarkColors: false }),
    Notification: class extends StandInNotification {},
    dialog: { showOpenDialog: async () => ({ canceled: false, filePaths: ['/from-a-person'] }) },
    app: { getAppMetrics: () => processes },
  });
  const told: ShownApp[] = [];
  const recorder = recordElectron(electron as unknown as RecordedElectron, (shown) => told.push(shown));
  const wishes: TrayWish[] = [];
  const tray = (platform: string) =>
    createTray(electron as unknown as TrayElectron, {
      iconFolder,
      platform,
      onWish: (one) => wishes.push(one),
    });
  return { electron, recorder, trays, told, wishes, tray, processes };
}

const twoPlans = exampleState({ plans: [examplePlan('a'), examplePlan('b')] });

it.each(['linux', 'darwin', 'win32'])('tells the tray as it is, on %s', (platform) => {
  const { tray, told, trays } = recorded();
  const picture = tray(platform);
  picture.render(trayView(twoPlans, exampleTexts));
  const shown = told.at(-1)?.tray;
  expect(shown).toMatchObject({ icon: 'protected', tooltip: trays[0]?.tooltip, isDestroyed: false });
  expect(shown?.rows.map(({ label }) => label)).toEqual(trays[0]?.labels());
  expect(shown?.rows[2]?.submenu?.map(({ label }) => label)).toEqual(['All', '', 'a', 'b']);

  const failed = exampleState({ verdict: { kind: 'failed', sentence: 'It failed.' }, plans: [] });
  picture.render(trayView(failed, exampleTexts));
  expect(told.at(-1)?.tray).toMatchObject({ icon: 'failed', tooltip: 'Slackwater: It failed.' });
  expect(told.at(-1)?.tray?.rows[2]).toEqual({ label: 'Back Up Now', enabled: false });
  picture.destroy();
  expect(told.at(-1)?.tray?.isDestroyed).toBe(true);
  expect(trays[0]?.isDestroyed).toBe(true);
});

it('clicks as a person would, and not on what is greyed out or missing', () => {
  const { tray, recorder, wishes } = recorded();
  const picture = tray('linux');
  picture.render(trayView(twoPlans, exampleTexts));
  recorder.choose(['Back Up Now', 'b']);
  expect(wishes).toEqual([{ do: 'back-up', planId: 'b' }]);
  picture.render(trayView(exampleState({ plans: [] }), exampleTexts));
  expect(() => recorder.choose(['Back Up Now'])).toThrow('the row Back Up Now is disabled');
  expect(() => recorder.choose(['Back Up Later'])).toThrow('no row Back Up Later');
  expect(wishes).toHaveLength(1);
});

it('tells notices, and every engine once', () => {
  const { electron, recorder, told, processes } = recorded();
  const notify = createNotify(
    electron as unknown as Parameters<typeof createNotify>[0],
    'Slackwater',
    () => {},
  );
  notify(exampleState({ verdict: { kind: 'failed', sentence: 'It failed.' } }));
  expect(told.at(-1)?.notices).toEqual([{ title: 'Slackwater', body: 'It failed.' }]);
  processes.push({ name: engineName, pid: 7 });
  recorder.look();
  recorder.look();
  processes.splice(2, 1, { name: engineName, pid: 9 });
  recorder.look();
  expect(told.map(({ enginePids }) => enginePids)).toEqual([[], [7], [7, 9]]);
});

it("answers the system's dialogs from when it is told an answer", async () => {
  const { electron, recorder } = recorded();
  expect(await electron.dialog.showOpenDialog()).toEqual({ canceled: false, filePaths: ['/from-a-person'] });
  recorder.answerFolder('/a');
  recorder.answerFolder('/b');
  expect((await electron.dialog.showOpenDialog()).filePaths).toEqual(['/a']);
  expect((await electron.dialog.showOpenDialog()).filePaths).toEqual(['/b']);
  expect(await electron.dialog.showOpenDialog()).toEqual({ canceled: true, filePaths: [] });
});

it('fails where it would see nothing', () => {
  const { electron } = recorded();
  const closed = { ...electron, Tray: { prototype: Object.freeze({ ...StandInTray.prototype }) } };
  expect(() => recordElectron(closed as unknown as RecordedElectron, () => {})).toThrow(
    "Electron's setImage cannot be wrapped",
  );
});

it('is read by the newest whole line', () => {
  const file = join(temporaryFolder(), 'record.jsonl');
  const read = recordReader(file);
  expect(read()).toEqual(nothingShown);
  const line = (enginePids: number[]) => `${JSON.stringify({ ...nothingShown, enginePids })}\n`;
  writeFileSync(file, line([1]));
  expect(read().enginePids).toEqual([1]);
  appendFileSync(file, line([1, 2]).slice(0, 9));
  expect(read().enginePids).toEqual([1]);
  appendFileSync(file, line([1, 2]).slice(9));
  expect(read().enginePids).toEqual([1, 2]);
});
