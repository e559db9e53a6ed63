/** How the end-to-end specs wait: they look again and again, for a bounded time, and say what the tray showed last. */
import type { ShownTray } from '../support/shown-app.ts';

const waitMsMax = 180_000;
const lookEveryMs = 25;

/** `check` may throw to end the wait. */
export async function until(
  what: string,
  tray: () => ShownTray | undefined,
  look: () => boolean,
  check: () => void = () => undefined,
): Promise<void> {
  const end = performance.now() + waitMsMax;
  while (!look()) {
    check();
    const shown = tray();
    if (performance.now() > end)
      throw new Error(`no ${what}; the tray says: ${shown?.tooltip} [${shown?.icon}]`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

/** Whether a backup can be started from the menu. */
export function canBackUp({ rows }: ShownTray): boolean {
  return rows.some(({ label, enabled }) => label === 'Back Up Now' && enabled);
}
