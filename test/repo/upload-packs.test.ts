import { describe, expect, it } from 'vitest';
import { Failure } from '../../engine/base/failure.ts';
import type { SealSettings } from '../../engine/compute/seal-blob.ts';
import { type StoredBlob, storeBlob } from '../../engine/compute/store-blob.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { loadBlob } from '../../engine/repo/load-blob.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { readPack } from '../../engine/repo/read-pack.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import { PackUploader } from '../../engine/repo/upload-packs.ts';
import { seededChance } from '../support/fixed-world.ts';
import type { MemoryBackend } from '../support/memory-backend.ts';
import { testRepository } from '../support/test-repository.ts';

const packBytesTarget = 10_000;

function settingsOf({ key, config, world }: Repository): SealSettings {
  return { key, version: config.version, compression: 'auto', chance: world.chance };
}

function blobsOf(seed: string, count: number): Buffer[] {
  const chance = seededChance(seed);
  return Array.from({ length: count }, () => Buffer.from(chance.bytes(1_000)));
}

async function storeAll(
  repository: Repository,
  uploader: PackUploader,
  blobs: Buffer[],
): Promise<StoredBlob[]> {
  const stored: StoredBlob[] = [];
  for (const blob of blobs) {
    stored.push(storeBlob(settingsOf(repository), uploader, 'data', blob));
    await uploader.ready();
  }
  return stored;
}

describe('uploading packs', () => {
  it('stores every blob once, each readable alone and with its pack', async () => {
    const repository = await testRepository();
    const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget);
    const blobs = blobsOf('packs', 95);
    const stored = await storeAll(repository, uploader, [...blobs, ...blobs]);
    await uploader.flush();
    await uploader.writeIndex();
    expect(stored.slice(95).every((blob) => blob.addedPackedBytes === 0)).toBe(true);
    const index = await loadIndex(repository);
    expect(index.blobCount).toBe(95);
    expect(index.packCount).toBe(10);
    for (const [i, { id }] of stored.slice(0, 95).entries()) {
      expect(blobs[i]!.equals(await loadBlob(repository, index, 'data', id))).toBe(true);
    }
    const packId = index.packIds()[0]!;
    const inPack = [...index.blobs()].filter((blob) => blob.packId === packId);
    for await (const read of readPack(repository, packId, inPack)) expect(read).toHaveProperty('plaintext');
  });

  it('never puts data and trees into one pack', async () => {
    const repository = await testRepository();
    const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget);
    const shared = Buffer.from('the same bytes as data and as a tree');
    const data = storeBlob(settingsOf(repository), uploader, 'data', shared);
    const tree = storeBlob(settingsOf(repository), uploader, 'tree', shared);
    await uploader.flush();
    await uploader.writeIndex();
    const index = await loadIndex(repository);
    expect(data.id).toBe(tree.id);
    const [dataPlace] = index.locate('data', data.id);
    const [treePlace] = index.locate('tree', tree.id);
    expect(dataPlace?.packId).not.toBe(treePlace?.packId);
  });

  it('writes the index after the packs that it names', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget);
    backend.asked.length = 0;
    await storeAll(repository, uploader, blobsOf('order', 30));
    await uploader.flush();
    await uploader.writeIndex();
    const saves = backend.asked
      .filter((asked) => asked.startsWith('save'))
      .map((asked) => asked.split(/[ /]/)[1]);
    expect(saves).toEqual(['pack', 'pack', 'pack', 'index']);
  });

  it('says what an upload failed with, and indexes what arrived all the same', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget);
    let packs = 0;
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'pack' && ++packs > 3) throw new Error('disk full');
    };
    await expect(storeAll(repository, uploader, blobsOf('full', 200))).rejects.toThrow('disk full');
    await uploader.settle();
    await uploader.writeIndex();
    const index = await loadIndex(repository);
    expect(index.packCount).toBe(3);
    for (const { type, id } of index.blobs()) await loadBlob(repository, index, type, id);
  });

  it('keeps packs for the next index when an index could not be written', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget);
    await storeAll(repository, uploader, blobsOf('again', 15));
    await uploader.flush();
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'index') throw new Error('no network');
    };
    await expect(uploader.writeIndex()).rejects.toThrow('no network');
    backend.before = () => {};
    await uploader.writeIndex();
    expect((await loadIndex(repository)).blobCount).toBe(15);
  });

  it('flushes an index when the last one is old, so that little is lost', async () => {
    const repository = await testRepository();
    const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget);
    await storeAll(repository, uploader, blobsOf('young', 15));
    await uploader.settle();
    expect((await loadIndex(repository)).packCount).toBe(0);
    await repository.world.clock.advance(6 * 60_000);
    await uploader.ready();
    expect((await loadIndex(repository)).packCount).toBe(1);
  });

  it('indexes nothing once the lock is lost: a prune may have removed what was stored', async () => {
    const repository = await testRepository();
    const lost = new AbortController();
    const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget, lost.signal);
    await storeAll(repository, uploader, blobsOf('lost', 15));
    await uploader.flush();
    lost.abort(new Failure('lock-lost'));
    await expect(uploader.writeIndex()).rejects.toMatchObject({ code: 'lock-lost' });
    expect((await loadIndex(repository)).packCount).toBe(0);
  });

  it('finds a blob in another pack when one copy is damaged', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const [blob] = blobsOf('copies', 1);
    for (let copy = 0; copy < 2; copy++) {
      const uploader = new PackUploader(repository, new BlobIndex(), packBytesTarget);
      await storeAll(repository, uploader, [blob!]);
      await uploader.flush();
      await uploader.writeIndex();
    }
    const index = await loadIndex(repository);
    const id = [...index.blobs()][0]!.id;
    const [first, second] = index.locate('data', id);
    backend.files.get(`pack/${first!.packId}`)![20]! ^= 1;
    expect(blob!.equals(await loadBlob(repository, index, 'data', id))).toBe(true);
    backend.files.get(`pack/${second!.packId}`)![20]! ^= 1;
    await expect(loadBlob(repository, index, 'data', id)).rejects.toMatchObject({ code: 'damaged' });
  });
});
