/**
 * Where Electron's runtime is, if it is here: the npm package `electron` downloads it separately, and not everywhere it
 * can. Nothing is downloaded here. Used by `start-app.ts` and `package-app.ts`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ElectronRuntime {
  readonly folder: string;
  readonly program: string;
}

const programs: Readonly<Record<string, string>> = {
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

/** In the folder that a variable names, or where the package puts it. */
export function findRuntime(
  project: string,
  environment: Environment,
  platform: string = process.platform,
): ElectronRuntime | undefined {
  const installed = join(project, 'node_modules/electron/dist');
  const folders = [environment.ELECTRON_DIST, environment.ELECTRON_OVERRIDE_DIST_PATH, installed];
  return folders
    .filter((folder): folder is string => Boolean(folder))
    .map((folder) => ({ folder, program: join(folder, programs[platform] ?? 'electron') }))
    .find(({ program }) => existsSync(program));
}

/** Why the tray app cannot start here, as a sentence; undefined where it can. */
export function whyNoTrayApp(
  runtime: ElectronRuntime | undefined,
  environment: Environment,
  { platform, isRoot }: { readonly platform: string; readonly isRoot: boolean },
): string | undefined {
  if (runtime === undefined) {
    return "Electron's runtime is not installed here (`npx install-electron` downloads it), so there is no tray icon.";
  }
  if (!hasDisplay(environment, platform)) return 'There is no display here, so there is no tray icon.';
  if (platform === 'linux' && isRoot) return 'Electron does not run as root, so there is no tray icon.';
  return undefined;
}

/** Whether windows can be shown: everywhere but on a Unix without a graphical session. */
export function hasDisplay(environment: Environment, platform: string): boolean {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

/** The version that the project asks for. */
export function electronVersion(project: string): string {
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    devDependencies: { electron: string };
  };
  return manifest.devDependencies.electron;
}
