/** Electron's tray, menus and images as a record of what was shown, which a test can click. */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type * as Electron from 'electron';
import { type ClickableTray, iconName, reachRow, type ShownRow, shownRows } from '../shown-app.ts';

type Item = Electron.MenuItemConstructorOptions;

export class StandInImage {
  /** Names of the files it was made of. */
  readonly files: string[] = [];
  isTemplate = false;

  static fromPath(path: string): StandInImage {
    if (!existsSync(path)) throw new Error(`there is no image ${path}`);
    const image = new StandInImage();
    image.files.push(path);
    return image;
  }

  toDataURL(): string {
    return `data:image/png;base64,${readFileSync(this.files[0] ?? '').toString('base64')}`;
  }

  addRepresentation({ scaleFactor }: { scaleFactor?: number }): void {
    this.files.push(`@${scaleFactor}`);
  }

  setTemplateImage(isTemplate: boolean): void {
    this.isTemplate = isTemplate;
  }
}

export class StandInTray extends EventEmitter implements ClickableTray {
  image: StandInImage;
  tooltip = '';
  items: readonly Item[] = [];
  isDestroyed = false;
  /** How often it was changed: a render of the same must change nothing. */
  changes = 0;

  constructor(image: StandInImage) {
    super();
    this.image = image;
  }

  /** `protected` of `protected-light-22.png`. */
  get icon(): string {
    return iconName(this.image.files[0] ?? '');
  }

  setImage(image: StandInImage): void {
    this.image = image;
    this.changes++;
  }

  setToolTip(tooltip: string): void {
    this.tooltip = tooltip;
    this.changes++;
  }

  setContextMenu(menu: { items: readonly Item[] }): void {
    this.items = menu.items;
    this.changes++;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  get rows(): readonly ShownRow[] {
    return shownRows(this.items);
  }

  labels(): string[] {
    return this.items.map(({ label }) => label ?? '');
  }

  choose(...labels: readonly string[]): void {
    (reachRow(this.items, labels).click as (() => void) | undefined)?.();
  }
}
