import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { desktopEntry, loginItem, xdgAutostart } from '../../electron/system/autostart.ts';
import { dataPaths } from '../../electron/system/data-paths.ts';

test('the XDG file comes and goes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slackwater-autostart-'));
  try {
    const autostart = xdgAutostart(folder, ['/opt/Slack water/app']);
    const path = join(folder, 'autostart', 'slackwater.desktop');
    autostart.set(false);
    autostart.set(true);
    expect(readFileSync(path, 'utf8')).toContain('\nExec="/opt/Slack water/app" "--at-login"\n');
    autostart.set(false);
    expect(existsSync(path)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('hostile paths stay one argument on one line', () => {
  expect(desktopEntry(['/a "b" $c %d\\e\nHidden=true'])).toContain(
    String.raw`Exec="/a \\"b\\" \\$c %%d\\\\e Hidden=true"`,
  );
});

test('a login item', () => {
  const set: unknown[] = [];
  loginItem({ setLoginItemSettings: (settings) => set.push(settings) }).set(true);
  expect(set).toEqual([{ openAtLogin: true, args: ['--at-login'] }]);
});

test.each([
  ['linux', {}, '/home/me/.local/share/slackwater/app'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/slackwater/app'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/me/.local/share/slackwater/app'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/home/me/Library/Application Support/Slackwater/app'],
  ['win32', { LOCALAPPDATA: 'C:\\Local' }, 'C:\\Local\\Slackwater\\app'],
])('data of %s with %j is in %s', (platform, environment, folder) => {
  const paths = dataPaths(platform, '/home/me', environment);
  expect(paths.folder).toBe(folder);
  for (const path of [paths.settings, paths.secrets, paths.history])
    expect(path.startsWith(folder)).toBe(true);
});
