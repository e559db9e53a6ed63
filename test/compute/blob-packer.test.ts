import { expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { BlobPacker } from '../../engine/compute/blob-packer.ts';
import { makeClaims } from '../../engine/compute/claim-table.ts';
import { makeUnderWay } from '../../engine/compute/pack-memory.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { seededChance } from '../support/fixed-world.ts';
import { testRepository } from '../support/test-repository.ts';

it('makes the first packs of data small where that is asked, and trees as large as ever', async () => {
  const { key, config, world } = await testRepository();
  const closed: { type: string; length: number }[] = [];
  const setup = {
    key,
    version: config.version,
    compression: 'off',
    packBytesTarget: limits.packBytesTarget,
    smallPacks: 2,
    packsUnderWay: makeUnderWay(),
    isDry: false,
    known: new BlobIndex().handle,
    claims: makeClaims(),
  } as const;
  const packer = new BlobPacker(setup, world.chance, (pack) => closed.push(pack));
  const chance = seededChance('small packs');
  for (let i = 0; i < 6; i++) packer.store('tree', chance.bytes(1_000_000));
  for (let i = 0; i < 27; i++) packer.store('data', chance.bytes(1_000_000));
  packer.flush();
  const data = closed.filter(({ type }) => type === 'data').map(({ length }) => Math.round(length / 1e6));
  expect(data).toEqual([5, 5, 17]);
  expect(closed.filter(({ type }) => type === 'tree').map(({ length }) => Math.round(length / 1e6))).toEqual([
    6,
  ]);
});
