import { beforeAll, describe, expect, it } from 'vitest';
import { type ByteString, fromLatin1, fromText } from '../../engine/base/byte-string.ts';
import { parseTime } from '../../engine/format/go-time.ts';
import { type FindRequest, findFiles } from '../../engine/job/find.ts';
import { chooseObjects, findObjects, placesOf } from '../../engine/job/find-objects.ts';
import { selectSnapshots } from '../../engine/job/select-snapshots.ts';
import type { NamedSnapshot } from '../../engine/repo/snapshots.ts';
import { collect, makeNode, StoredTrees } from '../support/stored-trees.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let repository: TestRepository;
let stored: StoredTrees;
let older: NamedSnapshot;
let newer: NamedSnapshot;
let other: NamedSnapshot;
const missing = 'cd'.repeat(32);

beforeAll(async () => {
  repository = await testRepository();
  stored = new StoredTrees(repository);
  const old = stored.file('old.TXT', 'old', { mtime: '2020-01-01T00:00:00+02:00' });
  const bytes = makeNode('', { content: [] });
  const odd = { ...bytes, name: fromLatin1('odd\xff.txt') };
  const docs = {
    'report.txt': 'same content',
    notes: { 'report.txt': 'x', 'b.md': 'same content' },
    'old.TXT': old,
  };
  older = await stored.snapshot(stored.tree({ docs }), { time: '2024-01-01T00:00:00Z', tags: ['t'] });
  newer = await stored.snapshot(stored.tree([stored.folder('docs', docs), odd]), {
    time: '2024-02-01T00:00:00Z',
  });
  const lost = makeNode('lost', { type: 'dir', subtree: missing });
  other = await stored.snapshot(stored.tree({ lost, 'report.txt': 'x' }), {
    hostname: 'elsewhere',
    time: '2024-03-01T00:00:00Z',
  });
});

async function find(patterns: string[], rest: Partial<FindRequest> = {}): Promise<string[]> {
  const request = { patterns: patterns.map(fromText), ...rest };
  const found = findFiles(repository, stored.index, [newer, older], request, () => {});
  return (await collect(found)).map(({ snapshot, path }) => `${snapshot === newer ? 'new' : 'old'} ${path}`);
}

describe('finding files', () => {
  it('finds a name at any depth, snapshot by snapshot', async () => {
    expect(await find(['report.txt'])).toEqual([
      'new /docs/notes/report.txt',
      'new /docs/report.txt',
      'old /docs/notes/report.txt',
      'old /docs/report.txt',
    ]);
  });

  it.each([
    { patterns: ['*.md'], want: ['new /docs/notes/b.md'] },
    { patterns: ['/docs/*.txt'], want: ['new /docs/report.txt'] },
    { patterns: ['/docs/**/report.txt'], want: ['new /docs/notes/report.txt', 'new /docs/report.txt'] },
    { patterns: ['notes'], want: ['new /docs/notes', 'new /docs/notes/b.md', 'new /docs/notes/report.txt'] },
    { patterns: ['[a-c].m?', 'old.*'], want: ['new /docs/notes/b.md', 'new /docs/old.TXT'] },
    { patterns: ['!nothing', '*.md'], want: ['new /docs/notes/b.md'] },
    {
      patterns: ['*.txt', '/docs/nope'],
      want: ['new /docs/notes/report.txt', 'new /docs/report.txt', 'new /odd\xff.txt'],
    },
  ])('$patterns', async ({ patterns, want }) => {
    expect((await find(patterns)).filter((line) => line.startsWith('new'))).toEqual(want);
  });

  it('can leave case out of it', async () => {
    expect(await find(['OLD.txt'])).toEqual([]);
    expect(await find(['OLD.txt'], { ignoreCase: true })).toEqual(['new /docs/old.TXT', 'old /docs/old.TXT']);
  });

  it('goes by the moment that was written down, whatever its zone', async () => {
    const at = parseTime('2019-12-31T22:00:00Z');
    const newFiles = async (rest: Partial<FindRequest>): Promise<string[]> =>
      (await find(['*.t*', '*.T*'], rest)).filter((line) => line.startsWith('new'));
    expect(await newFiles({ newestNs: at })).toEqual(['new /docs/old.TXT']);
    expect(await newFiles({ newestNs: at - 1n })).toEqual([]);
    expect(await newFiles({ oldestNs: at, newestNs: at })).toEqual(['new /docs/old.TXT']);
    expect(await newFiles({ oldestNs: at + 1n })).not.toContain('new /docs/old.TXT');
  });

  it.each([
    { patterns: [], rest: {} },
    { patterns: [''], rest: {} },
    { patterns: ['[a'], rest: {} },
    { patterns: ['a'], rest: { oldestNs: 2n, newestNs: 1n } },
  ])('refuses what can find nothing: $patterns', async ({ patterns, rest }) => {
    await expect(find(patterns, rest)).rejects.toMatchObject({ code: 'usage' });
  });

  it('tells of a tree that is lost, and goes on', async () => {
    const heard: [NamedSnapshot, string, ByteString][] = [];
    const request = { patterns: [fromText('report.txt')] };
    const found = await collect(
      findFiles(repository, stored.index, [other], request, (snapshot, tree, path) =>
        heard.push([snapshot, tree, path]),
      ),
    );
    expect(found.map(({ path }) => path)).toEqual(['/report.txt']);
    expect(heard).toEqual([[other, missing, '/lost']]);
  });
});

