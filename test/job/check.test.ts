import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import { limits } from '../../engine/base/limits.ts';
import { type Id, idOf } from '../../engine/format/id.ts';
import { encodeIndex, type IndexedPack } from '../../engine/format/index-file.ts';
import {
  decodePackHeader,
  encodePackHeader,
  headerBytesAtEnd,
  type PackBlob,
} from '../../engine/format/pack-header.ts';
import { seal } from '../../engine/format/seal.ts';
import { runCheck } from '../../engine/job/check.ts';
import { checkIndexes } from '../../engine/job/check-index.ts';
import { checkPacks } from '../../engine/job/check-packs.ts';
import type { ReadData } from '../../engine/job/check-select.ts';
import { CheckTelling } from '../../engine/job/check-telling.ts';
import type { CheckFinding, CheckProgress, CheckSummary } from '../../engine/protocol/check-news.ts';
import { listIndexFiles, loadIndexFile } from '../../engine/repo/load-index.ts';
import { saveFile } from '../../engine/repo/unpacked-files.ts';
import { keyOf, MemoryBackend } from '../support/memory-backend.ts';
import { makeNode, StoredTrees } from '../support/stored-trees.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let backend: MemoryBackend;
let repository: TestRepository;
let stored: StoredTrees;
const missing = 'ab'.repeat(32);

beforeEach(async () => {
  backend = new MemoryBackend();
  repository = await testRepository({ backend });
  stored = new StoredTrees(repository, 40_000);
});

/** Some data packs, one tree pack, one index file, one snapshot. */
async function fill(): Promise<void> {
  const bytes = (): Uint8Array => repository.world.chance.bytes(30_000);
  await stored.snapshot(stored.tree({ a: { big: bytes(), small: 'x' }, b: bytes(), c: bytes(), d: bytes() }));
}

interface Checked {
  readonly summary: CheckSummary;
  readonly findings: CheckFinding[];
  /** `severity code`, sorted. */
  readonly codes: string[];
  readonly progress: CheckProgress[];
}

async function check(
  readData: ReadData = { read: 'none' },
  signal = new AbortController().signal,
): Promise<Checked> {
  const findings: CheckFinding[] = [];
  const progress: CheckProgress[] = [];
  const listener = {
    finding: (finding: CheckFinding) => void findings.push(finding),
    progress: (each: CheckProgress) => void progress.push(each),
  };
  const request = { readData, noLock: true, lockRetryMs: 0 };
  const summary = await runCheck(repository, request, listener, signal);
  return {
    summary,
    findings,
    codes: findings.map(({ severity, code }) => `${severity} ${code}`).sort(),
    progress,
  };
}

const all: ReadData = { read: 'all' };

function packIds(type: 'data' | 'tree'): Id[] {
  return [
    ...new Set([...stored.index.blobs()].filter((blob) => blob.type === type).map(({ packId }) => packId)),
  ];
}

function packBytes(id: Id): Buffer {
  return Buffer.from(backend.files.get(keyOf({ type: 'pack', name: id }))!);
}

function putPack(id: Id, bytes: Uint8Array): void {
  backend.files.set(keyOf({ type: 'pack', name: id }), bytes);
}

async function indexedPacks(): Promise<{ id: Id; packs: IndexedPack[] }> {
  const [id] = await listIndexFiles(repository);
  return { id: id!, packs: await loadIndexFile(repository, id!) };
}

describe('a repository that is whole', () => {
  it('has no findings, and every pack is read', async () => {
    await fill();
    const { summary, findings, progress } = await check(all);
    expect(findings).toEqual([]);
    let bytes = 0;
    for await (const { sizeBytes } of backend.list('pack')) bytes += sizeBytes;
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
    expect((await check(all)).findings).toEqual([]);
  });

  it('is checked without being changed, under an exclusive lock that is given back', async () => {
    await fill();
    const before = [...backend.files.keys()];
    const locks: string[] = [];
    backend.before = (operation, { type }) => {
      if (operation !== 'list' && type === 'lock') locks.push(operation);
      if (operation === 'load' && type === 'pack')
        expect([...backend.files.keys()].length).toBe(before.length + 1);
    };
    const listener = { finding: () => {}, progress: () => {} };
    const request = { readData: all, noLock: false, lockRetryMs: 0 };
    const checked = runCheck(repository, request, listener, new AbortController().signal);
    await repository.world.clock.advance(1000);
    expect((await checked).errors).toBe(0);
    expect(locks).toEqual(['save', 'remove']);
    expect([...backend.files.keys()]).toEqual(before);
  });

  it('is not checked while somebody else works in it', async () => {
    const theirs = { time: '2024-05-06T07:08:09Z', exclusive: false, hostname: 'h', username: 'u', pid: 1 };
    await saveFile(repository, 'lock', JSON.stringify(theirs));
    const request = { readData: all, noLock: false, lockRetryMs: 0 };
    const listener = { finding: () => {}, progress: () => {} };
    await expect(runCheck(repository, request, listener, new AbortController().signal)).rejects.toMatchObject(
      {
        code: 'repository-locked',
      },
    );
  });
});

