/** Whether the app is opened when the person logs in: a login item of the system, or a file of the XDG autostart standard. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Autostart {
  set(isOn: boolean): void;
}

/** An argument that tells the app that a login opened it. */
export const atLoginArgument = '--at-login';

/** What we use of Electron's `app` on Windows and macOS. */
export interface LoginItems {
  setLoginItemSettings(settings: { openAtLogin: boolean; args: string[] }): void;
}

export function loginItem(items: LoginItems): Autostart {
  return { set: (openAtLogin) => items.setLoginItemSettings({ openAtLogin, args: [atLoginArgument] }) };
}

/** `configFolder` is XDG_CONFIG_HOME or its default; `command` is the program and its arguments. */
export function xdgAutostart(configFolder: string, command: readonly string[]): Autostart {
  const folder = join(configFolder, 'autostart');
  const path = join(folder, 'slackwater.desktop');
  return {
    set(isOn) {
      if (!isOn) return rmSync(path, { force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(path, desktopEntry([...command, atLoginArgument]));
    },
  };
}

export function desktopEntry(command: readonly string[]): string {
  return `[Desktop Entry]
Type=Application
Version=1.0
Name=Slackwater
Comment=Backups
Comment[zh_CN]=备份
Exec=${command.map(quoted).join(' ')}
Terminal=false
X-GNOME-Autostart-enabled=true
`;
}

/** By the rules of the desktop entry's Exec key: quotes for the argument, a second escape for the value, %% for %. */
function quoted(argument: string): string {
  const escaped = argument
    .replaceAll(/["`$\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%');
  return `"${escaped.replaceAll(/[\r\n\t]/g, ' ')}"`;
}
