/** Where Electron begins: the compiled file is the app's entry. What it does with all this is in `start-main.ts`. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import electron from 'electron';
import { electronStoreFile } from './settings/electron-store-file.ts';
import { startMain } from './start-main.ts';
import { type Autostart, loginItem, xdgAutostart } from './system/autostart.ts';
import { dataPaths } from './system/data-paths.ts';

const { app } = electron;
const { env, platform } = process;
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function autostart(): Autostart | undefined {
  if (!app.isPackaged) return undefined;
  if (platform !== 'linux') return loginItem(app);
  const configFolder = env.XDG_CONFIG_HOME?.startsWith('/')
    ? env.XDG_CONFIG_HOME
    : join(homedir(), '.config');
  // An AppImage runs from a place that is another one each time.
  return xdgAutostart(configFolder, [env.APPIMAGE ?? process.execPath]);
}

// As seen from `build/out/electron`.
void startMain(electron, {
  bundleFolder: file('../renderer'),
  preloadFile: file('preload.cjs'),
  iconFolder: file('../../icons'),
  data: dataPaths(platform, homedir(), env),
  settingsFile: electronStoreFile,
  autostart: autostart(),
});
