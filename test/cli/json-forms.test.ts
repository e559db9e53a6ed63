/** What `--json` prints has restic's shape: every field that restic prints is there, with a value of the same type. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { describeWithPeers } from '../support/peers.ts';
import { runRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { cliWorld, jsonLines, type Ran } from './cli-world.ts';

type Json = Record<string, unknown>;

/** Fields of restic's that say what only restic is. */
const resticsOwn = new Set(['go_version', 'go_os', 'go_arch']);

/** Paths of the fields, as in `summary.files_new:number`; arrays by their first element. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [`${path}[]`] : shapeOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return [`${path}:${typeof value}`];
  return Object.entries(value).flatMap(([key, each]) =>
    resticsOwn.has(key) ? [] : shapeOf(each, `${path}.${key}`),
  );
}

function expectRestics(ours: unknown, restics: unknown): void {
  const have = shapeOf(ours);
  expect(shapeOf(restics).length).toBeGreaterThan(0);
  expect(have).toEqual(expect.arrayContaining(shapeOf(restics)));
}

describeWithPeers(['restic'], 'as restic', () => {
  let ours: (args: string[]) => Promise<Ran>;
  let restic: (args: string[]) => Promise<Json[]>;
  let files = '';
  let place = '';

  beforeAll(async () => {
    const home = temporaryFolder('json');
    const run = cliWorld(home);
    const repo = join(home, 'repo');
    place = repo;
    const password = 'p';
    const environment = { RESTIC_REPOSITORY: repo, RESTIC_PASSWORD: password };
    ours = async (args) => {
      const ran = await run([...args, '--json'], { environment });
      expect([args, ran.code, ran.stderr]).toEqual([args, 0, '']);
      return ran;
    };
    restic = async (args) => jsonLines((await runRestic([...args, '--json'], { repo, password })).stdout);
    files = join(home, 'files');
    mkdirSync(join(files, 'folder'), { recursive: true });
    writeFileSync(join(files, 'folder', 'file'), 'content');
    writeFileSync(join(files, 'empty'), '');
    symlinkSync('file', join(files, 'folder', 'link'));
    await ours(['init']);
    await ours(['backup', files, '--tag', 'one,two', '--exclude', '*.tmp']);
    writeFileSync(join(files, 'folder', 'file'), 'changed');
    writeFileSync(join(files, 'new'), 'new');
    await ours(['backup', files]);
  });

  test('init', async () => {
    const home = temporaryFolder();
    const environment = { RESTIC_PASSWORD: 'p' };
    const ran = await cliWorld(home)(['init', '-r', join(home, 'a'), '--json'], { environment });
    const { stdout } = await runRestic(['init', '--json'], { repo: join(home, 'b'), password: 'p' });
    expectRestics(ran.json[0], jsonLines(stdout)[0]);
  });

  test('version', async () =>
    expectRestics((await ours(['version'])).json[0], (await restic(['version']))[0]));

  test('backup', async () => {
    const theirs = (await restic(['backup', files])).at(-1);
    expectRestics((await ours(['backup', files])).json.at(-1), theirs);
    const [item] = (await restic(['backup', files, '-vv', '--host', 'testhost'])).filter(
      ({ action }) => action === 'unchanged',
    );
    const [own] = (await ours(['backup', files, '-vv'])).json.filter(({ action }) => action === 'unchanged');
    expectRestics(own, item);
    expect(own).toMatchObject({ message_type: 'verbose_status', item: item?.item });
  });

  test('a dry run', async () => {
    const theirs = (await restic(['backup', files, '--dry-run'])).at(-1);
    expect(theirs).toMatchObject({ dry_run: true });
    // The id that restic gives here is that of a snapshot that nobody has.
    const { snapshot_id: _none, ...told } = theirs!;
    expectRestics((await ours(['backup', files, '--dry-run'])).json.at(-1), told);
  });

  test('snapshots', async () => {
    const [theirs] = await restic(['snapshots']);
    const own = (await ours(['snapshots'])).json[0];
    expect(own).toEqual(theirs);
    const grouped = await restic(['snapshots', '--group-by', 'host,tags']);
    const ownGroups = (await ours(['snapshots', '--group-by', 'host,tags'])).json[0] as unknown as Json[];
    expect(ownGroups).toEqual(expect.arrayContaining(grouped[0] as unknown as Json[]));
    const latest = (await restic(['snapshots', '--latest', '1']))[0] as unknown as Json[];
    expect((await ours(['snapshots', '--latest', '1'])).json[0]).toEqual(latest);
  });

  test('ls', async () => {
    expect((await ours(['ls', 'latest'])).json).toEqual(await restic(['ls', 'latest']));
    expect((await ours(['ls', 'latest', join(files, 'folder')])).json.slice(1)).toEqual(
      (await restic(['ls', 'latest', join(files, 'folder')])).slice(1),
    );
  });

  test('find', async () => {
    const theirs = (await restic(['find', 'l*', 'f*']))[0];
    expectRestics((await ours(['find', 'l*', 'f*'])).json[0], theirs);
    expect((await ours(['find', 'no-such'])).stdout).toBe('[]\n');
    const tree = String((await ours(['ls', 'latest'])).json[0]?.tree);
    const trees = (await restic(['find', '--tree', tree]))[0];
    expect((await ours(['find', '--tree', tree])).json[0]).toEqual(trees);
  });

  test('diff', async () => {
    const ids = ((await ours(['snapshots'])).json[0] as unknown as { id: string }[]).map(({ id }) => id);
    const args = ['diff', '--metadata', ids[0]!, ids[1]!];
    const theirs = await restic(args);
    expect(theirs.at(-1)).toMatchObject({ message_type: 'statistics' });
    expect((await ours(args)).json).toEqual(theirs);
  });

  test.each(['restore-size', 'files-by-contents', 'blobs-per-file', 'raw-data'])(
    'stats in %s',
    async (mode) => {
      const args = ['stats', '--mode', mode];
      const theirs = await restic(args);
      const own = (await ours(args)).json;
      expectRestics(own, theirs);
      expect(own[0]).toMatchObject({
        total_size: theirs[0]?.total_size,
        snapshots_count: theirs[0]?.snapshots_count,
        ...('total_file_count' in theirs[0]! ? { total_file_count: theirs[0].total_file_count } : {}),
      });
    },
  );

  test('check', async () => {
    const theirs = (await restic(['check'])).at(-1);
    const own = (await ours(['check', '--read-data'])).json;
    expect(own).toEqual([expect.objectContaining({ message_type: 'summary', num_errors: 0 })]);
    expectRestics(own[0], theirs);
  });

  test('restore', async () => {
    const theirs = await restic(['restore', 'latest', '--target', temporaryFolder(), '-vv']);
    const own = (await ours(['restore', 'latest', '--target', temporaryFolder(), '-vv'])).json;
    expectRestics(own.at(-1), theirs.at(-1));
    const file = (message: Json): boolean => String(message.item).endsWith('/folder/file');
    expect(own.find(file)).toEqual(theirs.find(file));
  });

  test('key list', async () => {
    expect((await ours(['key', 'list'])).json).toEqual(await restic(['key', 'list']));
  });

  test('cat', async () => {
    const { stdout } = await runRestic(['cat', 'config'], { repo: place, password: 'p' });
    expect((await ours(['cat', 'config'])).json).toEqual([JSON.parse(stdout)]);
  });
});
