import { beforeEach, describe, expect, it } from 'vitest';
import { countStats, type Stats, type StatsMode } from '../../engine/job/stats.ts';
import type { NamedSnapshot } from '../../engine/repo/snapshots.ts';
import { makeNode, StoredTrees } from '../support/stored-trees.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let repository: TestRepository;
let stored: StoredTrees;

beforeEach(async () => {
  repository = await testRepository();
  stored = new StoredTrees(repository);
});

async function count(mode: StatsMode, snapshots: readonly NamedSnapshot[]): Promise<Stats> {
  return await countStats(repository, stored.index, snapshots, mode);
}

describe('counting', () => {
  it('counts for a restore each path, but a hard link once in each snapshot', async () => {
    const linked = stored.file('one', '12345', { links: 2, inode: 7n });
    const elsewhere = { ...linked, name: makeNode('three').name, deviceId: 2n };
    const tree = stored.tree({
      one: linked,
      two: { ...linked, name: makeNode('two').name },
      three: elsewhere,
      d: { f: '12' },
    });
    const snapshots = [
      await stored.snapshot(tree),
      await stored.snapshot(tree, { time: '2024-06-01T00:00:00Z' }),
    ];
    expect(await count('restore-size', snapshots)).toEqual({ snapshots: 2, totalBytes: 24, files: 10 });
  });

  it('counts links whose inode is not known, as on Windows, each by itself', async () => {
    const file = (name: string) => stored.file(name, '12345', { links: 0, inode: 0n });
    const snapshot = await stored.snapshot(stored.tree({ a: file('a'), b: file('b') }));
    expect(await count('restore-size', [snapshot])).toMatchObject({ totalBytes: 10 });
  });

  it('counts files of the same content once', async () => {
    const snapshot = await stored.snapshot(stored.tree({ a: '123', b: '123', c: '4567', d: { e: '123' } }));
    // Two contents, and the empty one that the folder has.
    expect(await count('files-by-contents', [snapshot])).toEqual({ snapshots: 1, totalBytes: 7, files: 3 });
    expect(await count('blobs-per-file', [snapshot])).toEqual({
      snapshots: 1,
      totalBytes: 7,
      files: 2,
      blobs: 2,
    });
  });

  it('counts the blobs of a path that changed, each once', async () => {
    const [x, y, z] = ['xx', 'yyy', 'zzzz'].map((content) => stored.blob(content));
    const versions = [
      [x!, y!, x!],
      [y!, z!],
    ];
    const snapshots = [];
    for (const content of versions) {
      snapshots.push(await stored.snapshot(stored.tree([makeNode('f', { content, size: 7 })])));
    }
    expect(await count('blobs-per-file', snapshots)).toMatchObject({ totalBytes: 9, files: 1, blobs: 3 });
  });

  it('counts what is stored, and how well it is compressed', async () => {
    const zeros = Buffer.alloc(100_000);
    const snapshot = await stored.snapshot(
      stored.tree({ a: zeros, b: zeros, c: repository.world.chance.bytes(1000) }),
    );
    const stats = await count('raw-data', [snapshot, snapshot]);
    const blobs = [...stored.index.blobs()];
    expect(blobs).toHaveLength(3);
    expect(stats).toMatchObject({
      snapshots: 2,
      blobs: 3,
      totalBytes: blobs.reduce((sum, { length }) => sum + length, 0),
    });
    const plainBytes = blobs.reduce((sum, { plainLength }) => sum + plainLength + 32, 0);
    expect(stats.compression).toMatchObject({ uncompressedBytes: plainBytes, progressPercent: 100 });
    expect(stats.compression?.ratio).toBeCloseTo(plainBytes / stats.totalBytes, 10);
  });

  it('knows no compression in version 1', async () => {
    repository = await testRepository({ version: 1 });
    stored = new StoredTrees(repository);
    const snapshot = await stored.snapshot(stored.tree({ a: 'x' }));
    expect(await count('raw-data', [snapshot])).not.toHaveProperty('compression');
  });

  it.each(['restore-size', 'files-by-contents', 'blobs-per-file', 'raw-data'] as const)(
    'gives no number where a part is missing: %s',
    async (mode) => {
      const lost = makeNode('d', { type: 'dir', subtree: 'ab'.repeat(32) });
      const snapshot = await stored.snapshot(stored.tree({ d: lost }));
      await expect(count(mode, [snapshot])).rejects.toMatchObject({ code: 'not-found' });
    },
  );

  it('tells how far it is', async () => {
    const snapshot = await stored.snapshot(stored.tree({}));
    const told: string[] = [];
    await countStats(repository, stored.index, [snapshot, snapshot], 'raw-data', (done, total) =>
      told.push(`${done}/${total}`),
    );
    expect(told).toEqual(['0/2', '1/2', '2/2']);
  });
});
