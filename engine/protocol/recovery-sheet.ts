/**
 * The sheet that brings a vault's files back without this program: where, with which key, typed how, in both languages.
 * One text for the app and the command line; each writes it where its own files lie, for its owner only. Pure.
 */

export interface RecoveryFacts {
  readonly location: string;
  readonly key: string;
  /** Where the key lies in a file on that computer. */
  readonly keyFile?: string;
  readonly hostname: string;
  /** What restic reads from its environment to reach the store: by name only, what they say is not written down. */
  readonly storeNames?: readonly string[];
  /** RFC 3339. */
  readonly madeOn: string;
  /** Node's name of it: its shell takes the commands. */
  readonly platform: string;
}

export function recoverySheet(facts: RecoveryFacts): string {
  const { location, key, keyFile, storeNames = [], hostname, madeOn, platform } = facts;
  const repo = quoted(location, platform);
  const target = platform === 'win32' ? '"%TEMP%\\restored"' : '/tmp/restored';
  return `RECOVERY SHEET / 恢复凭据

Print this page, or copy it to a place that is not on this computer. Without the key nobody can
read the vault, and nobody can make a new one: not you, not us. Whoever has the vault and the
key can read everything in it, so keep the sheet as you keep the keys of your home.
请打印本页，或将它存放到这台电脑以外的地方。没有密钥，谁也无法读取保险库，也无法重新生成密钥；
有了保险库和密钥，就能读取其中的一切，请像保管家门钥匙一样保管本页。

Vault / 保险库:   ${location}
Computer / 电脑:  ${hostname}
Made on / 日期:   ${madeOn}

Key, with its hyphens / 密钥（包括连字符）:

    ${key}

The vault is a restic repository. Any restic from 0.14 on (https://restic.net) opens it, without
Slackwater. Where restic asks for the password, type the key. If you moved the vault, put its new
place after -r.
保险库是一个 restic 仓库，restic 0.14 及以上版本无需 Slackwater 即可打开。提示输入密码时，请输入上面的
密钥。如果移动过保险库，请在 -r 后面写上新的位置。
${storeNames.length === 0 ? '' : withStoreNames(storeNames, platform)}
See what is in it / 查看其中的内容:

    restic -r ${repo} snapshots
    restic -r ${repo} ls latest

Bring back everything of the newest snapshot, into another folder / 将最新恢复点恢复到另一个文件夹:

    restic -r ${repo} restore latest --target ${target}

Prove that all of it can be read / 检查全部数据都能读取:

    restic -r ${repo} check --read-data
${keyFile === undefined ? '' : withKeyFile(repo, quoted(keyFile, platform))}`;
}

function withStoreNames(names: readonly string[], platform: string): string {
  const set = platform === 'win32' ? 'set' : 'export';
  return `
The store wants a login of its own, which is not on this sheet: keep it as well. Before restic, set
存储服务需要单独的登录信息，本页没有记录，请另行保管。运行 restic 之前，请先设置：

${names.map((name) => `    ${set} ${name}=...`).join('\n')}
`;
}

function withKeyFile(repo: string, keyFile: string): string {
  return `
As long as this computer has the key file, restic need not ask / 只要这台电脑上还有密钥文件，就无需输入密码:

    restic -r ${repo} --password-file ${keyFile} snapshots
`;
}

/** The path as a shell of the platform takes it. */
function quoted(path: string, platform: string): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  return platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`;
}
