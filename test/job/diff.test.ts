import { beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import type { Id } from '../../engine/format/id.ts';
import { type DiffStatistics, diffTrees } from '../../engine/job/diff.ts';
import { isSameNode } from '../../engine/job/same-node.ts';
import { type Entries, makeNode, StoredTrees } from '../support/stored-trees.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let repository: TestRepository;
let stored: StoredTrees;

beforeEach(async () => {
  repository = await testRepository();
  stored = new StoredTrees(repository);
});

interface Told {
  readonly changes: string[];
  readonly failed: string[];
  readonly statistics: DiffStatistics;
}

async function compare(before: Id, after: Id, metadata = false, signal?: AbortSignal): Promise<Told> {
  await stored.store();
  const changes: string[] = [];
  const failed: string[] = [];
  const listener = {
    change: ({ path, modifier }: { path: string; modifier: string }) =>
      void changes.push(`${modifier} ${path}`),
    failed: (path: string) => void failed.push(path),
  };
  const statistics = await diffTrees(repository, stored.index, before, after, listener, { metadata, signal });
  return { changes, failed, statistics };
}

const none = { files: 0, dirs: 0, others: 0, dataBlobs: 0, treeBlobs: 0, bytes: 0 };

async function diff(before: Entries, after: Entries, metadata = false): Promise<Told> {
  return await compare(stored.tree(before), stored.tree(after), metadata);
}

describe('comparing trees', () => {
  it('finds nothing between a tree and itself', async () => {
    const entries = { a: { b: 'x' }, c: 'y' };
    expect(await diff(entries, entries, true)).toEqual({
      changes: [],
      failed: [],
      statistics: { changedFiles: 0, added: none, removed: none },
    });
  });

  it('names what was added, removed and changed, and all that is in a folder', async () => {
    const before = { gone: { deep: { f: 'old' } }, kept: { same: 's' }, file: 'one' };
    const after = { kept: { same: 's' }, file: 'three', late: { g: 'new' } };
    const { changes, statistics } = await diff(before, after);
    expect(changes).toEqual([
      'M /file',
      '- /gone/',
      '- /gone/deep/',
      '- /gone/deep/f',
      '+ /late/',
      '+ /late/g',
    ]);
    expect(statistics).toMatchObject({
      changedFiles: 1,
      added: { files: 1, dirs: 1, others: 0, dataBlobs: 2 },
      removed: { files: 1, dirs: 2, others: 0, dataBlobs: 2 },
    });
  });

  it('counts a blob on one side only where nothing on the other uses it', async () => {
    const before = { a: 'moved', b: { same: 'shared' } };
    const after = { z: 'moved', b: { same: 'shared' }, c: 'shared' };
    const { statistics } = await diff(before, after);
    expect(statistics.added).toMatchObject({ files: 2, dataBlobs: 0, treeBlobs: 1 });
    expect(statistics.removed).toMatchObject({ files: 1, dataBlobs: 0, treeBlobs: 1 });
  });

  it('tells other types, and lists no contents of a folder that became a file', async () => {
    const link = makeNode('b', { type: 'symlink', linkTarget: fromText('a') });
    const { changes } = await diff({ a: { x: '1' }, b: 'text' }, { a: 'text', b: link });
    expect(changes).toEqual(['T /a', 'T /b']);
  });

  it('tells of metadata only when asked to, and of a folder whose content changed as well', async () => {
    const file = stored.file('f', 'x');
    const before = { d: { f: file } };
    const after = { d: { f: { ...file, mode: 0o600 } } };
    expect((await diff(before, after)).changes).toEqual([]);
    expect((await diff(before, after, true)).changes).toEqual(['U /d/', 'U /d/f']);
  });

  it('suspects the disk where nothing but the content differs', async () => {
    const file = stored.file('f', 'x');
    const rotten = { ...file, content: [stored.blob('y')] };
    expect((await diff({ f: file }, { f: rotten })).changes).toEqual(['M? /f']);
    expect((await diff({ f: file }, { f: { ...rotten, mtime: '2024-06-01T00:00:00Z' } })).changes).toEqual([
      'M /f',
    ]);
  });

  it('goes on past a folder that is lost, and fails where a root is', async () => {
    const missing = 'ab'.repeat(32);
    const lost = makeNode('d', { type: 'dir', subtree: missing });
    const { changes, failed } = await diff({ d: { f: '1' }, e: '1' }, { d: lost, e: '22' });
    expect(failed).toEqual(['/d/']);
    expect(changes).toEqual(['M /e']);
    const whole = stored.tree({});
    await expect(compare(whole, missing)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('ends when it is cancelled', async () => {
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(compare(stored.tree({}), stored.tree({ a: '' }), false, stop.signal)).rejects.toThrow(
      'enough',
    );
  });

  it('looks at a folder that both share once, however often it stands there', async () => {
    // 2 to the power of 40 paths lead to the innermost folder.
    let shared = stored.tree({ f: 'x' });
    for (let i = 0; i < 40; i++) {
      shared = stored.tree([
        makeNode('a', { type: 'dir', subtree: shared }),
        makeNode('b', { type: 'dir', subtree: shared }),
      ]);
    }
    const side = (name: string): Entries => ({
      d: makeNode('d', { type: 'dir', subtree: shared }),
      [name]: 'n',
    });
    expect((await diff(side('x'), side('y'))).changes).toEqual(['- /x', '+ /y']);
  });
});

describe('the same node', () => {
  const node = makeNode('n', { content: [] });
  const attribute = (name: string) => ({ name: fromText(name), value: Buffer.from(name) });

  it('is one whose times are written in another zone, and whose attributes stand in another order', () => {
    const a = {
      ...node,
      mtime: '2024-05-06T07:08:09Z',
      extendedAttributes: [attribute('u'), attribute('v')],
    };
    const b = {
      ...a,
      mtime: '2024-05-06T09:08:09+02:00',
      extendedAttributes: [attribute('v'), attribute('u')],
    };
    expect(isSameNode(a, b)).toBe(true);
  });

  it.each([
    { mode: 0o600 },
    { uid: 1 },
    { user: 'u' },
    { inode: 7n },
    { deviceId: 9n },
    { size: 3 },
    { mtime: '2024-05-06T07:08:09.000000001Z' },
    { ctime: '2024-05-06T07:08:09Z' },
    { linkTarget: fromText('x') },
    { extendedAttributes: [attribute('u')] },
    { content: ['ab'.repeat(32)] },
  ])('is not one with another %o', (change) => {
    expect(isSameNode(node, { ...node, ...change })).toBe(false);
  });
});
