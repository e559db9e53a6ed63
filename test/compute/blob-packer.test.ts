import { expect, it } from 'vitest';
import { limits } from '../../engine/base/limits.ts';
import { BlobPacker, type StoredBlob } from '../../engine/compute/blob-packer.ts';
import { makeClaims } from '../../engine/compute/claim-table.ts';
import { freePack, makeUnderWay, sharedWord } from '../../engine/compute/pack-memory.ts';
import { idOf } from '../../engine/format/id.ts';
import type { BlobType } from '../../engine/format/pack-header.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { seededChance } from '../support/fixed-world.ts';
import { testRepository } from '../support/test-repository.ts';

async function setupOf() {
  const { key, config, world } = await testRepository();
  const setup = {
    key,
    version: config.version,
    compression: 'off',
    packBytesTarget: limits.packBytesTarget,
    smallPacks: 2,
    smallPackBytes: limits.packBytesTargetMin,
    dataPackBytes: sharedWord(limits.packBytesTarget),
    packsUnderWay: makeUnderWay(),
    isDry: false,
    known: new BlobIndex().handle,
    claims: makeClaims(),
  } as const;
  return { setup, chance: world.chance };
}

function storeIn(packer: BlobPacker, type: BlobType, plaintext: Uint8Array): StoredBlob {
  return packer.store(type, plaintext, idOf(plaintext));
}

it('makes the first packs of data small and the last ones even where that is asked, and trees as large as ever', async () => {
  const made = await setupOf();
  const closed: { type: string; length: number }[] = [];
  const packer = new BlobPacker(made.setup, made.chance, (pack) => closed.push(pack));
  const chance = seededChance('small packs');
  for (let i = 0; i < 6; i++) storeIn(packer, 'tree', chance.bytes(1_000_000));
  for (let i = 0; i < 27; i++) storeIn(packer, 'data', chance.bytes(1_000_000));
  Atomics.store(made.setup.dataPackBytes, 0, 9_500_000);
  for (let i = 0; i < 13; i++) storeIn(packer, 'data', Buffer.alloc(1_000_000, i));
  packer.flush();
  const data = closed.filter(({ type }) => type === 'data').map(({ length }) => Math.round(length / 1e6));
  expect(data).toEqual([5, 5, 17, 10, 3]);
  expect(closed.filter(({ type }) => type === 'tree').map(({ length }) => Math.round(length / 1e6))).toEqual([
    6,
  ]);
});

it('counts what the last blob of a pack takes, though its memory goes with the pack', async () => {
  const { setup, chance } = await setupOf();
  let packedBytes = 0;
  const packer = new BlobPacker(setup, chance, ({ memory, length }) => {
    packedBytes += length;
    freePack(memory);
  });
  let addedBytes = 0;
  for (let i = 0; i < 6; i++)
    addedBytes += storeIn(packer, 'data', Buffer.alloc(3_000_000, i)).addedPackedBytes;
  packer.flush();
  expect(packedBytes).toBeGreaterThan(18_000_000);
  expect(addedBytes).toBeGreaterThan(packedBytes);
  expect(addedBytes - packedBytes).toBeLessThan(6 * 50);
});
