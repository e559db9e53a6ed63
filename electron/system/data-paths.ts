/** Where our files lie on each platform: pure. The web host and Electron use the same folder, so they share settings. */
import { posix, win32 } from 'node:path';

export interface DataPaths {
  /** Of mode 0700: settings, secrets, recovery sheets, history. */
  readonly folder: string;
  readonly settings: string;
  readonly secrets: string;
  readonly history: string;
  /** May be thrown away at any time. */
  readonly cache: string;
}

/** `environment` is the process's; relative values of it are ignored, as the XDG standard says. */
export function dataPaths(
  platform: string,
  homeFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
): DataPaths {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const given = (name: string, otherwise: string) => {
    const value = environment[name];
    return value !== undefined && isAbsolute(value) ? value : otherwise;
  };
  const kind = platform === 'win32' || platform === 'darwin' ? platform : 'other';
  const folder = {
    win32: () => join(given('LOCALAPPDATA', join(homeFolder, 'AppData', 'Local')), 'Slackwater', 'app'),
    darwin: () => join(homeFolder, 'Library', 'Application Support', 'Slackwater', 'app'),
    other: () => join(given('XDG_DATA_HOME', join(homeFolder, '.local', 'share')), 'slackwater', 'app'),
  }[kind]();
  return {
    folder,
    settings: join(folder, 'settings.json'),
    secrets: join(folder, 'secrets', 'secrets.json'),
    history: join(folder, 'history.jsonl'),
    cache: {
      win32: () => join(given('LOCALAPPDATA', join(homeFolder, 'AppData', 'Local')), 'Slackwater', 'cache'),
      darwin: () => join(homeFolder, 'Library', 'Caches', 'Slackwater'),
      other: () => join(given('XDG_CACHE_HOME', join(homeFolder, '.cache')), 'slackwater'),
    }[kind](),
  };
}
