/** Words for the tray in tests. */
import type { TrayTexts } from '../../electron/tray/tray-view.ts';

export const exampleTexts: TrayTexts = {
  appName: 'Slackwater',
  backUpNow: 'Back Up Now',
  everything: 'All',
  stop: 'Stop This Backup',
  stopOne: 'Stop',
  pause: 'Pause',
  pauseHalfHour: 'For 30 Minutes',
  pauseTwoHours: 'For 2 Hours',
  pauseUntilTomorrow: 'Until Tomorrow',
  resume: 'Resume',
  finishNow: 'Finish Now',
  restoreFiles: 'Restore Files…',
  vaults: (vaults) => `Vaults: ${vaults.map(({ vault }) => vault.name).join(', ')}`,
  open: 'Open Slackwater',
  settings: 'Settings…',
  quit: 'Quit',
};
