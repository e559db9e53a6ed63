/**
 * The way of a blob that is hashed: looked up, and where it is new compressed, sealed, proven to open again, and put into a
 * pack. Full packs are handed on with their header. A blob that somebody else has claimed is not stored twice.
 */
import { assert } from '../base/assert.ts';
import type { Chance } from '../base/chance.ts';
import { type Id, idBytes } from '../format/id.ts';
import { type BlobType, packedBytes } from '../format/pack-header.ts';
import { BlobLookup, type BlobTableHandle } from './blob-lookup.ts';
import { type ClaimHandle, ClaimTable } from './claim-table.ts';
import { type FullPack, OpenPack } from './open-pack.ts';
import { PackMemory } from './pack-memory.ts';
import { type SealedBlob, type SealSettings, sealBlob, sealedBytesMax } from './seal-blob.ts';

export interface PackerSetup extends Omit<SealSettings, 'chance'> {
  readonly packBytesTarget: number;
  /** So many packs of data of this hand are small first. */
  readonly smallPacks: number;
  readonly smallPackBytes: number;
  /** From when on a pack of data is full that is not one of those: one word of shared memory, which may change. */
  readonly dataPackBytes: Int32Array;
  /** See `PackMemory`. */
  readonly packsUnderWay: Int32Array;
  /** Everything is done but keeping the result. */
  readonly isDry: boolean;
  /** What the repository holds. */
  readonly known: BlobTableHandle;
  readonly claims: ClaimHandle;
}

export interface StoredBlob {
  readonly id: Id;
  /** 0 where the blob was known. */
  readonly addedBytes: number;
  readonly addedPackedBytes: number;
}

export class BlobPacker {
  readonly #setup: PackerSetup;
  readonly #sealing: SealSettings;
  readonly #known: BlobLookup;
  readonly #claims: ClaimTable;
  readonly #onFull: (pack: FullPack) => void;
  readonly #memory: PackMemory;
  readonly #open = new Map<BlobType, OpenPack>();
  readonly #id = Buffer.alloc(idBytes);
  #closed = 0;

  constructor(setup: PackerSetup, chance: Chance, onFull: (pack: FullPack) => void) {
    this.#setup = setup;
    this.#sealing = { ...setup, chance };
    this.#known = new BlobLookup(setup.known);
    this.#claims = new ClaimTable(setup.claims);
    this.#onFull = onFull;
    this.#memory = new PackMemory(setup.packBytesTarget, setup.packsUnderWay);
  }

  /**
   * To be waited for before a blob of so many bytes is stored, if there is anything to wait for: where it needs a new
   * pack, while earlier ones are still being sent.
   */
  ready(type: BlobType, plainBytes: number): Promise<void> | undefined {
    return this.#open.get(type)?.hasRoom(sealedBytesMax(plainBytes)) ? undefined : this.#memory.ready();
  }

  /** Somebody's pack is stored: there may be room for another one. */
  stored(): void {
    this.#memory.look();
  }

  /** Fails with `verification-failed` where what was sealed does not open to what the id names. */
  store(type: BlobType, plaintext: Uint8Array, id: Id): StoredBlob {
    assert(this.#id.write(id, 'hex') === idBytes, 'an id has 64 hex digits');
    if (this.#known.has(type, this.#id) || !this.#claims.claim(type, this.#id))
      return { id, addedBytes: 0, addedPackedBytes: 0 };
    const packed = this.#setup.isDry
      ? lengthsOf(sealBlob(this.#sealing, type, id, plaintext))
      : this.#pack(type, id, plaintext);
    return { id, addedBytes: plaintext.length, addedPackedBytes: packedBytes(packed) };
  }

  /** Hands on what is in open packs. */
  flush(): void {
    for (const [type, pack] of this.#open) this.#close(type, pack);
  }

  #pack(type: BlobType, id: Id, plaintext: Uint8Array): BlobLengths {
    const blob = sealBlob(this.#sealing, type, id, plaintext, (bytes) =>
      this.#packFor(type, bytes).room(bytes),
    );
    const pack = this.#packFor(type, blob.sealed.length);
    pack.add(this.#id, blob.sealed, blob.plainLength);
    // A pack that is full goes, and the memory of its blobs with it.
    const lengths = lengthsOf(blob);
    if (pack.bytes >= this.#bytesWanted(type)) this.#close(type, pack);
    return lengths;
  }

  #bytesWanted(type: BlobType): number {
    const { packBytesTarget, smallPacks, smallPackBytes, dataPackBytes } = this.#setup;
    if (type !== 'data') return packBytesTarget;
    return this.#closed < smallPacks ? smallPackBytes : Atomics.load(dataPackBytes, 0);
  }

  /** The open pack, or a new one where that has no room for so many bytes more. */
  #packFor(type: BlobType, bytes: number): OpenPack {
    const open = this.#open.get(type);
    if (open?.hasRoom(bytes)) return open;
    if (open !== undefined) this.#close(type, open);
    const pack = new OpenPack(type, this.#memory.take(bytes));
    this.#open.set(type, pack);
    return pack;
  }

  #close(type: BlobType, pack: OpenPack): void {
    this.#open.delete(type);
    this.#closed++;
    this.#memory.sent(pack.bytes);
    this.#onFull(pack.close(this.#setup.key, this.#sealing.chance));
  }
}

interface BlobLengths {
  readonly length: number;
  readonly plainLength: number;
}

function lengthsOf({ sealed, plainLength }: SealedBlob): BlobLengths {
  return { length: sealed.length, plainLength };
}
