import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import type { Id } from '../../engine/format/id.ts';
import { walkTree } from '../../engine/repo/walk-tree.ts';
import { collect, makeNode, StoredTrees } from '../support/stored-trees.ts';
import { testRepository } from '../support/test-repository.ts';

async function freshTrees() {
  const repository = await testRepository();
  return { repository, stored: new StoredTrees(repository) };
}

describe('walking a tree', () => {
  it('gives each entry before what is below it, names by their bytes', async () => {
    const { repository, stored } = await freshTrees();
    const root = stored.tree({ 'a.txt': 'x', a: { z: { y: '1' }, b: '2' }, é: '', B: {} });
    await stored.store();
    const entries = await collect(walkTree(repository, stored.index, root));
    const shown = entries.map(({ path }) => Buffer.from(path, 'latin1').toString());
    expect(shown).toEqual(['/B', '/a', '/a/b', '/a/z', '/a/z/y', '/a.txt', '/é']);
    expect(entries[1]?.parentTree).toBe(root);
    expect(entries[2]?.parentTree).toBe(entries[1]?.node.subtree);
  });

  it('enters only where it may', async () => {
    const { repository, stored } = await freshTrees();
    const root = stored.tree({ a: { b: '2' }, c: { d: '3' } });
    await stored.store();
    const mayEnter = ({ path }: { path: string }): boolean => path !== '/a';
    const entries = await collect(walkTree(repository, stored.index, root, { mayEnter }));
    expect(entries.map(({ path }) => path)).toEqual(['/a', '/c', '/c/d']);
  });

  it('goes on past a tree that is missing where somebody listens, and fails where nobody does', async () => {
    const { repository, stored } = await freshTrees();
    const missing = 'ab'.repeat(32);
    const lost = makeNode('a', { type: 'dir', subtree: missing });
    const root = stored.tree({ a: lost, b: 'still here' });
    await stored.store();
    const heard: [Id, string][] = [];
    const onBadTree = (tree: Id, path: string): void => void heard.push([tree, path]);
    const entries = await collect(walkTree(repository, stored.index, root, { onBadTree }));
    expect(entries.map(({ path }) => path)).toEqual(['/a', '/b']);
    expect(heard).toEqual([[missing, '/a']]);
    await expect(collect(walkTree(repository, stored.index, root))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('refuses a folder without a tree, a name that is there twice, and endless depth', async () => {
    const { repository, stored } = await freshTrees();
    const bare = stored.tree({ a: makeNode('a', { type: 'dir' }) });
    const twice = stored.tree([makeNode('same'), makeNode('same')]);
    let deep = stored.tree({});
    for (let depth = 0; depth < limits.treeDepthMax; depth++)
      deep = stored.tree([makeNode('d', { type: 'dir', subtree: deep })]);
    await stored.store();
    for (const root of [bare, twice, deep]) {
      await expect(collect(walkTree(repository, stored.index, root))).rejects.toMatchObject({
        code: 'damaged',
      });
    }
  });

  it('walks as deep as it may', async () => {
    const { repository, stored } = await freshTrees();
    let deep = stored.tree({});
    for (let depth = 1; depth < limits.treeDepthMax; depth++)
      deep = stored.tree([makeNode('d', { type: 'dir', subtree: deep })]);
    await stored.store();
    expect(await collect(walkTree(repository, stored.index, deep))).toHaveLength(limits.treeDepthMax - 1);
  });

  it('ends when it is cancelled', async () => {
    const { repository, stored } = await freshTrees();
    const root = stored.tree({ a: '1', b: '2', c: '3' });
    await stored.store();
    const stop = new AbortController();
    const walk = walkTree(repository, stored.index, root, { signal: stop.signal });
    expect((await walk.next()).value).toMatchObject({ path: '/a' });
    stop.abort(new Error('enough'));
    await expect(walk.next()).rejects.toThrow('enough');
  });
});
