/**
 * What the app has put before a person, as the stand-in keeps it and as the recorder in real Electron tells it: the
 * shapes that both share, and the way of a click to its row. Nothing here needs Electron or Node.
 */

/** A row of a menu, as Electron takes it in a template and as its `MenuItem` has it. */
export interface MenuRow {
  readonly label?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly submenu?: readonly MenuRow[] | { readonly items: readonly MenuRow[] } | undefined;
}

/** A row as plain data. */
export interface ShownRow {
  readonly label: string;
  readonly enabled: boolean;
  readonly submenu?: readonly ShownRow[];
}

export interface ShownTray {
  /** `protected` of `protected-light-22.png`. */
  readonly icon: string;
  readonly tooltip: string;
  readonly rows: readonly ShownRow[];
  readonly isDestroyed: boolean;
}

/** The tray as a test holds it. */
export interface ClickableTray extends ShownTray {
  /** The labels of the menu's first level. */
  labels(): string[];
  /** A person clicks on the row that is reached by these labels. Throws where it is missing or greyed out. */
  choose(...labels: readonly string[]): void;
}

/** Everything that the recorder tells, whole each time. */
export interface ShownApp {
  /** Undefined before there is one. */
  readonly tray?: ShownTray;
  readonly notices: readonly { readonly title: string; readonly body: string }[];
  /** Of every engine that was seen, in the order of their starts. */
  readonly enginePids: readonly number[];
}

export const nothingShown: ShownApp = { notices: [], enginePids: [] };

/** What the app names its engine's process. */
export const engineName = 'Slackwater engine';

/** `protected` of `/icons/protected-light-22.png`. */
export function iconName(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/-.*/, '');
}

export function shownRows(rows: readonly MenuRow[]): ShownRow[] {
  return rows.map((row) => {
    const { label = '', enabled = true } = row;
    const below = rowsBelow(row);
    return below === undefined ? { label, enabled } : { label, enabled, submenu: shownRows(below) };
  });
}

/** The row that is reached by these labels. Throws where it, or one on the way, is missing or greyed out. */
export function reachRow<Row extends MenuRow>(rows: readonly Row[], labels: readonly string[]): Row {
  const [label = '', ...further] = labels;
  const row = rows.find((one) => one.label === label);
  if (row === undefined) throw new Error(`no row ${label}: ${rows.map((one) => one.label).join(' | ')}`);
  if (row.enabled === false) throw new Error(`the row ${label} is disabled`);
  return further.length === 0 ? row : reachRow((rowsBelow(row) ?? []) as readonly Row[], further);
}

function rowsBelow({ submenu }: MenuRow): readonly MenuRow[] | undefined {
  return submenu === undefined || submenu === null || 'map' in submenu ? submenu : submenu.items;
}
