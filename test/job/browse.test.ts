import { beforeAll, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import type { Id } from '../../engine/format/id.ts';
import { listTree } from '../../engine/job/browse.ts';
import { collect, StoredTrees } from '../support/stored-trees.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let repository: TestRepository;
let stored: StoredTrees;
let root: Id;

beforeAll(async () => {
  repository = await testRepository();
  stored = new StoredTrees(repository);
  root = stored.tree({ a: { b: { c: { d: '1' } }, f: '2' }, ab: { x: '3' }, z: '4' });
  await stored.store();
});

async function list(paths?: string[], recursive = false): Promise<string[]> {
  const options = paths === undefined ? {} : { paths: paths.map(fromText), recursive };
  return (await collect(listTree(repository, stored.index, root, options))).map(({ path }) => path);
}

describe('listing a tree', () => {
  it('lists everything where no path is named', async () => {
    expect(await list()).toEqual(['/a', '/a/b', '/a/b/c', '/a/b/c/d', '/a/f', '/ab', '/ab/x', '/z']);
  });

  it.each([
    { paths: ['/a'], recursive: false, want: ['/a', '/a/b', '/a/f'] },
    { paths: ['/a'], recursive: true, want: ['/a', '/a/b', '/a/b/c', '/a/b/c/d', '/a/f'] },
    { paths: ['/a/b/'], recursive: false, want: ['/a/b', '/a/b/c'] },
    { paths: ['/'], recursive: false, want: ['/a', '/ab', '/z'] },
    { paths: ['/z'], recursive: false, want: ['/z'] },
    { paths: ['/a/b/c', '/ab'], recursive: false, want: ['/a/b/c', '/a/b/c/d', '/ab', '/ab/x'] },
    { paths: ['/a', '/a/b'], recursive: false, want: ['/a', '/a/b', '/a/b/c', '/a/f'] },
  ])('lists $paths, recursive: $recursive', async ({ paths, recursive, want }) => {
    expect(await list(paths, recursive)).toEqual(want);
  });

  it('does not load what lies beside the path', async () => {
    const loaded = new Set<string>();
    const counting = { ...repository, backend: Object.create(repository.backend) };
    counting.backend.load = (file: { type: string }, range: { offset: number }) => {
      loaded.add(`${file.type} ${range?.offset}`);
      return repository.backend.load(file as never, range as never);
    };
    await collect(listTree(counting, stored.index, root, { paths: [fromText('/a')] }));
    // The root and the folder itself.
    expect(loaded.size).toBe(2);
  });

  it('says that a path is not there before it gives anything', async () => {
    const listing = listTree(repository, stored.index, root, { paths: [fromText('/a'), fromText('/nope')] });
    await expect(listing.next()).rejects.toMatchObject({ code: 'not-found', detail: { id: '/nope' } });
  });
});