describe('finding objects', () => {
  const paths = async (
    kind: 'blob' | 'tree' | 'pack',
    names: string[],
    snapshots = [newer],
  ): Promise<string[]> => {
    const chosen = chooseObjects(stored.index, kind, names);
    const found = await collect(findObjects(repository, stored.index, snapshots, chosen, () => {}));
    return found.map((each) => `${each.kind} ${each.path}`);
  };

  it('finds each use of a blob, by its id or the beginning of it', async () => {
    const id = stored.blob('same content');
    const want = ['blob /docs/notes/b.md', 'blob /docs/report.txt'];
    expect(await paths('blob', [id])).toEqual(want);
    expect(await paths('blob', [id.slice(0, 8)])).toEqual(want);
    const chosen = chooseObjects(stored.index, 'blob', [id]);
    const [first] = await collect(findObjects(repository, stored.index, [newer], chosen, () => {}));
    expect(first).toMatchObject({ id, snapshot: { id: newer.id } });
    expect(await paths('tree', [first!.parentTree!])).toEqual(['tree /docs/notes']);
  });

  it('finds trees, the root included', async () => {
    expect(await paths('tree', [newer.tree], [newer, older])).toEqual(['tree /']);
    expect(await paths('tree', [missing], [other])).toEqual(['tree /lost']);
  });

  it('finds what uses a pack', async () => {
    const [place] = placesOf(
      stored.index,
      chooseObjects(stored.index, 'blob', [stored.blob('same content')]),
    );
    expect(await paths('pack', [place!.packId.slice(0, 10)])).toEqual([
      'blob /docs/notes/b.md',
      'blob /docs/notes/report.txt',
      'blob /docs/old.TXT',
      'blob /docs/report.txt',
    ]);
  });

  it('refuses what is no id, and does not find what nobody knows', () => {
    expect(() => chooseObjects(stored.index, 'blob', ['xyz'])).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
    expect(() => chooseObjects(stored.index, 'pack', [missing])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() => chooseObjects(stored.index, 'blob', ['cdcd'])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });
});

describe('selecting snapshots', () => {
  const ids = async (...args: [string[], object?]) =>
    (await selectSnapshots(repository, ...args)).map(({ id }) => id);

  it('takes all that pass the filter, or those that are named, each once, oldest first', async () => {
    expect(await ids([])).toEqual([older.id, newer.id, other.id]);
    expect(await ids([], { hosts: ['testhost'] })).toEqual([older.id, newer.id]);
    expect(await ids([], { tagLists: [['t']] })).toEqual([older.id]);
    expect(await ids(['latest', older.id.slice(0, 12), other.id])).toEqual([older.id, other.id]);
    await expect(ids(['ffffffff'])).rejects.toMatchObject({ code: 'not-found' });
  });
});
