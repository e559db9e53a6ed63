import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateKey, vaultPlaces } from '../../engine/cli/default-vault.ts';
import { seededChance } from '../support/fixed-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cliWorld } from './cli-world.ts';

function newHome() {
  const home = temporaryFolder('vault');
  mkdirSync(join(home, 'files'));
  writeFileSync(join(home, 'files', 'a'), 'content');
  const folder = join(home, 'data');
  const at = (name: string): string => join(folder, name);
  return { home, folder, at, run: cliWorld(home), files: join(home, 'files') };
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe('its place', () => {
  const home = '/home/me';
  test.each([
    ['linux', {}, '/home/me/.local/share/slackwater'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/data/slackwater'],
    ['linux', { XDG_DATA_HOME: 'relative' }, '/home/me/.local/share/slackwater'],
    ['darwin', { XDG_DATA_HOME: '/data' }, '/home/me/Library/Application Support/Slackwater'],
    ['linux', { SLACKWATER_DATA_DIR: '/own', XDG_DATA_HOME: '/data' }, '/own'],
  ] as const)('on %s with %j', (platform, environment, folder) => {
    expect(vaultPlaces({ platform, environment, home })).toEqual({
      folder,
      repository: `${folder}/vault`,
      keyFile: `${folder}/vault-key`,
      sheet: `${folder}/recovery-sheet.txt`,
    });
  });
});

describe('its key', () => {
  test('is 13 groups of 4 letters that nobody takes for others, and holds all of the 256 bits', () => {
    const keys = new Set<string>();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = generateKey({ bytes: () => bytes });
        expect(key).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){12}$/);
        const digits = [...key.replaceAll('-', '')].map((letter) =>
          '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter),
        );
        const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('');
        expect(bits.slice(0, 256)).toBe([...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join(''));
      }),
    );
    for (let i = 0; i < 50; i++) keys.add(generateKey(seededChance(i)));
    expect(keys.size).toBe(50);
  });
});

/** What is in the folder of the app's data afterwards. */
const owned = ['journal', 'locks.sqlite', 'recovery-sheet.txt', 'vault', 'vault-key'];

