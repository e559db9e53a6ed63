/** Whole command lines in this process: exit codes, purity of stdout, secrets, and what each command refuses. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { programVersion } from '../../engine/base/version.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cliWorld, jsonLines, type Ran, type RunOptions } from './cli-world.ts';

const secret = 'correct-horse-battery-staple';
let home = '';
let repo = '';
let run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;

beforeAll(async () => {
  home = temporaryFolder('cli');
  repo = join(home, 'repo');
  const bare = cliWorld(home);
  run = (args, options = {}) =>
    bare(args, {
      ...options,
      environment: { SLACKWATER_REPOSITORY: repo, SLACKWATER_PASSWORD: secret, ...options.environment },
    });
  mkdirSync(join(home, 'files'));
  writeFileSync(join(home, 'files', 'a'), 'content');
  writeFileSync(join(home, 'files', 'evil\x1b[2J\n'), 'x');
  expect((await run(['init'])).code).toBe(0);
  expect((await run(['backup', join(home, 'files')])).code).toBe(0);
});

test('the version is that of the package', async () => {
  expect(programVersion).toBe(packageJson.version);
  const { stdout } = await run(['version']);
  expect(stdout).toMatch(
    /^slackwater \d+\.\d+\.\d+ \(Node v\d+\.\d+\.\d+, \w+\/\w+; speaks restic repository format 1 and 2\)\n$/,
  );
});

describe('exit codes', () => {
  test.each([
    [['snapshots'], {}, 0],
    [['snapshots', '-r', '/no/such/place'], {}, 10],
    [['snapshots'], { SLACKWATER_PASSWORD: 'wrong' }, 12],
    [['ls', 'deadbeef'], {}, 1],
    [['ls', 'latest', '/no/such/folder'], {}, 1],
    [['snapshots', '-r', 's3:host/bucket'], {}, 1],
    [['backup', '/no/such/folder'], {}, 1],
    [['init'], {}, 1],
  ])('%j with %j: %i', async (args, environment, code) => {
    const ran = await run(args, { environment });
    expect([ran.code, ran.stdout]).toEqual([code, code === 0 ? ran.stdout : '']);
    expect(ran.stderr).toMatch(code === 0 ? /^$/ : /^error: .+\.\n/m);
    const json = await run([...args, '--json'], { environment });
    expect(json.code).toBe(code);
    if (code !== 0) expect(jsonLines(json.stderr).at(-1)).toMatchObject({ message_type: 'exit_error', code });
  });

  test('3 where something could not be read', async () => {
    const ran = await run(['backup', join(home, 'files'), join(home, 'missing')]);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toBe(`error: ${join(home, 'missing')}: no such file or directory\n`);
    expect(ran.stdout).toContain('Not complete: 1');
    expect(ran.stdout).toMatch(/^In all: {4}\d+ files?, .+ in .+ s$/m);
    const json = await run(['backup', join(home, 'files'), join(home, 'missing'), '--json']);
    expect(json.code).toBe(3);
    expect(jsonLines(json.stderr).at(-1)).toMatchObject({ message_type: 'exit_error', code: 3 });
  });

  test('11 where the repository is locked', async () => {
    const started = Promise.withResolvers<void>();
    const abort = new AbortController();
    const endless = [
      'backup',
      '--stdin-from-command',
      '--json',
      '--',
      'sh',
      '-c',
      'while :; do echo x; sleep 0.05; done',
    ];
    const holding = run(endless, { signal: abort.signal, onStarted: () => started.resolve() });
    await started.promise;
    while (readdirSync(join(repo, 'locks')).length === 0) await new Promise((done) => setTimeout(done, 20));
    const ran = await run(['check']);
    abort.abort();
    expect((await holding).code).toBe(130);
    expect(ran.code).toBe(11);
    expect(ran.stderr).toContain(`locked by tester on testhost (process ${process.pid}) since `);
  });

  test('130 where it was cancelled before it began', async () => {
    const ran = await run(['backup', join(home, 'files')], { signal: AbortSignal.abort() });
    expect(ran.code).toBe(130);
    expect(ran.stdout).toBe('');
  });
});

describe('with --json', () => {
  const lines: string[][] = [
    ['backup', '.', '-vv'],
    ['backup', '--dry-run', '.'],
    ['snapshots'],
    ['ls', 'latest', '-l'],
    ['find', '*'],
    ['stats'],
    ['check', '--read-data', '-vv'],
    ['diff', 'latest', 'latest'],
    ['restore', 'latest', '--dry-run', '-t', '/nowhere', '-vv'],
    ['key'],
    ['cat', 'config'],
    ['cat', 'snapshot', 'latest'],
    ['cat', 'tree', 'latest'],
    ['version'],
    ['help'],
    ['help', 'backup'],
    [],
    ['no-such-command'],
  ];
  test.each(lines.map((line) => [line]))('%j prints JSON lines on stdout and nothing else', async (line) => {
    const { stdout, json } = await run([...line, '--json'], { cwd: join(home, 'files') });
    for (const message of json) expect(typeof message).toBe('object');
    expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    if (line[0] !== 'no-such-command') expect(json.length).toBeGreaterThan(0);
  });
});

test('hostile names reach no terminal as they are', async () => {
  for (const line of [
    ['ls', 'latest'],
    ['ls', '-l', 'latest'],
    ['find', 'evil*'],
    ['backup', '.', '-vv', '--force'],
  ]) {
    const { stdout, stderr } = await run(line, { cwd: join(home, 'files') });
    expect(stdout).toContain('evil\\x1b[2J\\x0a');
    expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  }
});

describe('secrets', () => {
  test('are printed by no command, however it ends', async () => {
    const file = join(home, 'password');
    writeFileSync(file, 'another-secret\n');
    const lines = [
      ['init', '-r', join(home, 'other')],
      ['key', 'list', '-r', join(home, 'other'), '-vv'],
      ['key', 'add', '-r', join(home, 'other'), '--new-password-file', file, '-vv'],
      ['snapshots', '-r', join(home, 'nowhere'), '-vv'],
      ['snapshots', '-p', file, '-vv'],
      ['snapshots', '--password-command', `echo ${secret}-x`, '-vv'],
      ['cat', 'masterkey', '-vv'],
      ['snapshots', '--no-such', '-vv'],
    ];
    for (const line of lines) {
      for (const json of [[], ['--json']]) {
        const { stdout, stderr } = await run([...line, ...json]);
        expect(stdout + stderr).not.toMatch(/correct-horse-battery-staple(?!-x)|another-secret/);
      }
    }
    const { master } = { master: (await run(['cat', 'masterkey'])).stdout };
    expect(master).toBe('');
  });

  test('come from standard input where it is no terminal, but not beside data', async () => {
    const environment = { SLACKWATER_PASSWORD: '' };
    const asked = await run(['snapshots'], { environment, input: `${secret}\nmore` });
    expect([asked.code, asked.stderr]).toEqual([0, 'Reading the password from standard input.\n']);
    const none = await run(['snapshots'], { environment });
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('A password is needed');
    const data = await run(['backup', '--stdin'], { environment, input: 'data' });
    expect(data.code).toBe(1);
    expect(data.stderr).toContain('Standard input is what is backed up');
  });

  test('an empty one is only taken where that is said', async () => {
    const file = join(home, 'empty');
    writeFileSync(file, '\n');
    const place = join(home, 'open');
    const refused = await run(['init', '-r', place, '-p', file]);
    expect(refused.stderr).toContain('--insecure-no-password');
    const environment = { SLACKWATER_PASSWORD: '', SLACKWATER_REPOSITORY: place };
    expect((await run(['init', '--insecure-no-password'], { environment })).code).toBe(0);
    expect((await run(['snapshots', '--insecure-no-password'], { environment })).code).toBe(0);
  });
});

describe('what makes no sense is refused before anything is opened', () => {
  test.each([
    [['backup'], 'What to back up is missing'],
    [['backup', '--stdin', 'x'], 'With --stdin, no folders'],
    [['backup', '--stdin', '--files-from', 'x'], 'the only source'],
    [['backup', '--stdin-from-command'], 'The command is missing'],
    [['backup', '--stdin', '--stdin-filename', '..'], 'must name a file'],
    [['backup', '.', '--time', 'soon'], '"soon" is not a time'],
    [['backup', '.', '--pack-size', '1'], '4 to 128'],
    [['backup', '.', '--exclude', '[a'], 'The pattern "[a" is not valid'],
    [['backup', '.', '-q', '-v'], '--quiet and --verbose'],
    [['restore', 'latest'], 'Where to restore to is missing'],
    [['restore', '-t', 'x'], 'The snapshot is missing'],
    [['restore', 'latest', '-t', 'x', '--in-place'], 'exclude each other'],
    [['restore', 'latest', '-t', 'x', '-i', 'a', '-e', 'b'], 'cannot go together'],
    [['ls'], 'The snapshot is missing'],
    [['ls', 'latest', 'relative'], 'begin with a slash'],
    [['find'], 'What to find is missing'],
    [['find', '--blob', '--tree', 'x'], 'exclude each other'],
    [['diff', 'latest'], 'The second snapshot is missing'],
    [['check', 'x'], 'one argument too many'],
    [['check', '--read-data', '--read-data-subset', '1/2'], 'exclude each other'],
    [['check', '--read-data-subset', '3/2'], 'not a subset'],
    [['check', '--read-data-subset', '0%'], 'not a subset'],
    [['check', '--read-data-subset', 'some'], 'not a subset'],
    [['cat'], 'What to print is missing'],
    [['cat', 'everything'], '"everything" cannot be printed'],
    [['cat', 'snapshot'], 'The id is missing'],
    [['key', 'destroy'], 'There is no `key destroy`'],
    [['key', 'list', '--user', 'x'], 'makes no key'],
    [['snapshots', '--group-by', 'colour'], 'not "colour"'],
    [['stats', '--mode', 'guess'], '--mode takes one of'],
  ])('%j', async (args, why) => {
    const ran = await run(args, { cwd: home });
    expect(ran.stdout).toBe('');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(why);
    expect(readdirSync(join(repo, 'locks'))).toEqual([]);
  });
});

test('a command that fails makes no snapshot, one that succeeds does', async () => {
  const count = (): number => readdirSync(join(repo, 'snapshots')).length;
  const before = count();
  const failed = await run(['backup', '--stdin-from-command', '--', 'sh', '-c', 'echo half; exit 7']);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('"sh" failed (it ended with code 7)');
  const absent = await run(['backup', '--stdin-from-command', '--', 'no-such-program-at-all']);
  expect(absent.stderr).toContain('there is no such program');
  expect(count()).toBe(before);
  const made = await run([
    'backup',
    '-q',
    '--stdin-from-command',
    '--stdin-filename',
    'db/dump',
    '--',
    'echo',
    '-n',
    'x',
  ]);
  expect([made.code, made.stdout, made.stderr]).toEqual([0, '', '']);
  expect((await run(['ls', 'latest', '-q'])).stdout).toBe('/db\n/db/dump\n');
});

test('a command may go on after its last byte, and how it ends still counts', async () => {
  const backup = ['backup', '-q', '--stdin-from-command', '--', 'sh', '-c'];
  const before = readdirSync(join(repo, 'snapshots')).length;
  const failed = await run([...backup, 'echo all; exec >&-; sleep 0.5; exit 7']);
  expect(failed.stderr).toContain('"sh" failed (it ended with code 7)');
  expect(readdirSync(join(repo, 'snapshots'))).toHaveLength(before);
  const made = await run([...backup, 'echo all; exec >&-; sleep 0.5']);
  expect([made.code, made.stdout, made.stderr]).toEqual([0, '', '']);
});

test('standard input becomes a file, and comes back as it was', async () => {
  expect((await run(['backup', '--stdin', '--tag', 'piped'], { input: 'from a pipe' })).code).toBe(0);
  const [node] = (await run(['find', '--tag', 'piped', '--json', 'stdin'])).json as unknown as {
    matches: { size: number }[];
  }[][];
  expect(node?.[0]?.matches).toMatchObject([{ path: '/stdin', size: 11 }]);
});

test('lists name what to back up', async () => {
  const list = join(home, 'list');
  writeFileSync(list, '# comment\nfiles/a*\nnothing*\n');
  const ran = await run(['backup', '--files-from', list, '--json', '--dry-run'], { cwd: home });
  expect(ran.code).toBe(0);
  expect(ran.stderr).toContain('"nothing*" in --files-from matches nothing');
  expect(ran.json.at(-1)).toMatchObject({ total_files_processed: 1, dry_run: true });
  const raw = await run(['backup', '--files-from-raw', '-', '--dry-run'], { cwd: home, input: 'files/a' });
  expect(raw.stderr).toContain('does not end in a zero byte');
});

test('time, host and tags are those that were given', async () => {
  const options = ['--time', '2012-11-01 22:08:41', '--host', 'elsewhere', '--tag', 'a, b', '--tag', 'c'];
  expect((await run(['backup', join(home, 'files'), ...options])).code).toBe(0);
  const [found] = (await run(['snapshots', '--host', 'elsewhere', '--json'])).json as unknown as Record<
    string,
    unknown
  >[][];
  expect(found).toHaveLength(1);
  expect(found?.[0]).toMatchObject({
    hostname: 'elsewhere',
    tags: ['a', 'b', 'c'],
    program_version: 'slackwater 0.1.0',
  });
  expect(Date.parse(String(found?.[0]?.time))).toBe(new Date(2012, 10, 1, 22, 8, 41).getTime());
  const environment = { SLACKWATER_HOST: 'elsewhere' };
  expect((await run(['snapshots', '--json'], { environment })).json[0]).toHaveLength(1);
  expect((await run(['snapshots', '--json', '--host', ''], { environment })).json[0]).not.toHaveLength(1);
  const unnamed = ['backup', join(home, 'files'), '--host', '', '--tag', 'unnamed'];
  await run(unnamed, { environment });
  const [own] = (await run(['snapshots', '--tag', 'unnamed', '--json'])).json as unknown as {
    hostname: string;
  }[][];
  expect(own?.[0]?.hostname).toMatch(/./);
});

test('a dry run of a restore claims neither work nor time', async () => {
  const ran = await run(['restore', 'latest', '--target', join(home, 'nowhere'), '--dry-run']);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toMatch(/^Would restore \d+ entr(?:y|ies), [\d.]+ \w+\n$/);
  expect(existsSync(join(home, 'nowhere'))).toBe(false);
});

test('a repository that is damaged is told, item by item, and ends with 1', async () => {
  const place = join(home, 'damaged');
  const environment = { SLACKWATER_REPOSITORY: place };
  await run(['init'], { environment });
  await run(['backup', join(home, 'files')], { environment });
  for (const folder of readdirSync(join(place, 'data')))
    rmSync(join(place, 'data', folder), { recursive: true });
  const ran = await run(['check'], { environment });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/^error: pack [0-9a-f]{8} is missing: what was in it is lost$/m);
  expect(ran.stderr.trimEnd().split('\n').at(-1)).toContain('The repository is damaged');
  const json = await run(['check', '--json'], { environment });
  expect(json.json).toMatchObject([{ message_type: 'summary', suggest_prune: false }]);
  expect(jsonLines(json.stderr)[0]).toMatchObject({ message_type: 'error', code: 'pack-missing' });
});
