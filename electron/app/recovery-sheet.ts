/** The sheet that brings a vault's files back without this program. It holds the key: only its owner may read it. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppParts } from './parts.ts';

export function sheetPath(dataFolder: string, vaultId: string): string {
  return join(dataFolder, `recovery-sheet-${vaultId}.txt`);
}

interface SheetFacts {
  readonly vaultId: string;
  readonly location: string;
  readonly key: string;
}

/** Writes it whole, mode 0600, and answers its path. */
export function writeRecoverySheet(
  { dataFolder, hostname, platform, clock }: AppParts,
  { vaultId, location, key }: SheetFacts,
): string {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const path = sheetPath(dataFolder, vaultId);
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    const madeOn = new Date(clock.nowMs()).toISOString();
    writeFileSync(file, sheet({ location, key, hostname, platform, madeOn }));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  return path;
}

function sheet(facts: Record<'location' | 'key' | 'hostname' | 'platform' | 'madeOn', string>): string {
  const repo = quoted(facts.location, facts.platform);
  const target = facts.platform === 'win32' ? '"%TEMP%\\restored"' : '/tmp/restored';
  return `RECOVERY SHEET / 恢复单

Print this page, or copy it to a place that is not on this computer. Without the key nobody can read the
vault. Whoever has the vault and the key can read everything in it.
请打印本页，或将它存放到这台电脑以外的地方。没有密钥，谁也无法读取备份库；有了备份库和密钥，就能读取其中的一切。

Vault / 备份库:   ${facts.location}
Computer / 电脑:  ${facts.hostname}
Made on / 日期:   ${facts.madeOn}

Key / 密钥:

    ${facts.key}

The vault is a restic repository. restic 0.14 or later (https://restic.net) opens it without Slackwater. Where it
asks for the password, type the key. If the vault was moved, put its new place after -r.
备份库是一个 restic 仓库，restic 0.14 及以上版本无需 Slackwater 即可打开。提示输入密码时，请输入上面的密钥。

    restic -r ${repo} snapshots
    restic -r ${repo} ls latest
    restic -r ${repo} restore latest --target ${target}
    restic -r ${repo} check --read-data
`;
}

/** The path as a shell of the platform takes it. */
function quoted(path: string, platform: string): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  return platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
