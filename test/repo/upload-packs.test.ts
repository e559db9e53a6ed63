import { describe, expect, it } from 'vitest';
import type { CallSignal } from '../../engine/backend/call-signal.ts';
import { Failure } from '../../engine/base/failure.ts';
import { Gate } from '../../engine/base/gate.ts';
import type { StoredBlob } from '../../engine/compute/blob-packer.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { loadBlob } from '../../engine/repo/load-blob.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { readPack } from '../../engine/repo/read-pack.ts';
import type { ClosedPack, RunNotes } from '../../engine/repo/run-notes.ts';
import { seededChance } from '../support/fixed-world.ts';
import { HandPacker } from '../support/hand-packer.ts';
import type { MemoryBackend } from '../support/memory-backend.ts';
import { testRepository } from '../support/test-repository.ts';

const packBytesTarget = 10_000;

function blobsOf(seed: string, count: number): Buffer[] {
  const chance = seededChance(seed);
  return Array.from({ length: count }, () => Buffer.from(chance.bytes(1_000)));
}

function storeAll(packer: HandPacker, blobs: readonly Buffer[]): StoredBlob[] {
  return blobs.map((blob) => packer.store('data', blob));
}

describe('uploading packs', () => {
  it('stores every blob once, each readable alone and with its pack', async () => {
    const repository = await testRepository();
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
    const blobs = blobsOf('packs', 95);
    const stored = storeAll(packer, [...blobs, ...blobs]);
    await packer.flush();
    await packer.uploader.writeIndex();
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
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
    const shared = Buffer.from('the same bytes as data and as a tree');
    const data = packer.store('data', shared);
    const tree = packer.store('tree', shared);
    await packer.flush();
    await packer.uploader.writeIndex();
    const index = await loadIndex(repository);
    expect(data.id).toBe(tree.id);
    const [dataPlace] = index.locate('data', data.id);
    const [treePlace] = index.locate('tree', tree.id);
    expect(dataPlace?.packId).not.toBe(treePlace?.packId);
  });

  it('writes the index after the packs that it names', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
    backend.asked.length = 0;
    storeAll(packer, blobsOf('order', 30));
    await packer.flush();
    await packer.uploader.writeIndex();
    const saves = backend.asked
      .filter((asked) => asked.startsWith('save'))
      .map((asked) => asked.split(/[ /]/)[1]);
    expect(saves).toEqual(['pack', 'pack', 'pack', 'index']);
  });

  it('lets packs leave while our lock is written and not given way, and counts them once it is held', async () => {
    const repository = await testRepository();
    const { files } = repository.backend as MemoryBackend;
    const inStore = (): number => [...files.keys()].filter((key) => key.startsWith('pack/')).length;
    const [written, held] = [new Gate(), Promise.withResolvers<void>()];
    const options = { written, held: held.promise };
    const packer = new HandPacker(
      repository,
      new BlobIndex(),
      packBytesTarget,
      undefined,
      undefined,
      options,
    );
    const turns = (): Promise<void> => repository.world.clock.advance(10);
    storeAll(packer, blobsOf('before', 10));
    await turns();
    expect(inStore()).toBe(0);
    written.open();
    await turns();
    expect(inStore()).toBe(1);
    written.close();
    storeAll(packer, blobsOf('given way', 10));
    await turns();
    expect(inStore()).toBe(1);
    written.open();
    storeAll(packer, blobsOf('again', 10));
    await turns();
    expect([inStore(), packer.uploader.storedBytes]).toEqual([3, 0]);
    held.resolve();
    await packer.flush();
    expect(packer.uploader.storedBytes).toBeGreaterThan(30_000);
  });

  it('says what an upload failed with, and indexes what arrived all the same', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
    let packs = 0;
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'pack' && ++packs > 3) throw new Error('disk full');
    };
    storeAll(packer, blobsOf('full', 200));
    await expect(packer.flush()).rejects.toThrow('disk full');
    await packer.uploader.writeIndex();
    const index = await loadIndex(repository);
    expect(index.packCount).toBe(3);
    for (const { type, id } of index.blobs()) await loadBlob(repository, index, type, id);
  });

  it('keeps packs for the next index when an index could not be written', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
    storeAll(packer, blobsOf('again', 15));
    await packer.flush();
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'index') throw new Error('no network');
    };
    await expect(packer.uploader.writeIndex()).rejects.toThrow('no network');
    backend.before = () => {};
    await packer.uploader.writeIndex();
    expect((await loadIndex(repository)).blobCount).toBe(15);
  });

  it('flushes an index when the last one is old, so that little is lost', async () => {
    const repository = await testRepository();
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
    storeAll(packer, blobsOf('young', 15));
    await packer.uploader.allKept();
    expect((await loadIndex(repository)).packCount).toBe(0);
    await repository.world.clock.advance(6 * 60_000);
    await packer.uploader.writeDueIndex();
    expect((await loadIndex(repository)).packCount).toBe(1);
  });

  it('cancels what is on its way when it is to end', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const signals: (CallSignal | undefined)[] = [];
    backend.save = (_file, _parts, signal) =>
      new Promise((_resolve, reject) => {
        signals.push(signal);
        signal?.addEventListener('abort', () => reject(new Failure('cancelled')), { once: true });
      });
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
    storeAll(packer, blobsOf('stopped', 25));
    await expect.poll(() => signals.length).toBe(2);
    await packer.uploader.settle();
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
    await expect(packer.uploader.flush()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('indexes nothing once the lock is lost: a prune may have removed what was stored', async () => {
    const repository = await testRepository();
    const lost = new AbortController();
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget, lost.signal);
    storeAll(packer, blobsOf('lost', 15));
    await packer.flush();
    lost.abort(new Failure('lock-lost'));
    await expect(packer.uploader.writeIndex()).rejects.toMatchObject({ code: 'lock-lost' });
    expect((await loadIndex(repository)).packCount).toBe(0);
  });

  it('finds a blob in another pack when one copy is damaged', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const [blob] = blobsOf('copies', 1);
    for (let copy = 0; copy < 2; copy++) {
      const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget);
      storeAll(packer, [blob!]);
      await packer.flush();
      await packer.uploader.writeIndex();
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

const keepsAll = {
  keep: async () => true,
  fetch: async () => Buffer.alloc(1),
  stored: () => undefined,
  indexStored: () => undefined,
  close: () => undefined,
} as unknown as RunNotes;

describe('packs that are kept on this machine', () => {
  it('make room for the next when they are taken, and count as stored when they are seen', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const seen = Promise.withResolvers<void>();
    let sent = 0;
    backend.save = async (_file, _parts, signal) => {
      sent++;
      signal?.onTaken?.();
      await seen.promise;
    };
    const index = new BlobIndex();
    const packer = new HandPacker(repository, index, packBytesTarget, undefined, keepsAll);
    storeAll(packer, blobsOf('taken', 20));
    let isFlushed = false;
    const flushed = packer.flush().then(() => {
      isFlushed = true;
    });
    await packer.uploader.allTaken();
    expect(sent).toBe(2);
    expect(isFlushed).toBe(false);
    expect([packer.uploader.storedBytes, index.blobCount, packer.freed]).toEqual([0, 0, 0]);
    seen.resolve();
    await flushed;
    expect([index.blobCount, packer.freed]).toEqual([20, 2]);
  });

  it('are as many on their way as the store takes, however many are not seen yet', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const signals: (CallSignal | undefined)[] = [];
    const seen = Promise.withResolvers<void>();
    backend.save = async (_file, _parts, signal) => {
      signals.push(signal);
      await seen.promise;
    };
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget, undefined, keepsAll);
    storeAll(packer, blobsOf('on their way', 38));
    await packer.uploader.allKept();
    expect(signals).toHaveLength(backend.connectionsMax);
    signals[0]?.onTaken?.();
    await expect.poll(() => signals.length).toBe(backend.connectionsMax + 1);
    seen.resolve();
    await packer.flush();
    expect(signals).toHaveLength(4);
  });

  it('are sent from memory while there is room, and read again only where they waited', async () => {
    const repository = await testRepository();
    const backend = repository.backend as MemoryBackend;
    const save = backend.save.bind(backend);
    const held = Promise.withResolvers<void>();
    backend.save = async (file, parts, signal) => {
      if (file.type === 'pack') await held.promise;
      await save(file, parts, signal);
    };
    const kept = new Map<string, Uint8Array>();
    const fetched: string[] = [];
    const notes = {
      keep: async ({ id }: ClosedPack, parts: readonly Uint8Array[]) => {
        kept.set(id, Buffer.concat(parts));
        return true;
      },
      fetch: async (id: string) => {
        fetched.push(id);
        return kept.get(id);
      },
      stored: () => undefined,
      indexStored: () => undefined,
      close: () => undefined,
    } as unknown as RunNotes;
    const packer = new HandPacker(repository, new BlobIndex(), packBytesTarget, undefined, notes);
    storeAll(packer, blobsOf('kept', 45));
    await packer.uploader.allKept();
    const freedBefore = packer.freed;
    held.resolve();
    await packer.flush();
    // As many go at once as the backend serves; the last pack was still open.
    const [first, second, third, fourth] = kept.keys();
    expect(freedBefore).toBe(2);
    expect(packer.freed).toBe(5);
    expect(fetched).toEqual(expect.arrayContaining([third, fourth]));
    expect(fetched).not.toEqual(expect.arrayContaining([first]));
    expect(fetched).not.toEqual(expect.arrayContaining([second]));
    expect([...backend.files.keys()].filter((key) => key.startsWith('pack/'))).toHaveLength(5);
  });
});
