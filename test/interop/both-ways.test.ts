/** What we write restic checks and restores, what restic writes we check and restore, and both name it the same. */
import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import type { RepositoryVersion } from '../../engine/format/config-file.ts';
import { initRepository } from '../../engine/repo/repository.ts';
import { seededChance } from '../support/fixed-world.ts';
import { type CompareOptions, compareFolders, ignoreSockets } from '../support/oracle.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type ResticEnded, runRestic } from '../support/restic.ts';
import { jsonLines, type Ran, slackwater } from '../support/slackwater.ts';
import { makeStrangeTree } from '../support/strange-tree.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { cheapKdfCost, testPassword, testWorld } from '../support/test-repository.ts';

const password = testPassword.reveal();
/** A real tree that is on every machine of this kind, of a size that is soon read. */
const system = ['/usr/share/perl', '/usr/share/zoneinfo'].filter(isThere);

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

interface Summary {
  readonly files_unmodified: number;
  readonly files_new: number;
  readonly data_blobs: number;
  readonly tree_blobs: number;
  readonly snapshot_id: string;
}

async function makeRepository(folder: string, version: RepositoryVersion = 2): Promise<string> {
  const backend = openLocalBackend(folder, seededChance(folder));
  await initRepository(backend, testPassword, testWorld(folder), { kdfCost: cheapKdfCost, version });
  return folder;
}

async function ours(repository: string, args: string[], cwd?: string): Promise<Ran> {
  const ran = await slackwater(args, { repository, password, ...(cwd === undefined ? {} : { cwd }) });
  expect({ args, code: ran.code, stderr: ran.stderr }).toMatchObject({ code: 0 });
  return ran;
}

async function theirs(repo: string, args: string[], cwd?: string): Promise<ResticEnded> {
  const ended = await runRestic(args, { repo, password, ...(cwd === undefined ? {} : { cwd }) });
  expect({ args, code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 });
  return ended;
}

async function ourBackup(repository: string, args: string[], cwd?: string): Promise<Summary> {
  const lines = jsonLines(await ours(repository, ['backup', '--json', ...args], cwd));
  return lines.find((line) => line.message_type === 'summary') as unknown as Summary;
}

async function theirBackup(repo: string, args: string[], cwd?: string): Promise<Summary> {
  const ended = await theirs(repo, ['backup', '--json', ...args], cwd);
  return ended
    .jsonLines<Summary & { message_type: string }>()
    .find((line) => line.message_type === 'summary')!;
}

async function rootTree(repo: string, snapshot: string): Promise<string> {
  return (await theirs(repo, ['cat', 'snapshot', snapshot])).json<{ tree: string }>().tree;
}

async function bothCheck(repository: string): Promise<void> {
  await ours(repository, ['check', '--read-data']);
  await theirs(repository, ['check', '--read-data']);
}

/** restic keeps no sockets, so nobody can bring them back; and only root can give a file to somebody else. */
const restored: CompareOptions = {
  ignore: (path, aspect, type) =>
    ignoreSockets(path, aspect, type) || (aspect === 'owner' && process.getuid?.() !== 0),
};

/** Both programs restore the snapshot, and what they restore is what was backed up. */
async function bothRestore(
  repository: string,
  home: string,
  snapshot: string,
  source: string,
  inside = source,
): Promise<void> {
  for (const [who, restore] of [
    ['ours', ours],
    ['theirs', theirs],
  ] as const) {
    const target = join(home, `restored-${who}-${snapshot.slice(0, 8)}`);
    await restore(repository, ['restore', snapshot, '--target', target]);
    expect(compareFolders(source, join(target, inside), restored), `restored by ${who}`).toEqual([]);
    removeFolder(target);
  }
}

