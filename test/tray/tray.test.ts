import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Electron from 'electron';
import { expect, it, onTestFinished } from 'vitest';
import { createTray, type TrayElectron } from '../../electron/tray/tray.ts';
import { type TrayWish, trayView } from '../../electron/tray/tray-view.ts';
import { examplePlan, exampleState } from '../support/electron-stand-in/example-state.ts';
import { StandInImage, StandInTray } from '../support/electron-stand-in/tray-record.ts';
import { exampleTexts } from './example-texts.ts';

const iconFolder = fileURLToPath(new URL('../../build/icons', import.meta.url));

function makeTray(platform: string) {
  const made: StandInTray[] = [];
  const nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: false });
  const electron = {
    Tray: class extends StandInTray {
      constructor(image: StandInImage) {
        super(image);
        made.push(this);
      }
    },
    Menu: { buildFromTemplate: (items: Electron.MenuItemConstructorOptions[]) => ({ items }) },
    nativeImage: { createFromPath: StandInImage.fromPath, createEmpty: () => new StandInImage() },
    nativeTheme,
  } as unknown as TrayElectron;
  const wishes: TrayWish[] = [];
  const tray = createTray(electron, { iconFolder, platform, onWish: (wish) => wishes.push(wish) });
  onTestFinished(() => tray.destroy());
  return { tray, made, wishes, nativeTheme };
}

it('changes nothing where the same is rendered again', () => {
  const { tray, made } = makeTray('linux');
  tray.render(trayView(exampleState(), exampleTexts));
  const changes = made[0]?.changes;
  tray.render(trayView(exampleState({ nowMs: 0 }), exampleTexts));
  expect(made).toHaveLength(1);
  expect(made[0]?.changes).toBe(changes);
});

it('passes on what a person clicks', () => {
  const { tray, made, wishes } = makeTray('linux');
  tray.render(trayView(exampleState({ plans: [examplePlan('a'), examplePlan('b')] }), exampleTexts));
  made[0]?.choose('Back Up Now', 'b');
  made[0]?.choose('Pause', 'For 2 Hours');
  made[0]?.emit('click');
  expect(wishes).toEqual([
    { do: 'back-up', planId: 'b' },
    { do: 'pause', durationMs: 7_200_000 },
    { do: 'open', page: 'overview' },
  ]);
});

it('takes the drawing for the panel that it stands on', () => {
  const { tray, made, nativeTheme } = makeTray('linux');
  tray.render(trayView(exampleState(), exampleTexts));
  expect(made[0]?.image.files[0]).toMatch(/protected-light-22\.png$/);
  nativeTheme.shouldUseDarkColors = true;
  nativeTheme.emit('updated');
  expect(made[0]?.image.files[0]).toMatch(/protected-dark-22\.png$/);
});

it('is a template on macOS, where the click belongs to the menu', () => {
  const { tray, made, wishes } = makeTray('darwin');
  tray.render(trayView(exampleState(), exampleTexts));
  made[0]?.emit('click');
  expect(made[0]?.image).toMatchObject({ isTemplate: true, files: ['@1', '@2'] });
  expect(wishes).toEqual([]);
});

it.each(['protected', 'working', 'waiting', 'finishing', 'attention', 'failed', 'paused'])(
  'has %s in every size, for light and dark',
  (kind) => {
    const names = ['light', 'dark'].flatMap((tint) =>
      [16, 22, 32].map((size) => `${kind}-${tint}-${size}.png`),
    );
    expect(names.filter((name) => !existsSync(`${iconFolder}/${name}`))).toEqual([]);
  },
);
