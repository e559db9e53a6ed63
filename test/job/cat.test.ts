import { beforeAll, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { decodeConfig } from '../../engine/format/config-file.ts';
import { idOf } from '../../engine/format/id.ts';
import { decodeIndex } from '../../engine/format/index-file.ts';
import { decodeTree } from '../../engine/format/tree.ts';
import { type CatKind, catObject } from '../../engine/job/cat.ts';
import { listIndexFiles } from '../../engine/repo/load-index.ts';
import type { NamedSnapshot } from '../../engine/repo/snapshots.ts';
import { keyOf, type MemoryBackend } from '../support/memory-backend.ts';
import { saveFile } from '../support/save-file.ts';
import { collect, StoredTrees } from '../support/stored-trees.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let repository: TestRepository;
let stored: StoredTrees;
let snapshot: NamedSnapshot;

beforeAll(async () => {
  repository = await testRepository();
  stored = new StoredTrees(repository);
  snapshot = await stored.snapshot(stored.tree({ a: { 'f.txt': 'content' } }), { tags: ['<tag>'] });
});

async function cat(kind: CatKind, name = ''): Promise<Buffer> {
  return Buffer.concat(await collect(catObject(repository, kind, fromText(name))));
}

describe('printing objects', () => {
  it('prints the config', async () => {
    const text = (await cat('config')).toString();
    expect(text).toMatch(/^\{\n {2}"version": 2,\n {2}"id": "[0-9a-f]{64}",\n.*\n\}\n$/);
    expect(decodeConfig(Buffer.from(text))).toEqual(repository.config);
  });

  it('prints a snapshot as it was written, escapes and all', async () => {
    const text = (await cat('snapshot', snapshot.id.slice(0, 8))).toString();
    expect(text).toContain('\n  "tags": [\n    "\\u003ctag\\u003e"\n  ]');
    expect(JSON.parse(text)).toMatchObject({ tree: snapshot.tree, hostname: 'testhost' });
    expect(await cat('snapshot', 'latest')).toEqual(Buffer.from(text));
  });

  it('prints an index, a lock and a key', async () => {
    const [id] = await listIndexFiles(repository);
    expect(decodeIndex((await cat('index', id)).toString())).toHaveLength(2);
    const lock = await saveFile(repository, 'lock', '{"time":"2024-05-06T07:08:09Z","exclusive":true}');
    expect((await cat('lock', lock)).toString()).toBe(
      '{\n  "time": "2024-05-06T07:08:09Z",\n  "exclusive": true\n}\n',
    );
    await repository.backend.remove({ type: 'lock', name: lock });
    expect(JSON.parse((await cat('key', repository.keyId)).toString())).toMatchObject({
      kdf: 'scrypt',
      N: 2,
    });
  });

  it('prints blobs of both types, a tree by its path, and packs as they are', async () => {
    const id = idOf(Buffer.from('content'));
    expect((await cat('blob', id)).toString()).toBe('content');
    expect((await cat('blob', id.slice(0, 16))).toString()).toBe('content');
    const tree = await cat('blob', snapshot.tree);
    expect(decodeTree(tree)[0]?.name).toBe('a');
    expect(await cat('tree', snapshot.id)).toEqual(tree);
    expect(decodeTree(await cat('tree', 'latest:/a'))[0]?.name).toBe('f.txt');
    const [{ packId } = { packId: '' }] = stored.index.locate('data', id);
    expect(idOf(await cat('pack', packId))).toBe(packId);
  });

  it('prints a pack even where it is damaged', async () => {
    const name = 'ee'.repeat(32);
    (repository.backend as MemoryBackend).files.set(keyOf({ type: 'pack', name }), Buffer.from('rubbish'));
    expect((await cat('pack', name)).toString()).toBe('rubbish');
    await repository.backend.remove({ type: 'pack', name });
  });

  it('never prints the master key', async () => {
    await expect(cat('masterkey')).rejects.toMatchObject({ code: 'usage' });
  });

  it.each([
    ['snapshot', 'ffff'],
    ['index', 'ffff'],
    ['key', 'ffff'],
    ['lock', 'ffff'],
    ['pack', 'ffff'],
    ['blob', 'ffff'],
    ['blob', 'ff'.repeat(32)],
    ['blob', 'no hex'],
    ['tree', 'latest:/nope'],
    ['tree', 'latest:/a/f.txt'],
  ] as const)('finds no %s %s', async (kind, name) => {
    await expect(cat(kind, name)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses a snapshot that would take up all memory when it is laid out', async () => {
    const bomb = `{"time":"2024-05-06T07:08:09Z","tree":"${'ab'.repeat(32)}","x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
    const id = await saveFile(repository, 'snapshot', bomb);
    await expect(cat('snapshot', id)).rejects.toMatchObject({ code: 'damaged' });
    await repository.backend.remove({ type: 'snapshot', name: id });
  });
});
