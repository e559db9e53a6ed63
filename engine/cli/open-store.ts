/**
 * How a command reaches the store that holds its repository: with which login and trust, how much of the line it may
 * take, and where copies of what the store has are kept.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Backend, StoreAccess } from '../backend/backend.ts';
import { openBackend } from '../backend/open-backend.ts';
import type { StoreLine } from '../backend/store-line.ts';
import { Failure } from '../base/failure.ts';
import type { Context, GlobalValues } from './command.ts';

/** `line`: the way to it, as the command wants it. */
export function openStore(context: Context, location: string, line: StoreLine): Backend {
  line.bytesPerSecondMax = bandwidthOf(context.global);
  return openBackend(location, context.world, storeAccess(context), line);
}

function storeAccess({ global, environment }: Context): StoreAccess {
  const { cacert } = global;
  return cacert === undefined ? environment : { ...environment, RESTIC_CACERT: cacert };
}

export function bandwidthOf({
  limitUpload,
  limitDownload,
}: Pick<GlobalValues, 'limitUpload' | 'limitDownload'>): StoreLine['bytesPerSecondMax'] {
  return {
    up: bytesPerSecond('--limit-upload', limitUpload),
    down: bytesPerSecond('--limit-download', limitDownload),
  };
}

/** As in restic, 0 is no limit. */
function bytesPerSecond(option: string, kib: number | undefined): number | undefined {
  if (kib === undefined || kib === 0) return undefined;
  const bytes = kib * 1_024;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new Failure('usage', { why: `${option} takes KiB a second.` });
}

/** restic may use the same folder: ours is one of our own in it. Undefined: nothing is kept. */
export function cacheFolder({ global, environment, platform, home }: Context): string | undefined {
  if (global.noCache) return undefined;
  if (global.cacheDir) return join(resolve(global.cacheDir), 'slackwater');
  const base = home || homedir();
  const { LOCALAPPDATA: local, XDG_CACHE_HOME: xdg } = environment;
  if (platform === 'win32') return join(local || join(base, 'AppData', 'Local'), 'Slackwater', 'cache');
  if (platform === 'darwin') return join(base, 'Library', 'Caches', 'Slackwater');
  return join(xdg?.startsWith('/') ? xdg : join(base, '.cache'), 'slackwater');
}