describeWithPeers(['restic'], 'with restic 0.19.1', () => {
  let home: string;
  /** Backed up by a relative path: folders above it, which change all the time, are then in no tree. */
  let strange: string;

  beforeAll(() => {
    home = temporaryFolder('both-ways');
    strange = join(home, 'strange');
    mkdirSync(strange);
    const { leftOut } = makeStrangeTree(strange);
    if (leftOut.length > 0) console.warn('left out of the strange folder:', leftOut);
    // On a machine where all of it can be made, all of it must be.
    if (process.env.CI) expect(leftOut).toEqual([]);
  });

  it('a folder with every strange thing: the same tree, no blob twice, both check and restore it', async () => {
    const repository = await makeRepository(join(home, 'strange-repository'));
    const mine = await ourBackup(repository, ['strange'], home);
    expect(mine.files_new).toBeGreaterThan(60);
    const restics = await theirBackup(repository, ['strange'], home);
    expect(restics).toMatchObject({ data_blobs: 0, tree_blobs: 0, files_new: 0 });
    expect(await rootTree(repository, mine.snapshot_id)).toBe(
      await rootTree(repository, restics.snapshot_id),
    );
    await bothCheck(repository);
    await bothRestore(repository, home, mine.snapshot_id, strange, 'strange');
  });

  it('the same from a repository that restic made and filled', async () => {
    const repository = join(home, 'restics');
    await theirs(repository, ['init']);
    const restics = await theirBackup(repository, ['strange'], home);
    const mine = await ourBackup(repository, ['--force', 'strange'], home);
    expect(mine).toMatchObject({ data_blobs: 0, tree_blobs: 0 });
    expect(await rootTree(repository, mine.snapshot_id)).toBe(
      await rootTree(repository, restics.snapshot_id),
    );
    expect(await ourBackup(repository, ['strange'], home)).toMatchObject({
      files_new: 0,
      data_blobs: 0,
      tree_blobs: 0,
    });
    await bothCheck(repository);
    await bothRestore(repository, home, restics.snapshot_id, strange, 'strange');
  });

  it('real folders of this machine: the same tree, both check and restore it', async () => {
    expect(system.length).toBeGreaterThan(0);
    const repository = await makeRepository(join(home, 'system-repository'));
    const mine = await ourBackup(repository, system);
    expect(mine.files_new).toBeGreaterThan(1000);
    const restics = await theirBackup(repository, ['--force', ...system]);
    expect(restics).toMatchObject({ data_blobs: 0, tree_blobs: 0 });
    expect(await rootTree(repository, mine.snapshot_id)).toBe(
      await rootTree(repository, restics.snapshot_id),
    );
    await bothCheck(repository);
    for (const folder of system) await bothRestore(repository, home, mine.snapshot_id, folder);
  });

  it('takes turns with restic in one repository, whatever compression each uses, also after a prune', async () => {
    const repository = await makeRepository(join(home, 'turns'));
    const source = join(home, 'turning');
    mkdirSync(source);
    const turns: [typeof ourBackup, string[]][] = [
      [ourBackup, []],
      [theirBackup, ['--compression', 'off']],
      [ourBackup, ['--compression', 'off']],
      [theirBackup, ['--compression', 'max']],
      [ourBackup, ['--compression', 'max']],
      [theirBackup, []],
    ];
    let last: Summary | undefined;
    for (const [i, [backup, options]] of turns.entries()) {
      writeFileSync(join(source, `text-${i}`), `turn ${i}, `.repeat(50_000));
      writeFileSync(join(source, `noise-${i}`), seededChance(`turn ${i}`).bytes(900_000));
      if (i > 0) appendFileSync(join(source, `text-${i - 1}`), 'and more');
      last = await backup(repository, [...options, source]);
      expect(last.files_new).toBe(2);
      expect(last.files_unmodified).toBe(i === 0 ? 0 : 2 * i - 1);
    }
    await bothCheck(repository);
    await theirs(repository, ['forget', '--keep-last', '1', '--prune', '--max-unused', '0']);
    await bothCheck(repository);
    await bothRestore(repository, home, last!.snapshot_id, source);
    rmSync(join(source, 'noise-0'));
    const after = await ourBackup(repository, [source]);
    expect(after).toMatchObject({ files_new: 0, data_blobs: 0 });
    await bothCheck(repository);
    await bothRestore(repository, home, after.snapshot_id, source);
  });

  it.each(['ours', 'theirs'])('version 1 of the format, made by %s', async (maker) => {
    const repository = join(home, `version-1-${maker}`);
    if (maker === 'ours') await makeRepository(repository, 1);
    else await theirs(repository, ['init', '--repository-version', '1']);
    const mine = await ourBackup(repository, ['strange'], home);
    const restics = await theirBackup(repository, ['--force', 'strange'], home);
    expect(restics).toMatchObject({ data_blobs: 0, tree_blobs: 0 });
    await bothCheck(repository);
    await bothRestore(repository, home, mine.snapshot_id, strange, 'strange');
  });

  it('keys: each opens what the other made, and removes what it must', async () => {
    const repository = await makeRepository(join(home, 'keys'));
    const second = join(home, 'second-password');
    writeFileSync(second, 'second\n');
    await ours(repository, ['key', 'add', '--new-password-file', second]);
    expect((await runRestic(['snapshots'], { repo: repository, password: 'second' })).code).toBe(0);
    const third = join(home, 'third-password');
    writeFileSync(third, 'third\n');
    await theirs(repository, ['key', 'add', '--new-password-file', third]);
    expect((await slackwater(['snapshots'], { repository, password: 'third' })).code).toBe(0);
    const changed = join(home, 'changed-password');
    writeFileSync(changed, 'changed\n');
    const passwd = await slackwater(['key', 'passwd', '--new-password-file', changed], {
      repository,
      password: 'third',
    });
    expect({ code: passwd.code, stderr: passwd.stderr }).toMatchObject({ code: 0 });
    expect((await runRestic(['snapshots'], { repo: repository, password: 'third' })).code).toBe(12);
    expect((await runRestic(['snapshots'], { repo: repository, password: 'changed' })).code).toBe(0);
  });

  it('a stream, and what a command prints', async () => {
    const repository = await makeRepository(join(home, 'streams'));
    const content = Buffer.from(seededChance('stream').bytes(3_000_000));
    const given = await slackwater(['backup', '--stdin', '--stdin-filename', 'dumps/all.sql'], {
      repository,
      password,
      input: content,
    });
    expect(given.code).toBe(0);
    expect((await theirs(repository, ['dump', 'latest', '/dumps/all.sql'])).bytes.equals(content)).toBe(true);
    await ours(repository, ['backup', '--stdin-from-command', '--', 'printf', 'from a command']);
    expect((await theirs(repository, ['dump', 'latest', '/stdin'])).stdout).toBe('from a command');
    const failed = await slackwater(
      ['backup', '--stdin-from-command', '--', 'sh', '-c', 'echo part; exit 3'],
      {
        repository,
        password,
      },
    );
    expect(failed.code).toBe(1);
    expect((await theirs(repository, ['snapshots', '--json'])).json<unknown[]>()).toHaveLength(2);
    await bothCheck(repository);
  });

  it('reports what it could not read, as restic does', async () => {
    const repository = await makeRepository(join(home, 'incomplete'));
    const source = join(home, 'incomplete-source');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'file');
    const args = ['backup', source, join(home, 'not there')];
    const mine = await slackwater(args, { repository, password });
    const restics = await runRestic(args, { repo: repository, password });
    expect(mine.code).toBe(3);
    expect(restics.code).toBe(3);
    expect(mine.stderr).toContain('not there');
    expect((await slackwater(['backup', join(home, 'not there')], { repository, password })).code).toBe(1);
    expect(readdirSync(join(repository, 'locks'))).toEqual([]);
  });
});
