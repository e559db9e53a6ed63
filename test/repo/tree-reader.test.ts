import { describe, expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { decodeTree } from '../../engine/format/tree.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { TreeReader } from '../../engine/repo/tree-reader.ts';
import { seededChance } from '../support/fixed-world.ts';
import { HandPacker } from '../support/hand-packer.ts';
import type { MemoryBackend } from '../support/memory-backend.ts';
import { testRepository } from '../support/test-repository.ts';

/** A tree of one symbolic link whose target does not compress. */
function treeNamed(name: string, targetBytes: number): Buffer {
  const target = Buffer.from(seededChance(name).bytes(targetBytes)).toString('hex');
  const time = '"2024-05-06T07:08:09Z"';
  const times = `"mtime":${time},"atime":${time},"ctime":${time}`;
  const node = `{"name":"${name}","type":"symlink",${times},"uid":0,"gid":0,"linktarget":"${target}","content":null}`;
  return Buffer.from(`{"nodes":[${node}]}\n`);
}

async function repositoryWith(count: number, targetBytes: number) {
  const repository = await testRepository();
  const index = new BlobIndex();
  const packer = new HandPacker(repository, index);
  const ids = Array.from(
    { length: count },
    (_, i) => packer.store('tree', treeNamed(`t${i}`, targetBytes)).id,
  );
  await packer.end();
  const backend = repository.backend as MemoryBackend;
  backend.asked.length = 0;
  return { ids, reader: new TreeReader(repository, index), backend, index };
}

describe('reading many trees', () => {
  it('reads a pack in pieces, and each piece once', async () => {
    const { ids, reader, backend } = await repositoryWith(60, 40_000);
    for (const [i, id] of ids.entries()) expect(decodeTree(await reader.load(id))[0]?.name).toBe(`t${i}`);
    const loads = backend.asked.filter((asked) => asked.startsWith('load')).length;
    const [pack] = [...backend.files].filter(([name]) => name.startsWith('pack/')).map(([, bytes]) => bytes);
    expect(pack!.length).toBeGreaterThan(2 * limits.treePieceBytes);
    expect(loads).toBe(Math.ceil(pack!.length / limits.treePieceBytes));
  });

  it('reads a tree alone that is larger than a piece', async () => {
    const { ids, reader } = await repositoryWith(3, limits.treePieceBytes + limits.treePieceOverlapBytes);
    for (const [i, id] of ids.entries()) expect(decodeTree(await reader.load(id))[0]?.name).toBe(`t${i}`);
  });

  it('fails as if it was read alone: with what is damaged, or not there', async () => {
    const { ids, reader, backend } = await repositoryWith(2, 100);
    for (const [name, bytes] of backend.files) if (name.startsWith('pack/')) bytes[20]! ^= 1;
    await expect(reader.load(ids[0]!)).rejects.toMatchObject({ code: 'damaged' });
    expect(decodeTree(await reader.load(ids[1]!))[0]?.name).toBe('t1');
    await expect(reader.load('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
  });
});
