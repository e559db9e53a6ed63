/** What our jobs say about a repository that restic made, and what restic says about it. */
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLocalBackend } from '../../engine/backend/local.ts';
import { type ByteString, fromText, toText } from '../../engine/base/byte-string.ts';
import { silentLog } from '../../engine/base/log.ts';
import { Secret } from '../../engine/base/secret.ts';
import { listTree } from '../../engine/job/browse.ts';
import { type CatKind, catObject } from '../../engine/job/cat.ts';
import { runCheck } from '../../engine/job/check.ts';
import type { ReadData } from '../../engine/job/check-select.ts';
import { diffTrees } from '../../engine/job/diff.ts';
import { findFiles } from '../../engine/job/find.ts';
import { chooseObjects, findObjects } from '../../engine/job/find-objects.ts';
import { addKey, changePassword, listKeyFacts } from '../../engine/job/keys.ts';
import { selectSnapshots } from '../../engine/job/select-snapshots.ts';
import { countStats, type StatsMode, statsModes } from '../../engine/job/stats.ts';
import type { CheckFinding, CheckSummary } from '../../engine/protocol/check-news.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { initRepository, openRepository, type Repository } from '../../engine/repo/repository.ts';
import type { NamedSnapshot } from '../../engine/repo/snapshots.ts';
import { parseSnapshotPath, resolveFolder } from '../../engine/repo/tree-path.ts';
import { realClock, realCompute } from '../../engine/worker/real-world.ts';
import { seededChance } from '../support/fixed-world.ts';
import { describeWithPeers } from '../support/peers.ts';
import { type ResticEnded, runRestic } from '../support/restic.ts';
import { collect } from '../support/stored-trees.ts';
import { makeStrangeTree } from '../support/strange-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const password = 'secret';
const host = { hostname: 'h', username: 'u', uid: 0, gid: 0, pid: 1 };
const compute = realCompute();
const world = { clock: realClock, chance: seededChance('read jobs'), log: silentLog, host, compute };
const cheap = { kdfCost: { N: 1024, r: 1, p: 1 } };

/** restic's own keys take half a second each time they are tried; ours need not. All that is in it is restic's. */
async function initCheap(version: 1 | 2): Promise<string> {
  const repo = join(temporaryFolder('repo'), 'repo');
  await initRepository(openLocalBackend(repo, world.chance), new Secret(password), world, {
    version,
    ...cheap,
  });
  return repo;
}

async function makeRepository(version: 1 | 2, source: string): Promise<string> {
  const repo = await initCheap(version);
  const big = seededChance('big').bytes(3_000_000);
  makeStrangeTree(source);
  mkdirSync(join(source, 'docs/deep'), { recursive: true });
  writeFileSync(join(source, 'docs/report.txt'), 'first');
  writeFileSync(join(source, 'docs/deep/Report.TXT'), 'first');
  writeFileSync(join(source, 'docs/gone.bin'), big);
  writeFileSync(join(source, 'docs/copy.bin'), big);
  await succeed(repo, 'backup', '--tag', 'one', source);
  writeFileSync(join(source, 'docs/report.txt'), 'second');
  chmodSync(join(source, 'docs/deep/Report.TXT'), 0o600);
  rmSync(join(source, 'docs/gone.bin'));
  mkdirSync(join(source, 'docs/gone.bin'));
  writeFileSync(join(source, 'docs/late.txt'), 'late');
  await succeed(repo, 'backup', '--compression', version === 1 ? 'auto' : 'off', source);
  return repo;
}

async function succeed(repo: string, ...args: string[]): Promise<ResticEnded> {
  const done = await runRestic(args, { repo, password });
  expect(done.stderr.replace(/^warning: .*$/gm, '').trim()).toBe('');
  expect(done.code).toBe(0);
  return done;
}

async function open(repo: string, secret = password): Promise<Repository> {
  return await openRepository(openLocalBackend(repo, world.chance), new Secret(secret), world);
}

const text = (path: ByteString): string => toText(path);

