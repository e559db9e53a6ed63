/** Where this machine keeps what it remembers and the default vault, on each platform: pure. The app has a folder in it. */
import { join } from 'node:path';

export function dataFolder(
  platform: NodeJS.Platform,
  home: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const { SLACKWATER_DATA_DIR: own, LOCALAPPDATA: local, XDG_DATA_HOME: xdg } = environment;
  if (own) return own;
  if (platform === 'win32') return join(local || join(home, 'AppData', 'Local'), 'Slackwater');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Slackwater');
  return join(xdg?.startsWith('/') ? xdg : join(home, '.local', 'share'), 'slackwater');
}
