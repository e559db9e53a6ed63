/** The core's words as the tray wants them: where two features meet, for `start-main.ts`. */
import type { VaultView } from '../engine/protocol/app-state.ts';
import type { Language } from './app/text/language.ts';
import { type Speech, speak } from './app/text/speak.ts';
import type { TrayTexts } from './tray/tray-view.ts';

export function trayTexts(language: Language): TrayTexts {
  const speech = speak(language);
  return {
    appName: 'Slackwater',
    backUpNow: speech.menu('backUpNow'),
    everything: speech.menu('allSets'),
    stop: speech.menu('cancel'),
    stopOne: speech.menu('cancelOne'),
    pause: speech.menu('pause'),
    pauseHalfHour: speech.menu('pauseHalfHour'),
    pauseTwoHours: speech.menu('pauseTwoHours'),
    pauseUntilTomorrow: speech.menu('pauseTomorrow'),
    resume: speech.menu('resume'),
    finishNow: speech.menu('finishNow'),
    restoreFiles: speech.menu('restoreFiles'),
    vaults: (vaults) => vaultLine(vaults, speech),
    open: speech.menu('open'),
    settings: speech.menu('settings'),
    quit: speech.menu('quit'),
  };
}

/** About the vault that has trouble, or else the first. */
function vaultLine(vaults: readonly VaultView[], speech: Speech): string {
  const one = vaults.find(({ status }) => status.at === 'trouble') ?? vaults[0];
  if (one === undefined) return '';
  const { vault, status } = one;
  if (status.at === 'trouble') return speech.menu('vaultTrouble', { name: vault.name });
  if (status.at === 'unknown' || status.freeBytes === undefined)
    return speech.menu('vault', { name: vault.name });
  return speech.menu('vaultFree', { name: vault.name, free: size(status.freeBytes, speech.language) });
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** In binary units, with one decimal. */
function size(bytes: number, language: Language): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const digits = power === 0 ? 0 : 1;
  const format = new Intl.NumberFormat(language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${format.format(bytes / 1024 ** power)} ${units[power]}`;
}
