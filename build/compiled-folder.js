/**
 * Where Node keeps what it has compiled of the program, for the next start: a tenth of a second of each. Plain JavaScript
 * for Node 18 and later. Used by `launch.js`.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * Made if need be; undefined where there is none that is safe: what lies in it is run, so nobody but us may be able to
 * write there, nor to put another folder in its place (as in the home of another user, which `sudo` may leave to us).
 */
export function compiledFolder({ env, platform } = process, home = homedir()) {
  const base = cachesOf(env, platform, home);
  const folder = join(base, platform === 'linux' ? 'slackwater' : 'Slackwater', 'compiled-by-node');
  try {
    if (!isAbsolute(base)) return undefined;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return platform === 'win32' || [base, dirname(folder), folder].every(isOurs) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Where the engine has its own ones (`cacheFolder` in `engine/cli/open-store.ts`), before anything of it can be loaded. */
function cachesOf({ XDG_CACHE_HOME: xdg, LOCALAPPDATA: local }, platform, home) {
  if (platform === 'win32') return local || join(home, 'AppData', 'Local');
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  return xdg?.startsWith('/') ? xdg : join(home, '.cache');
}

function isOurs(folder) {
  const { uid, mode } = lstatSync(folder);
  return uid === process.geteuid() && (mode & 0o022) === 0;
}
