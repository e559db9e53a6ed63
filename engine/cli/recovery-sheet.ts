/** The sheet that brings the default vault's files back without this program: where, with which key, typed how. */

export interface RecoveryFacts {
  readonly vault: string;
  readonly key: string;
  readonly keyFile: string;
  readonly hostname: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly platform: NodeJS.Platform;
}

export function recoverySheet({ vault, key, keyFile, hostname, createdAt, platform }: RecoveryFacts): string {
  const repo = quoted(vault, platform);
  const target = platform === 'win32' ? '"%TEMP%\\restored"' : '/tmp/restored';
  return `RECOVERY SHEET

Print this page, or copy it to a place that is not on this computer. Without the key nobody can
read the vault, and nobody can make a new one: not you, not us. Whoever has the vault and the
key can read everything in it, so keep the sheet as you keep the keys of your home.

Vault:    ${vault}
Computer: ${hostname}
Made on:  ${createdAt}

Key (with its hyphens; it has no letters I, L, O and U):

    ${key}

The vault is a restic repository. Any restic from 0.14 on (https://restic.net) opens it, without
Slackwater. Where restic asks for the password, type the key. If you moved the vault, put its new
place after -r.

See what is in it:

    restic -r ${repo} snapshots
    restic -r ${repo} ls latest

Bring back everything of the newest snapshot, into another folder:

    restic -r ${repo} restore latest --target ${target}

Prove that all of it can be read:

    restic -r ${repo} check --read-data

As long as this computer has the key file, restic need not ask:

    restic -r ${repo} --password-file ${quoted(keyFile, platform)} snapshots
`;
}

/** The path as a shell of the platform takes it. */
function quoted(path: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  return platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