describe('indexes and packs', () => {
  it('finds an index that cannot be read, and goes on', async () => {
    await fill();
    await saveFile(repository, 'index', '{"packs":[{"id":"nonsense"}]}');
    const { summary, findings, codes } = await check(all);
    expect(codes).toEqual(['error index-unreadable']);
    expect(findings[0]?.detail.why).toContain('64 hex digits');
    expect(summary).toMatchObject({ errors: 1, suggestRepairIndex: true, packsRead: 3 });
  });

  it('never suggests a prune where an index cannot be read: its packs would be removed', async () => {
    await fill();
    const [id] = await listIndexFiles(repository);
    backend.files.set(keyOf({ type: 'index', name: id! }), Buffer.from('rubbish'));
    const { summary, codes } = await check();
    expect(codes).toContain('hint pack-unreferenced');
    expect(summary).toMatchObject({ suggestRepairIndex: true, suggestPrune: false });
  });

  it('finds a pack that is missing, and what is lost with it', async () => {
    await fill();
    const [id] = packIds('data');
    backend.files.delete(keyOf({ type: 'pack', name: id! }));
    const { findings } = await check(all);
    // The index still names its blobs: what restic says, too.
    expect(findings).toEqual([{ severity: 'error', code: 'pack-missing', detail: { pack: id } }]);
  });

  it('finds a pack that was cut short', async () => {
    await fill();
    const [id] = packIds('data');
    const bytes = packBytes(id!);
    putPack(id!, bytes.subarray(0, -100));
    const { summary, findings } = await check();
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
    await fill();
    putPack(missing, Buffer.from('left behind'));
    const { summary, codes } = await check(all);
    expect(codes).toEqual(['hint pack-unreferenced']);
    expect(summary).toMatchObject({ errors: 0, hints: 1, suggestPrune: true, packsRead: 3 });
  });

  it('mentions a pack that stands in two index files with the same content, in whatever order', async () => {
    await fill();
    const { packs } = await indexedPacks();
    const [first] = packs;
    await saveFile(repository, 'index', encodeIndex([{ ...first!, blobs: first!.blobs.toReversed() }]));
    const { summary, codes } = await check(all);
    expect(codes).toEqual(['hint pack-in-several-indexes']);
    expect(summary).toMatchObject({ errors: 0, suggestRepairIndex: true });
  });

  it('finds entries of one pack that differ', async () => {
    await fill();
    const { packs } = await indexedPacks();
    const tree = packs.find(({ blobs }) => blobs.length > 1)!;
    await saveFile(repository, 'index', encodeIndex([{ ...tree, blobs: tree.blobs.slice(1) }]));
    const { summary, codes } = await check();
    expect(codes).toContain('error pack-entries-differ');
    expect(summary.brokenPacks).toEqual([tree.id]);
  });

  it('mentions data and trees in one pack', async () => {
    await fill();
    const { id, packs } = await indexedPacks();
    const mixed = await mixPack(packs);
    await saveFile(repository, 'index', encodeIndex([...packs, mixed]));
    await backend.remove({ type: 'index', name: id });
    const { summary, codes } = await check(all);
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
      parts.push(packBytes(pack.id).subarray(blob.offset, blob.offset + blob.length));
      blobs.push({ ...blob, offset });
      offset += blob.length;
    }
    const bytes = Buffer.concat([...parts, encodePackHeader(repository.key, blobs, repository.world.chance)]);
    const id = idOf(bytes);
    putPack(id, bytes);
    return { id, blobs };
  }
});

