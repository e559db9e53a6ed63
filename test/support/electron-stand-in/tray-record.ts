/** Electron's tray, menus and images as a record of what was shown, which a test can click. */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type * as Electron from 'electron';

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

export class StandInTray extends EventEmitter {
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
    return basename(this.image.files[0] ?? '').replace(/-.*/, '');
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

  /** The labels of the menu's first level. */
  labels(): string[] {
    return this.items.map(({ label }) => label ?? '');
  }

  /** A person clicks on the row that is reached by these labels. Throws where it is missing or greyed out. */
  choose(...labels: readonly string[]): void {
    let items = this.items;
    for (const label of labels) {
      const item = items.find((one) => one.label === label);
      if (item === undefined)
        throw new Error(`no row ${label}: ${items.map((one) => one.label).join(' | ')}`);
      if (item.enabled === false) throw new Error(`the row ${label} is disabled`);
      if (Array.isArray(item.submenu)) items = item.submenu;
      else (item.click as (() => void) | undefined)?.();
    }
  }
}
