import { beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { idOf } from '../../engine/format/id.ts';
import { encodeIndex, type IndexedPack } from '../../engine/format/index-file.ts';
import { encodePackHeader } from '../../engine/format/pack-header.ts';
import { runCheck } from '../../engine/job/check.ts';
import type { CheckFinding, CheckProgress, CheckSummary } from '../../engine/protocol/check-news.ts';
import { listIndexFiles } from '../../engine/repo/load-index.ts';
import { CheckedRepository, readAll } from '../support/checked-repository.ts';
import { keyOf } from '../support/memory-backend.ts';
import { saveFile } from '../support/save-file.ts';
import { makeNode } from '../support/stored-trees.ts';

const missing = 'ab'.repeat(32);
const theirs = { time: '2024-05-06T07:08:09Z', exclusive: false, hostname: 'h', username: 'u', pid: 1 };
let made: CheckedRepository;

/** What is told: the codes of findings, and phases. */
function checkUnderLock(): { checked: Promise<CheckSummary>; told: string[] } {
  const told: string[] = [];
  const listener = {
    finding: ({ code }: CheckFinding) => void told.push(code),
    progress: ({ phase }: CheckProgress) => void told.push(phase),
  };
  const request = { readData: readAll, noLock: false, lockRetryMs: 0 };
  return { checked: runCheck(made.repository, request, listener, new AbortController().signal), told };
}

beforeEach(async () => {
  made = await CheckedRepository.make();
});

describe('a repository that is whole', () => {
  it('has no findings, and every pack is read', async () => {
    await made.fill();
    const { summary, findings, progress } = await made.check(readAll);
    expect(findings).toEqual([]);
    let bytes = 0;
    for await (const { sizeBytes } of made.backend.list('pack')) bytes += sizeBytes;
    expect(summary).toEqual({
      errors: 0,
      hints: 0,
      brokenPacks: [],
      suggestRepairIndex: false,
      suggestPrune: false,
      packsRead: 3,
      bytesRead: bytes,
    });
    expect(progress.at(-1)).toMatchObject({
      phase: 'data',
      done: 3,
      total: 3,
      bytesDone: bytes,
      bytesTotal: bytes,
    });
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(['index', 'packs', 'snapshots', 'data']);
  });

  it('may be empty', async () => {
    expect((await made.check(readAll)).findings).toEqual([]);
  });

  it('is checked without being changed, under an exclusive lock that is given back', async () => {
    await made.fill();
    const before = [...made.backend.files.keys()];
    const locks: string[] = [];
    made.backend.before = (operation, { type }) => {
      if (operation !== 'list' && type === 'lock') locks.push(operation);
      if (operation === 'load' && type === 'pack')
        expect([...made.backend.files.keys()].length).toBe(before.length + 1);
    };
    const listener = { finding: () => {}, progress: () => {} };
    const request = { readData: readAll, noLock: false, lockRetryMs: 0 };
    const checked = runCheck(made.repository, request, listener, new AbortController().signal);
    await made.repository.world.clock.advance(1000);
    expect((await checked).errors).toBe(0);
    expect(locks).toEqual(['save', 'load', 'remove']);
    expect([...made.backend.files.keys()]).toEqual(before);
  });

  it('is not checked while somebody else works in it', async () => {
    await saveFile(made.repository, 'lock', JSON.stringify(theirs));
    const { checked } = checkUnderLock();
    await expect(checked).rejects.toMatchObject({ code: 'repository-locked' });
  });

  it('is read while the lock settles, and what was found is told once it is held', async () => {
    await made.fill();
    await saveFile(made.repository, 'index', 'rubbish');
    const { clock } = made.repository.world;
    const { checked, told } = checkUnderLock();
    await clock.advance(limits.lockSettleMs / 2);
    expect(made.backend.asked.filter((each) => each.startsWith('load pack/'))).not.toEqual([]);
    expect(told).toEqual([]);
    await clock.advance(1000);
    expect(await checked).toMatchObject({ errors: 1, packsRead: 3 });
    expect(told).toContain('index-unreadable');
  });

  it('tells nothing of what it read where somebody else turns out to work in it', async () => {
    await made.fill();
    await saveFile(made.repository, 'index', 'rubbish');
    const { clock } = made.repository.world;
    const { checked, told } = checkUnderLock();
    checked.catch(() => undefined);
    await clock.advance(limits.lockSettleMs / 2);
    await saveFile(made.repository, 'lock', JSON.stringify(theirs));
    await clock.advance(1000);
    await expect(checked).rejects.toMatchObject({ code: 'repository-locked' });
    expect(told).toEqual([]);
  });
});

describe('indexes and packs', () => {
  it('finds an index that cannot be read, and goes on', async () => {
    await made.fill();
    await saveFile(made.repository, 'index', '{"packs":[{"id":"nonsense"}]}');
    const { summary, findings, codes } = await made.check(readAll);
    expect(codes).toEqual(['error index-unreadable']);
    expect(findings[0]?.detail.why).toContain('64 hex digits');
    expect(summary).toMatchObject({ errors: 1, suggestRepairIndex: true, packsRead: 3 });
  });

  it('never suggests a prune where an index cannot be read: its packs would be removed', async () => {
    await made.fill();
    const [id] = await listIndexFiles(made.repository);
    made.backend.files.set(keyOf({ type: 'index', name: id! }), Buffer.from('rubbish'));
    const { summary, codes } = await made.check();
    expect(codes).toContain('hint pack-unreferenced');
    expect(summary).toMatchObject({ suggestRepairIndex: true, suggestPrune: false });
  });

  it('finds a pack that is missing, and what is lost with it', async () => {
    await made.fill();
    const [id] = made.packIds('data');
    made.backend.files.delete(keyOf({ type: 'pack', name: id! }));
    const { findings } = await made.check(readAll);
    // The index still names its blobs: what restic says, too.
    expect(findings).toEqual([{ severity: 'error', code: 'pack-missing', detail: { pack: id } }]);
  });

  it('finds a pack that was cut short', async () => {
    await made.fill();
    const [id] = made.packIds('data');
    const bytes = made.packBytes(id!);
    made.putPack(id!, bytes.subarray(0, -100));
    const { summary, findings } = await made.check();
    expect(findings).toEqual([
      {
        severity: 'error',
        code: 'pack-size',
        detail: { pack: id, sizeBytes: bytes.length - 100, expectedBytes: bytes.length },
      },
    ]);
    expect(summary.brokenPacks).toEqual([id]);
  });

  it('mentions a pack that no index names', async () => {
    await made.fill();
    made.putPack(missing, Buffer.from('left behind'));
    const { summary, codes } = await made.check(readAll);
    expect(codes).toEqual(['hint pack-unreferenced']);
    expect(summary).toMatchObject({ errors: 0, hints: 1, suggestPrune: true, packsRead: 3 });
  });

  it('mentions a pack that stands in two index files with the same content, in whatever order', async () => {
    await made.fill();
    const { packs } = await made.indexedPacks();
    const [first] = packs;
    await saveFile(made.repository, 'index', encodeIndex([{ ...first!, blobs: first!.blobs.toReversed() }]));
    const { summary, codes } = await made.check(readAll);
    expect(codes).toEqual(['hint pack-in-several-indexes']);
    expect(summary).toMatchObject({ errors: 0, suggestRepairIndex: true });
  });

  it('finds entries of one pack that differ', async () => {
    await made.fill();
    const { packs } = await made.indexedPacks();
    const tree = packs.find(({ blobs }) => blobs.length > 1)!;
    await saveFile(made.repository, 'index', encodeIndex([{ ...tree, blobs: tree.blobs.slice(1) }]));
    const { summary, codes } = await made.check();
    expect(codes).toContain('error pack-entries-differ');
    expect(summary.brokenPacks).toEqual([tree.id]);
  });

  it('finds every blob of a pack whose blobs stand in two entries', async () => {
    await made.fill();
    const { id, packs } = await made.indexedPacks();
    const tree = packs.find(({ blobs }) => blobs.length > 1)!;
    const others = packs.filter((pack) => pack !== tree);
    await saveFile(
      made.repository,
      'index',
      encodeIndex([...others, { ...tree, blobs: tree.blobs.slice(1) }]),
    );
    await saveFile(made.repository, 'index', encodeIndex([{ ...tree, blobs: tree.blobs.slice(0, 1) }]));
    await made.backend.remove({ type: 'index', name: id });
    const { codes } = await made.check();
    expect(codes).toContain('error pack-entries-differ');
    expect(codes.filter((code) => /missing/.test(code))).toEqual([]);
  });

  it('mentions data and trees in one pack', async () => {
    await made.fill();
    const { id, packs } = await made.indexedPacks();
    const mixed = await mixPack(packs);
    await saveFile(made.repository, 'index', encodeIndex([...packs, mixed]));
    await made.backend.remove({ type: 'index', name: id });
    const { summary, codes } = await made.check(readAll);
    expect(codes).toEqual(['hint pack-mixed']);
    expect(summary).toMatchObject({ errors: 0, suggestPrune: true });
  });

  /** A pack of one data and one tree blob, copied from others. */
  async function mixPack(packs: readonly IndexedPack[]): Promise<IndexedPack> {
    const parts: Buffer[] = [];
    const blobs = [];
    let offset = 0;
    for (const type of ['data', 'tree'] as const) {
      const pack = packs.find((each) => each.blobs[0]?.type === type)!;
      const blob = pack.blobs[0]!;
      parts.push(made.packBytes(pack.id).subarray(blob.offset, blob.offset + blob.length));
      blobs.push({ ...blob, offset });
      offset += blob.length;
    }
    const bytes = Buffer.concat([
      ...parts,
      encodePackHeader(made.repository.key, blobs, made.repository.world.chance),
    ]);
    const id = idOf(bytes);
    made.putPack(id, bytes);
    return { id, blobs };
  }
});

describe('snapshots and trees', () => {
  it('finds a snapshot that cannot be read, and checks the others', async () => {
    await made.fill();
    await saveFile(made.repository, 'snapshot', '{"tree":"nonsense"}');
    expect((await made.check()).codes).toEqual(['error snapshot-unreadable']);
  });

  it('finds trees that are missing or malformed', async () => {
    const lost = makeNode('lost', { type: 'dir', subtree: missing });
    const broken = makeNode('broken', { type: 'dir', subtree: made.stored.blob('{"nodes":[{}]}\n', 'tree') });
    const twice = made.stored.folder('twice', [makeNode('n'), makeNode('n')]);
    const unknown = makeNode('u', {
      type: 'dir',
      subtree: made.stored.blob('{"nodes":[{"name":"a","type":"door"}]}', 'tree'),
    });
    await made.stored.snapshot(made.stored.tree({ lost, broken, twice, unknown }));
    const { codes, findings } = await made.check();
    expect(codes).toEqual([...Array(3).fill('error tree-unreadable'), 'error tree-missing'].sort());
    expect(findings.find(({ code }) => code === 'tree-missing')?.detail).toEqual({ tree: missing });
  });

  it('finds files whose content is missing, or not as long as they are', async () => {
    const content = [missing, missing, made.stored.blob('abc')];
    const gone = makeNode('gone', { content, size: 9 });
    const long = made.stored.file('long', 'abc', { size: 4 });
    const tree = made.stored.tree({ gone, long });
    await made.stored.snapshot(tree);
    expect((await made.check()).findings).toEqual([
      { severity: 'error', code: 'blob-missing', detail: { tree, name: 'gone', blob: missing, count: 2 } },
      {
        severity: 'hint',
        code: 'size-differs',
        detail: { tree, name: 'long', sizeBytes: 4, contentBytes: 3 },
      },
    ]);
  });

  it('finds a folder without a tree', async () => {
    const bare = makeNode('bare', { type: 'dir' });
    await made.stored.snapshot(made.stored.tree({ bare }));
    expect((await made.check()).codes).toEqual(['error folder-without-tree']);
  });

  it.each(['', '.', '..', 'a/b', '../x', 'a\0b'])('finds a name that leads elsewhere: %j', async (name) => {
    await made.stored.snapshot(made.stored.tree([makeNode(name)]));
    expect((await made.check()).codes).toEqual(['error name-unsafe']);
  });

  it('finds a tree that lies too deep', async () => {
    let deep = made.stored.tree({});
    for (let i = 0; i < limits.treeDepthMax; i++)
      deep = made.stored.tree([makeNode('d', { type: 'dir', subtree: deep })]);
    await made.stored.snapshot(deep);
    expect((await made.check()).codes).toEqual(['error tree-too-deep']);
  });

  it('looks at a tree once, however many paths lead to it', async () => {
    let shared = made.stored.tree([makeNode('', {})]);
    for (let i = 0; i < 40; i++) {
      const [a, b] = ['a', 'b'].map((name) => makeNode(name, { type: 'dir', subtree: shared }));
      shared = made.stored.tree([a!, b!]);
    }
    await made.stored.snapshot(shared);
    await made.stored.snapshot(shared, { time: '2024-06-01T00:00:00Z' });
    expect((await made.check()).codes).toEqual(['error name-unsafe']);
  });
});
