import { expect, it } from 'vitest';
import { readPack } from '../../engine/repo/read-pack.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { testRepository } from '../support/test-repository.ts';

it('takes no memory for a blob that claims a size that cannot be, and reads those beside it', async () => {
  const backend = new MemoryBackend();
  const repository = await testRepository({ backend });
  const packId = 'a'.repeat(64);
  backend.files.set(`pack/${packId}`, Buffer.alloc(1000));
  const asked: number[] = [];
  const load = backend.load.bind(backend);
  backend.load = (file, range) => {
    asked.push(range?.length ?? Number.POSITIVE_INFINITY);
    return load(file, range);
  };
  const huge = {
    type: 'data',
    id: 'b'.repeat(64),
    offset: 100,
    length: 2 ** 32 - 200,
    plainLength: 10,
  } as const;
  const bomb = { type: 'data', id: 'c'.repeat(64), offset: 0, length: 100, plainLength: 2 ** 31 } as const;
  const small = { type: 'data', id: 'd'.repeat(64), offset: 0, length: 100, plainLength: 0 } as const;
  const told: string[] = [];
  for await (const read of readPack(repository, packId, [huge, bomb, small])) {
    expect(read).toMatchObject({ error: { code: 'damaged' } });
    told.push(read.blob.id[0]!);
  }
  expect(told.sort()).toEqual(['b', 'c', 'd']);
  expect(asked).toEqual([100]);
});