describe('snapshots and trees', () => {
  it('finds a snapshot that cannot be read, and checks the others', async () => {
    await fill();
    await saveFile(repository, 'snapshot', '{"tree":"nonsense"}');
    expect((await check()).codes).toEqual(['error snapshot-unreadable']);
  });

  it('finds trees that are missing or malformed', async () => {
    const lost = makeNode('lost', { type: 'dir', subtree: missing });
    const broken = makeNode('broken', { type: 'dir', subtree: stored.blob('{"nodes":[{}]}\n', 'tree') });
    const twice = stored.folder('twice', [makeNode('n'), makeNode('n')]);
    const unknown = makeNode('u', {
      type: 'dir',
      subtree: stored.blob('{"nodes":[{"name":"a","type":"door"}]}', 'tree'),
    });
    await stored.snapshot(stored.tree({ lost, broken, twice, unknown }));
    const { codes, findings } = await check();
    expect(codes).toEqual([...Array(3).fill('error tree-unreadable'), 'error tree-missing'].sort());
    expect(findings.find(({ code }) => code === 'tree-missing')?.detail).toEqual({ tree: missing });
  });

  it('finds files whose content is missing, or not as long as they are', async () => {
    const content = [missing, missing, stored.blob('abc')];
    const gone = makeNode('gone', { content, size: 9 });
    const long = stored.file('long', 'abc', { size: 4 });
    const tree = stored.tree({ gone, long });
    await stored.snapshot(tree);
    expect((await check()).findings).toEqual([
      { severity: 'error', code: 'blob-missing', detail: { tree, name: 'gone', blob: missing, count: 2 } },
      {
        severity: 'error',
        code: 'size-differs',
        detail: { tree, name: 'long', sizeBytes: 4, contentBytes: 3 },
      },
    ]);
  });

  it('finds a folder without a tree', async () => {
    const bare = makeNode('bare', { type: 'dir' });
    await stored.snapshot(stored.tree({ bare }));
    expect((await check()).codes).toEqual(['error folder-without-tree']);
  });

  it.each(['', '.', '..', 'a/b', '../x', 'a\0b'])('finds a name that leads elsewhere: %j', async (name) => {
    await stored.snapshot(stored.tree([makeNode(name)]));
    expect((await check()).codes).toEqual(['error name-unsafe']);
  });

  it('finds a tree that lies too deep', async () => {
    let deep = stored.tree({});
    for (let i = 0; i < limits.treeDepthMax; i++)
      deep = stored.tree([makeNode('d', { type: 'dir', subtree: deep })]);
    await stored.snapshot(deep);
    expect((await check()).codes).toEqual(['error tree-too-deep']);
  });

  it('looks at a tree once, however many paths lead to it', async () => {
    let shared = stored.tree([makeNode('', {})]);
    for (let i = 0; i < 40; i++) {
      const [a, b] = ['a', 'b'].map((name) => makeNode(name, { type: 'dir', subtree: shared }));
      shared = stored.tree([a!, b!]);
    }
    await stored.snapshot(shared);
    await stored.snapshot(shared, { time: '2024-06-01T00:00:00Z' });
    expect((await check()).codes).toEqual(['error name-unsafe']);
  });
});

