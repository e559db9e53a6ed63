/** Stores blobs one by one, without threads and without waiting: for tests that make a repository by hand. */
import { limits } from '../../engine/base/limits.ts';
import { BlobPacker, type StoredBlob } from '../../engine/compute/blob-packer.ts';
import { makeClaims } from '../../engine/compute/claim-table.ts';
import { makeUnderWay, sharedWord } from '../../engine/compute/pack-memory.ts';
import { idOf } from '../../engine/format/id.ts';
import type { BlobType } from '../../engine/format/pack-header.ts';
import type { BlobIndex } from '../../engine/repo/blob-index.ts';
import type { Repository } from '../../engine/repo/repository.ts';
import type { RunNotes } from '../../engine/repo/run-notes.ts';
import { PackUploader, type UploadOptions } from '../../engine/repo/upload-packs.ts';

export class HandPacker {
  readonly uploader: PackUploader;
  readonly #packer: BlobPacker;
  /** Packs whose memory is needed no more. */
  freed = 0;

  constructor(
    repository: Repository,
    index: BlobIndex,
    packBytesTarget: number = limits.packBytesTarget,
    lost?: AbortSignal,
    notes?: RunNotes,
    lock: Pick<UploadOptions, 'written' | 'held'> = {},
  ) {
    const { key, config, world } = repository;
    this.uploader = new PackUploader(repository, index, { lost, notes, ...lock });
    const setup = {
      key,
      version: config.version,
      compression: 'auto',
      packBytesTarget,
      smallPacks: 0,
      smallPackBytes: packBytesTarget,
      dataPackBytes: sharedWord(packBytesTarget),
      packsUnderWay: makeUnderWay(),
      isDry: false,
      known: index.handle,
      claims: makeClaims(),
    } as const;
    this.#packer = new BlobPacker(setup, world.chance, (pack) => {
      // What fails is told by `flush`.
      this.uploader
        .send(pack, () => {
          this.freed++;
        })
        .catch(() => undefined);
    });
  }

  store(type: BlobType, plaintext: Uint8Array): StoredBlob {
    return this.#packer.store(type, plaintext, idOf(plaintext));
  }

  /** Waits until all is stored. */
  async flush(): Promise<void> {
    this.#packer.flush();
    await this.uploader.flush();
  }

  async end(): Promise<void> {
    await this.flush();
    await this.uploader.writeIndex();
  }
}