describeWithPeers(['restic'], 'a repository of restic', () => {
  describe.each([1, 2] as const)('of version %d', (version) => {
    let source: string;
    let repo: string;
    let repository: Repository;
    let older: NamedSnapshot;
    let newer: NamedSnapshot;

    beforeAll(async () => {
      source = temporaryFolder('source');
      repo = await makeRepository(version, source);
      repository = await open(repo);
      [older, newer] = (await selectSnapshots(repository, [])) as [NamedSnapshot, NamedSnapshot];
    });

    it.each<{ args: string[] }>([
      { args: [] },
      { args: ['/docs'] },
      { args: ['/docs', '--recursive'] },
      { args: ['/', '/docs/deep'] },
      { args: ['/docs/report.txt'] },
    ])('lists the same: $args', async ({ args }) => {
      const root = { path: fromText(source), paths: args.filter((arg) => arg.startsWith('/')) };
      const lines = (await succeed(repo, 'ls', '--json', `${newer.id}:${source}`, ...args)).jsonLines<{
        path: string;
        inode?: number;
        size?: number;
        message_type: string;
      }>();
      const index = await loadIndex(repository);
      const tree = await resolveFolder(repository, index, newer.tree, root.path);
      const options = { paths: root.paths.map(fromText), recursive: args.includes('--recursive') };
      const listed = await collect(listTree(repository, index, tree, options));
      const nodes = lines.filter((line) => line.message_type === 'node');
      expect(nodes.length).toBeGreaterThan(0);
      expect(listed.map(({ path }) => text(path))).toEqual(nodes.map(({ path }) => path));
      expect(listed.map(({ node }) => node.size)).toEqual(nodes.map(({ size = 0 }) => size));
    });

    it.each<{ args: [string, ...string[]] }>([
      { args: ['report.txt'] },
      { args: ['*.txt', 'deep'] },
      { args: ['--ignore-case', 'REPORT.*'] },
      { args: ['docs/*/R*'] },
      { args: ['[d-e]*'] },
      { args: ['*'] },
    ])('finds the same: $args', async ({ args }) => {
      interface Found {
        readonly snapshot: string;
        readonly matches: { readonly path: string }[];
      }
      const theirs = (await succeed(repo, 'find', '--json', ...args)).json<Found[]>();
      const index = await loadIndex(repository);
      const ignoreCase = args[0] === '--ignore-case';
      const patterns = args.slice(ignoreCase ? 1 : 0).map(fromText);
      const found = await collect(
        findFiles(repository, index, [newer, older], { patterns, ignoreCase }, () => {}),
      );
      const expected = theirs.flatMap(({ snapshot, matches }) =>
        matches.map(({ path }) => `${snapshot} ${path}`),
      );
      expect(expected.length).toBeGreaterThan(0);
      expect(found.map(({ snapshot, path }) => `${snapshot.id} ${text(path)}`)).toEqual(expected);
    });

    it('finds the same uses of blobs, trees and packs', async () => {
      interface Found {
        readonly object_type: string;
        readonly id: string;
        readonly path: string;
        readonly parent_tree?: string;
        readonly snapshot: string;
      }
      const index = await loadIndex(repository);
      const blobs = [...index.blobs()];
      const data = blobs.find(({ type }) => type === 'data')!;
      const asked = [
        ['blob', data.id],
        ['blob', data.id.slice(0, 8)],
        ['tree', newer.tree],
        ['pack', data.packId],
      ] as const;
      for (const [kind, id] of asked) {
        const theirs = (await succeed(repo, 'find', '--json', `--${kind}`, id)).json<Found[]>();
        const chosen = chooseObjects(index, kind, [id]);
        const found = await collect(findObjects(repository, index, [newer, older], chosen, () => {}));
        const ours = found.map((each) => ({
          object_type: each.kind,
          id: each.id,
          path: text(each.path),
          ...(each.parentTree === undefined ? {} : { parent_tree: each.parentTree }),
          snapshot: each.snapshot.id,
        }));
        expect(theirs.length).toBeGreaterThan(0);
        expect(ours).toEqual(theirs.map(({ ...each }) => ({ ...each, time: undefined })));
      }
    });

    it.each([
      ['latest', false],
      ['latest', true],
      ['latest:/docs', true],
    ] as const)('sees the same differences: %s, metadata %s', async (name, metadata) => {
      const { path: below } = parseSnapshotPath(fromText(name));
      const path = fromText(below === '/' ? '/' : source + below);
      const [a, b] = [older, newer].map(({ id }) => (path === '/' ? id : `${id}:${path}`)) as [
        string,
        string,
      ];
      const args = metadata ? ['diff', '--json', '--metadata', a, b] : ['diff', '--json', a, b];
      const lines = (await succeed(repo, ...args)).jsonLines<Record<string, unknown>>();
      const index = await loadIndex(repository);
      const changes: unknown[] = [];
      const listener = {
        change: (change: { path: ByteString; modifier: string }) =>
          void changes.push({ message_type: 'change', path: text(change.path), modifier: change.modifier }),
        failed: () => expect.unreachable(),
      };
      const trees = [];
      for (const { tree } of [older, newer]) trees.push(await resolveFolder(repository, index, tree, path));
      const stats = await diffTrees(repository, index, trees[0]!, trees[1]!, listener, { metadata });
      const counts = ({ dataBlobs, treeBlobs, ...rest }: typeof stats.added) => ({
        ...rest,
        data_blobs: dataBlobs,
        tree_blobs: treeBlobs,
      });
      expect(changes.length).toBeGreaterThan(2);
      expect(changes).toEqual(lines.slice(0, -1));
      expect(lines.at(-1)).toMatchObject({
        changed_files: stats.changedFiles,
        added: counts(stats.added),
        removed: counts(stats.removed),
      });
    });

    it.each(statsModes)('counts the same: %s', async (mode: StatsMode) => {
      for (const names of [[], [older.id]]) {
        const theirs = (await succeed(repo, 'stats', '--json', '--mode', mode, ...names)).json<
          Record<string, number>
        >();
        const snapshots = await selectSnapshots(repository, names);
        const { compression, ...stats } = await countStats(
          repository,
          await loadIndex(repository),
          snapshots,
          mode,
        );
        const ours = {
          total_size: stats.totalBytes,
          snapshots_count: stats.snapshots,
          total_file_count: stats.files,
          total_blob_count: stats.blobs,
          total_uncompressed_size: compression?.uncompressedBytes,
          compression_ratio: compression?.ratio,
          compression_progress: compression?.progressPercent,
          compression_space_saving: compression?.spaceSavingPercent,
        };
        expect(ours).toEqual({ ...ours, ...theirs });
      }
    });

    it('prints the same', async () => {
      const index = await loadIndex(repository);
      const [blob] = index.blobs();
      const [indexFile] = readdirSync(join(repo, 'index'));
      const [key] = readdirSync(join(repo, 'keys'));
      const asked: [CatKind, ...string[]][] = [
        ['config'],
        ['snapshot', older.id],
        ['snapshot', newer.id.slice(0, 8)],
        ['index', indexFile!],
        ['key', key!],
        ['blob', blob!.id],
        ['blob', older.tree],
        ['pack', blob!.packId],
        ['tree', `${older.id}:${source}/docs`],
      ];
      for (const [kind, name = ''] of asked) {
        const theirs = await succeed(repo, 'cat', kind, ...(name === '' ? [] : [name]));
        const ours = Buffer.concat(await collect(catObject(repository, kind, fromText(name))));
        expect(ours.equals(theirs.bytes), `${kind} ${name}\n${ours}\n${theirs.stdout}`).toBe(true);
      }
    });

    it('is found whole by both', async () => {
      const theirs = await runRestic(['check', '--read-data', '--json'], { repo, password });
      expect(theirs.code).toBe(0);
      const { findings, summary } = await check(repository, { read: 'all' });
      expect(findings).toEqual([]);
      expect(summary.packsRead).toBe([...new Set((await loadIndex(repository)).packIds())].length);
      expect(resticSummary(summary)).toEqual(theirs.jsonLines<{ message_type: string }>().at(-1));
    });

    it('opens with a password that we added or changed, and no longer with the old one', async () => {
      const added = await addKey(repository, new Secret('second'), cheap);
      const keys = (await runRestic(['key', 'list', '--json'], { repo, password: 'second' })).json<
        { id: string; current: boolean; userName: string }[]
      >();
      const facts = await listKeyFacts(repository);
      expect(
        new Set(facts.map(({ id }) => added.startsWith(keys.find((k) => id.startsWith(k.id))!.id))),
      ).toEqual(new Set([true, false]));
      expect(keys.find(({ current }) => current)).toMatchObject({ userName: 'u' });
      await changePassword(await open(repo, 'second'), new Secret('third'), cheap);
      expect((await runRestic(['cat', 'config'], { repo, password: 'third' })).code).toBe(0);
      expect((await runRestic(['cat', 'config'], { repo, password: 'second' })).code).toBe(12);
    });
  });

  it.each(['truncate', 'flip', 'remove', 'index', 'snapshot', 'orphan'])(
    'calls the same repository damaged: %s',
    async (what) => {
      const repo = await initCheap(2);
      const source = temporaryFolder('source');
      writeFileSync(join(source, 'file'), seededChance(what).bytes(100_000));
      await succeed(repo, 'backup', source);
      const repository = await open(repo);
      const index = await loadIndex(repository);
      const [{ packId } = { packId: '' }] = [...index.blobs()].filter(({ type }) => type === 'data');
      const pack = join(repo, 'data', packId.slice(0, 2), packId);
      const bytes = Buffer.from(await repository.backend.load({ type: 'pack', name: packId }));
      const spoil: Record<string, () => void> = {
        truncate: () => replace(pack, bytes.subarray(0, 5000)),
        flip: () => {
          bytes[1000]! ^= 4;
          replace(pack, bytes);
        },
        remove: () => rmSync(pack),
        index: () =>
          replace(join(repo, 'index', readdirSync(join(repo, 'index'))[0]!), Buffer.from('rubbish')),
        snapshot: () =>
          replace(join(repo, 'snapshots', readdirSync(join(repo, 'snapshots'))[0]!), Buffer.from('rubbish')),
        orphan: () => replace(join(repo, 'data/00', '00'.repeat(32)), bytes),
      };
      spoil[what]!();
      const theirs = await runRestic(['check', '--read-data', '--json'], { repo, password });
      const { summary } = await check(repository, { read: 'all' });
      const said = theirs.jsonLines<{ message_type: string; num_errors: number }>().at(-1)!;
      const { num_errors: ours, ...rest } = resticSummary(summary);
      expect(rest).toEqual({ ...said, num_errors: undefined });
      // We count each thing that is wrong, restic at times several as one; both agree on whether there is any.
      expect(ours > 0).toBe(theirs.code === 1);
    },
  );
});

function replace(path: string, bytes: Uint8Array): void {
  rmSync(path, { force: true });
  writeFileSync(path, bytes);
}

async function check(
  repository: Repository,
  readData: ReadData,
): Promise<{ findings: CheckFinding[]; summary: CheckSummary }> {
  const findings: CheckFinding[] = [];
  const listener = { finding: (each: CheckFinding) => void findings.push(each), progress: () => {} };
  const request = { readData, noLock: false, lockRetryMs: 0 };
  const summary = await runCheck(repository, request, listener, new AbortController().signal);
  return { findings, summary };
}

function resticSummary({ errors, brokenPacks, suggestRepairIndex, suggestPrune }: CheckSummary) {
  return {
    message_type: 'summary',
    num_errors: errors,
    broken_packs: brokenPacks.length === 0 ? null : brokenPacks,
    suggest_repair_index: suggestRepairIndex,
    suggest_prune: suggestPrune,
  };
}
