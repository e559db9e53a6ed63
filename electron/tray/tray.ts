/**
 * The one file that touches Electron's tray: it makes what it is shown, as often as it is told, and nothing where
 * nothing changed. Used by `main.ts`.
 */
import type * as Electron from 'electron';
import type { VerdictKind } from '../../engine/protocol/app-state.ts';
import type { TrayRow, TrayView, TrayWish } from './tray-view.ts';

type TrayObject = Pick<Electron.Tray, 'setImage' | 'setToolTip' | 'setContextMenu' | 'on' | 'destroy'>;

/** What it needs of Electron. */
export interface TrayElectron {
  readonly Tray: new (image: Electron.NativeImage) => TrayObject;
  readonly Menu: Pick<typeof Electron.Menu, 'buildFromTemplate'>;
  readonly nativeImage: Pick<typeof Electron.nativeImage, 'createFromPath' | 'createEmpty'>;
  readonly nativeTheme: Pick<Electron.NativeTheme, 'shouldUseDarkColors' | 'on'>;
}

export interface TrayPlace {
  readonly iconFolder: string;
  readonly platform: string;
  onWish(wish: TrayWish): void;
}

export interface TrayPicture {
  render(view: TrayView): void;
  destroy(): void;
}

export function createTray(electron: TrayElectron, place: TrayPlace): TrayPicture {
  const { nativeTheme } = electron;
  let tray: TrayObject | undefined;
  let shown: TrayView | undefined;
  let iconShown = '';

  const showIcon = (kind: VerdictKind): void => {
    const tint = nativeTheme.shouldUseDarkColors ? 'dark' : 'light';
    if (iconShown === `${kind}-${tint}`) return;
    iconShown = `${kind}-${tint}`;
    const image = trayImage(electron, place, iconShown);
    if (tray !== undefined) {
      tray.setImage(image);
      return;
    }
    tray = new electron.Tray(image);
    // On macOS the click opens the menu by itself.
    if (place.platform !== 'darwin') tray.on('click', () => place.onWish({ do: 'open', page: 'overview' }));
  };
  const render = (view: TrayView): void => {
    showIcon(view.icon);
    if (shown?.tooltip !== view.tooltip) tray?.setToolTip(view.tooltip);
    // An open menu must not be replaced where nothing in it changed.
    const isSameMenu = JSON.stringify(shown?.rows) === JSON.stringify(view.rows);
    shown = view;
    if (isSameMenu) return;
    tray?.setContextMenu(electron.Menu.buildFromTemplate(template(view.rows, place.onWish)));
  };
  nativeTheme.on('updated', () => {
    if (shown !== undefined) showIcon(shown.icon);
  });
  return { render, destroy: () => tray?.destroy() };
}

function template(
  rows: readonly TrayRow[],
  onWish: (wish: TrayWish) => void,
): Electron.MenuItemConstructorOptions[] {
  return rows.map((row) => {
    if (row.type === 'line') return { type: 'separator' };
    const { label, isEnabled: enabled } = row;
    if (row.type === 'submenu') return { label, enabled, submenu: template(row.rows, onWish) };
    return { label, enabled, click: () => onWish(row.wish) };
  });
}

function trayImage(electron: TrayElectron, { iconFolder, platform }: TrayPlace, name: string) {
  const file = (size: number): string => `${iconFolder}/${name}-${size}.png`;
  const { nativeImage } = electron;
  if (platform === 'linux') return nativeImage.createFromPath(file(22));
  const image = nativeImage.createEmpty();
  for (const scaleFactor of [1, 2]) {
    const dataURL = nativeImage.createFromPath(file(16 * scaleFactor)).toDataURL();
    image.addRepresentation({ scaleFactor, dataURL });
  }
  // macOS then takes only its shape, and colours it as the menu bar is.
  if (platform === 'darwin') image.setTemplateImage(true);
  return image;
}