describe('data', () => {
  it('notices every kind of byte that was changed', async () => {
    await fill();
    const [id] = packIds('data');
    const good = packBytes(id!);
    const headerBytes = headerBytesAtEnd(good, good.length);
    const places = {
      nonce: 0,
      ciphertext: 20,
      mac: decodedBlobs(good)[0]!.length - 5,
      header: good.length - headerBytes + 20,
      'header length': good.length - 4,
    };
    for (const [what, at] of Object.entries(places)) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1;
      putPack(id!, bad);
      expect((await check()).codes, what).toEqual([]);
      const { summary, codes } = await check(all);
      expect(codes, what).toContain('error pack-hash');
      expect(codes, what).toContain(what.startsWith('header') ? 'error pack-header' : 'error blob-damaged');
      expect(summary.brokenPacks).toEqual([id]);
    }
  });

  it('notices any bit of any pack', async () => {
    await fill();
    const ids = [...packIds('data'), ...packIds('tree')];
    const place = fc.tuple(
      fc.nat(ids.length - 1),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(7),
    );
    const isNoticed = async ([pack, share, bit]: [number, number, number]): Promise<void> => {
      const id = ids[pack]!;
      const good = packBytes(id);
      const bad = Buffer.from(good);
      bad[Math.floor(share * bad.length)]! ^= 1 << bit;
      putPack(id, bad);
      expect((await check(all)).summary.brokenPacks).toEqual([id]);
      putPack(id, good);
    };
    await fc.assert(fc.asyncProperty(place, isNoticed), { numRuns: 50 });
  });

  it('proves a very large pack in pieces, the same way', async () => {
    await fill();
    const [id] = packIds('data');
    const sizeBytes = packBytes(id!).length;
    const inPieces = async (): Promise<string[]> => {
      const codes: string[] = [];
      const listener = { finding: ({ code }: CheckFinding) => void codes.push(code), progress: () => {} };
      const telling = new CheckTelling(listener, repository.world.clock);
      const { signal } = new AbortController();
      const checked = await checkIndexes(repository, telling, signal);
      await checkPacks(repository, checked, [{ name: id!, sizeBytes }], telling, signal, 1000);
      return codes;
    };
    let longest = 0;
    const load = backend.load.bind(backend);
    backend.load = (file, range, signal) => {
      if (file.type === 'pack' && range?.offset !== 0)
        longest = Math.max(longest, range?.length ?? sizeBytes);
      return load(file, range, signal);
    };
    expect(await inPieces()).toEqual([]);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(sizeBytes);
    const bad = packBytes(id!);
    bad[20]! ^= 1;
    putPack(id!, bad);
    expect(await inPieces()).toEqual(['pack-hash', 'blob-damaged']);
  });

  it('names the blobs that are damaged, and only those', async () => {
    await fill();
    const [id] = packIds('tree');
    const blobs = decodedBlobs(packBytes(id!));
    const bad = packBytes(id!);
    bad[blobs[1]!.offset + 20]! ^= 1;
    putPack(id!, bad);
    const { findings } = await check(all);
    const named = findings.filter(({ code }) => code === 'blob-damaged').map(({ detail }) => detail.blob);
    expect(named).toEqual([blobs[1]!.id]);
  });

  it('finds a pack whose header is not what the index says', async () => {
    await fill();
    const { id, packs } = await indexedPacks();
    const pack = packs.find(({ blobs }) => blobs[0]?.type === 'data' && blobs.length > 1)!;
    const [a, b, ...rest] = pack.blobs;
    const swapped = { id: pack.id, blobs: [{ ...a!, id: b!.id }, { ...b!, id: a!.id }, ...rest] };
    await saveFile(repository, 'index', encodeIndex([swapped, ...packs.filter((each) => each !== pack)]));
    await backend.remove({ type: 'index', name: id });
    const { codes } = await check(all);
    expect(codes).toContain('error pack-header-differs');
    expect(codes).not.toContain('error pack-hash');
  });

  it('finds a blob that is not what its id says, sealed with the right key though it is', async () => {
    await putHostilePack({ id: missing, type: 'data', offset: 0, length: 132, plainLength: 0 });
    expect((await check(all)).codes).toEqual(['error blob-damaged']);
  });

  /** A pack with 100 bytes in it that says of them what it likes. */
  async function putHostilePack(blob: PackBlob): Promise<void> {
    const { key, world } = repository;
    const sealed = seal(key, world.chance.bytes(100), world.chance);
    const bytes = Buffer.concat([sealed, encodePackHeader(key, [blob], world.chance)]);
    putPack(idOf(bytes), bytes);
    await saveFile(repository, 'index', encodeIndex([{ id: idOf(bytes), blobs: [blob] }]));
  }

  it('refuses a blob that claims to be huge without making room for it', async () => {
    await putHostilePack({ id: missing, type: 'data', offset: 0, length: 132, plainLength: 2 ** 32 - 1 });
    const { findings } = await check(all);
    expect(findings.map(({ code }) => code)).toEqual(['blob-damaged']);
    expect(findings[0]?.detail.why).toContain('larger');
  });

  it('reads a pack that failed once more before it says so', async () => {
    await fill();
    const [id] = packIds('data');
    let reads = 0;
    backend.before = (operation, { type, name }) => {
      if (operation !== 'load' || type !== 'pack' || name !== id) return;
      if (++reads === 1) throw new Failure('io', { errno: 'EIO' }, { next: 'now' });
    };
    expect((await check(all)).findings).toEqual([]);
    expect(reads).toBe(2);
    reads = -100;
    backend.before = (operation, { type, name }) => {
      if (operation === 'load' && type === 'pack' && name === id) throw new Failure('io', { errno: 'EIO' });
    };
    const { findings } = await check(all);
    expect(findings).toEqual([
      { severity: 'error', code: 'pack-unreadable', detail: { pack: id, why: 'EIO' } },
    ]);
  });

  it('ends when it is cancelled, in the midst of the data', async () => {
    await fill();
    const stop = new AbortController();
    let packs = 0;
    backend.before = (operation, { type }) => {
      if (operation === 'load' && type === 'pack' && ++packs === 5) stop.abort(new Failure('cancelled'));
    };
    await expect(check(all, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect(packs).toBe(5);
  });

  function decodedBlobs(bytes: Buffer) {
    const headerBytes = headerBytesAtEnd(bytes, bytes.length);
    return decodePackHeader(repository.key, bytes.subarray(-headerBytes), bytes.length);
  }
});
