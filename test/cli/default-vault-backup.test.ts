/** The main job as a newcomer does it: no repository named, nothing there yet. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { type Ran, slackwater } from '../support/slackwater.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function newcomer(): { home: string; run: (...args: string[]) => Promise<Ran> } {
  const home = temporaryFolder('newcomer');
  mkdirSync(join(home, 'Documents'));
  writeFileSync(join(home, 'Documents', 'letter.txt'), 'Dear reader');
  const env = { HOME: home, XDG_DATA_HOME: join(home, '.local', 'share') };
  return { home, run: (...args) => slackwater(args, { env, cwd: home }) };
}

const vaultOf = (home: string): string => join(home, '.local', 'share', 'slackwater');

describe('without a repository named', () => {
  it('the first backup makes a vault, a key for its owner only, and a recovery sheet that it points at', async () => {
    const { home, run } = newcomer();
    const first = await run('backup', 'Documents');
    expect({ code: first.code, stderr: first.stderr }).toMatchObject({ code: 0 });
    expect(first.stdout + first.stderr).toMatch(/saved and verified/);
    expect(first.stderr).toContain(join(vaultOf(home), 'recovery-sheet.txt'));
    expect(statSync(vaultOf(home)).mode & 0o077).toBe(0);
    for (const file of ['vault-key', 'recovery-sheet.txt']) {
      expect(statSync(join(vaultOf(home), file)).mode & 0o777).toBe(0o600);
    }
    expect((await run('backup', 'Documents')).stderr).not.toContain('recovery-sheet');
    const listed = JSON.parse((await run('snapshots', '--json')).stdout) as unknown[];
    expect(listed).toHaveLength(2);
  });

  it('leaves its own vault out of a backup of the whole home folder, and says so', async () => {
    const { home, run } = newcomer();
    const first = await run('backup', '.');
    expect(first.code).toBe(0);
    expect(first.stderr).toContain(`Left out: ${vaultOf(home)}`);
    const listed = (await run('ls', 'latest')).stdout.split('\n');
    expect(listed).toContain('/Documents/letter.txt');
    expect(listed).toContain('/.local/share');
    expect(listed.filter((line) => line.includes('slackwater'))).toEqual([]);
  });

  it('says that a key is lost, and never makes a new vault over the old one', async () => {
    const { home, run } = newcomer();
    await run('backup', 'Documents');
    const vault = join(vaultOf(home), 'vault');
    const before = readdirSync(join(vault, 'keys'));
    writeFileSync(join(vaultOf(home), 'vault-key'), '');
    const ran = await run('backup', 'Documents');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/key/);
    expect(readdirSync(join(vault, 'keys'))).toEqual(before);
  });
});

describeWithPeers(['restic'], 'the recovery sheet', () => {
  it('brings everything back with stock restic alone', async () => {
    const { home, run } = newcomer();
    expect((await run('backup', 'Documents')).code).toBe(0);
    const sheet = readFileSync(join(vaultOf(home), 'recovery-sheet.txt'), 'utf8');
    const repo = /^Vault \/ 保险库:\s+(.*)$/m.exec(sheet)![1]!;
    const password = /^ {4}((?:[0-9A-Z]{4}-)+[0-9A-Z]{4})$/m.exec(sheet)![1]!;
    const [, command] = /^ {4}restic -r \S+ (restore .*)$/m.exec(sheet)!;
    const args = command!.replace(/\S+$/, join(home, 'back')).split(' ');
    const ended = await runRestic(args, { repo, password });
    expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 });
    expect(readFileSync(join(home, 'back', 'Documents', 'letter.txt'), 'utf8')).toBe('Dear reader');
  });
});
