import { beforeEach, describe, expect, it } from 'vitest';
import { fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import type { Id } from '../../engine/format/id.ts';
import { namesOf, parseSnapshotPath, resolveFolder, resolvePath } from '../../engine/repo/tree-path.ts';
import { makeNode, StoredTrees } from '../support/stored-trees.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

describe('SNAPSHOT:/path', () => {
  it.each([
    ['latest', 'latest', '/'],
    ['latest:', 'latest', '/'],
    ['ab12:/home/me', 'ab12', '/home/me'],
    ['ab12:home//me/.', 'ab12', '/home/me'],
    ['ab12:/a:b', 'ab12', '/a:b'],
    ['ab12:/a/../../b', 'ab12', '/b'],
  ])('%s', (text, snapshot, path) => {
    expect(parseSnapshotPath(fromText(text))).toEqual({ snapshot, path });
  });

  it('keeps bytes that are no text', () => {
    expect(parseSnapshotPath(fromLatin1('latest:/\xff')).path).toBe('/\xff');
    expect(namesOf('/a\xfe/b')).toEqual(['a\xfe', 'b']);
  });
});

describe('resolving a path', () => {
  let repository: TestRepository;
  let stored: StoredTrees;
  let root: Id;

  const resolve = (path: string) => resolvePath(repository, stored.index, root, fromText(path));

  beforeEach(async () => {
    repository = await testRepository();
    stored = new StoredTrees(repository);
    const link = makeNode('link', { type: 'symlink', linkTarget: fromText('a') });
    root = stored.tree({ a: { b: { 'f.txt': 'text' } }, link, empty: {} });
    await stored.store();
  });

  it('finds the root, folders and leaves', async () => {
    expect(await resolve('/')).toEqual({ at: 'root', tree: root });
    const folder = await resolve('/a/b/');
    expect(folder).toMatchObject({ at: 'folder', node: { name: 'b' } });
    expect(folder.at === 'folder' && folder.tree).toBe(
      await resolveFolder(repository, stored.index, root, fromText('a/b')),
    );
    expect(await resolve('/a/b/f.txt')).toMatchObject({ at: 'leaf', node: { name: 'f.txt', size: 4 } });
  });

  it.each(['/a/c', '/a/b/f.txt/x', '/link/b', '/empty/x', '/A'])('does not find %s', async (path) => {
    await expect(resolve(path)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('says how far the path leads', async () => {
    await expect(resolve('/a/nothing/below')).rejects.toMatchObject({ detail: { id: '/a/nothing' } });
  });

  it('takes no file for a folder', async () => {
    const asked = resolveFolder(repository, stored.index, root, fromText('/a/b/f.txt'));
    await expect(asked).rejects.toMatchObject({ code: 'not-found' });
  });
});