describe('its making', () => {
  test('happens at the first backup: owner-only files, a sheet, and a word about it on stderr', async () => {
    const { folder, at, run, files } = newHome();
    const ran = await run(['backup', files]);
    expect(ran.code).toBe(0);
    expect(modeOf(folder)).toBe('700');
    expect(modeOf(at('vault-key'))).toBe('600');
    expect(modeOf(at('recovery-sheet.txt'))).toBe('600');
    expect(modeOf(at('locks.sqlite'))).toBe('600');
    expect(modeOf(at('journal'))).toBe('700');
    expect(modeOf(at('vault'))).toBe('700');
    expect(readdirSync(folder).sort()).toEqual(owned);
    for (const name of ['vault', 'vault-key', 'recovery-sheet.txt']) expect(ran.stderr).toContain(at(name));
    const key = readFileSync(at('vault-key'), 'utf8').trim();
    const sheet = readFileSync(at('recovery-sheet.txt'), 'utf8');
    for (const fact of [key, at('vault'), 'testhost', `restic -r ${at('vault')} restore latest --target`]) {
      expect(sheet).toContain(fact);
    }
    expect(ran.stdout + ran.stderr).not.toContain(key);
    const again = await run(['backup', files]);
    expect(again.code).toBe(0);
    expect(again.stderr).toBe('');
    expect(readFileSync(at('vault-key'), 'utf8').trim()).toBe(key);
  });

  test('two at once make one vault, and both back up into it', async () => {
    const { at, run, files, folder } = newHome();
    const both = await Promise.all([run(['backup', files]), run(['backup', files])]);
    expect(both.map(({ code, stderr }) => [code, stderr.match(/error/)])).toEqual([
      [0, null],
      [0, null],
    ]);
    expect((await run(['snapshots', '--json'])).json[0]).toHaveLength(2);
    expect(readdirSync(folder).sort()).toEqual(owned);
    expect(readdirSync(at('vault/keys'))).toHaveLength(1);
  });

  test('reading from one that is not there makes none', async () => {
    const { run, folder } = newHome();
    const ran = await run(['snapshots']);
    expect(ran.code).toBe(10);
    expect(ran.stderr).toContain('`slackwater backup FOLDER`');
    expect((await run(['backup', '--dry-run', '.'])).code).toBe(10);
    expect(existsSync(folder)).toBe(false);
  });

  test('a password in the environment is for another repository; one on the command line is a mistake', async () => {
    const { run, files } = newHome();
    expect((await run(['backup', files], { environment: { RESTIC_PASSWORD: 'other' } })).code).toBe(0);
    const ran = await run(['snapshots', '-p', '/some/file']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('no repository');
  });

  test('init makes it too, but not twice', async () => {
    const { run, at } = newHome();
    expect((await run(['init', '--json'])).json).toMatchObject([
      { message_type: 'initialized', repository: at('vault') },
    ]);
    expect((await run(['init'])).stderr).toContain('already');
  });

  test('a new key goes into the file and onto a new sheet', async () => {
    const { run, files, at } = newHome();
    await run(['backup', files]);
    const before = readFileSync(at('vault-key'), 'utf8');
    const ran = await run(['key', 'passwd', '--json']);
    expect(ran.code).toBe(0);
    const after = readFileSync(at('vault-key'), 'utf8');
    expect(after).not.toBe(before);
    expect(readFileSync(at('recovery-sheet.txt'), 'utf8')).toContain(after.trim());
    expect((await run(['snapshots', '--json'])).json[0]).toHaveLength(1);
    const environment = { RESTIC_REPOSITORY: at('vault'), RESTIC_PASSWORD: before.trim() };
    expect((await run(['snapshots'], { environment })).code).toBe(12);
  });
});

describe('what is in its way', () => {
  test('a key that is lost is told, and no new vault is made', async () => {
    const { run, files, at } = newHome();
    await run(['backup', files]);
    rmSync(at('vault-key'));
    for (const args of [['backup', files], ['snapshots'], ['init']]) {
      const ran = await run(args);
      expect(ran.code).toBe(1);
      expect(existsSync(at('vault-key'))).toBe(false);
    }
    expect((await run(['backup', files])).stderr).toMatch(/vault-key is missing.*recovery sheet/);
  });

  test('a key that is there already is used for a new vault', async () => {
    const { run, files, at, folder } = newHome();
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(at('vault-key'), 'MY-OWN-KEY\n', { mode: 0o600 });
    expect((await run(['backup', files])).code).toBe(0);
    const environment = { RESTIC_REPOSITORY: at('vault'), RESTIC_PASSWORD: 'MY-OWN-KEY' };
    expect((await run(['snapshots'], { environment })).code).toBe(0);
    expect(readFileSync(at('recovery-sheet.txt'), 'utf8')).toContain('MY-OWN-KEY');
  });

  test.each(['vault-key', 'vault', 'recovery-sheet.txt'])('a link planted as %s is refused', async (name) => {
    const { run, files, at, folder, home } = newHome();
    const elsewhere = join(home, 'elsewhere');
    mkdirSync(folder, { mode: 0o700 });
    symlinkSync(elsewhere, at(name));
    const ran = await run(['backup', files]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/symbolic link/);
    expect(existsSync(elsewhere)).toBe(false);
    expect(existsSync(at('vault/config'))).toBe(false);
  });

  test('a folder that is a link, or that others may write to, is refused', async () => {
    const { run, files, folder, home } = newHome();
    mkdirSync(join(home, 'real'));
    symlinkSync(join(home, 'real'), folder);
    expect((await run(['backup', files])).stderr).toMatch(/symbolic link/);
    rmSync(folder);
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    expect((await run(['backup', files])).stderr).toMatch(/other users may write/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a folder full of other things is no vault, and is left alone', async () => {
    const { run, files, at } = newHome();
    mkdirSync(at('vault'), { recursive: true, mode: 0o700 });
    writeFileSync(at('vault/diary.txt'), 'mine');
    const ran = await run(['backup', files]);
    expect(ran.code).not.toBe(0);
    expect(readdirSync(at('vault'))).toEqual(['diary.txt']);
  });
});

describeWithPeers(['restic'], 'the recovery sheet', () => {
  test('brings everything back with restic alone', async () => {
    const { run, files, at, home } = newHome();
    await run(['backup', files]);
    const sheet = readFileSync(at('recovery-sheet.txt'), 'utf8');
    const password = /^ {4}([0-9A-Z]{4}(?:-[0-9A-Z]{4})+)$/m.exec(sheet)?.[1] ?? '';
    const lines = [...sheet.matchAll(/^ {4}restic -r (\S+) (.*)$/gm)];
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const [, repo = '', rest = ''] of lines) {
      const args = rest.split(' ').map((word) => (word === '/tmp/restored' ? join(home, 'restored') : word));
      const ran = await runRestic(args, { repo, password });
      expect([rest, ran.code, ran.stderr]).toEqual([rest, 0, '']);
    }
    expect(readFileSync(join(home, 'restored', files, 'a'), 'utf8')).toBe('content');
  });
});
