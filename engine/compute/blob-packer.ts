/**
 * A blob's whole way: hashed, looked up, and where it is new compressed, sealed, proven to open again, and put into a
 * pack. Full packs are handed on with their header. A blob that somebody else has claimed is not stored twice.
 */
import { assert } from '../base/assert.ts';
import type { Chance } from '../base/chance.ts';
import { type Id, idBytes, idOf } from '../format/id.ts';
import { type BlobType, packedBytes } from '../format/pack-header.ts';
import { BlobLookup, type BlobTableHandle } from './blob-lookup.ts';
import { type ClaimHandle, ClaimTable } from './claim-table.ts';
import { type FullPack, OpenPack } from './open-pack.ts';
import { PackMemory } from './pack-memory.ts';
import { type SealSettings, sealBlob } from './seal-blob.ts';

export interface PackerSetup extends Omit<SealSettings, 'chance'> {
  readonly packBytesTarget: number;
  /** Packs that this one may have filled or be filling, of both types. */
  readonly packsMax: number;
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

  constructor(setup: PackerSetup, chance: Chance, onFull: (pack: FullPack) => void) {
    this.#setup = setup;
    this.#sealing = { ...setup, chance };
    this.#known = new BlobLookup(setup.known);
    this.#claims = new ClaimTable(setup.claims);
    this.#onFull = onFull;
    this.#memory = new PackMemory(setup.packBytesTarget, setup.packsMax);
  }

  /** To be waited for before a blob is stored, if there is anything to wait for: earlier packs are still being sent. */
  ready(): Promise<void> | undefined {
    return this.#memory.ready();
  }

  /** The memory of a pack that is stored, to be filled again. */
  giveBack(memory: ArrayBuffer): void {
    this.#memory.give(memory);
  }

  /** Fails with `verification-failed` where what was sealed does not open to the same bytes again. */
  store(type: BlobType, plaintext: Uint8Array): StoredBlob {
    const id = idOf(plaintext);
    assert(this.#id.write(id, 'hex') === idBytes, 'an id has 64 hex digits');
    if (this.#known.has(type, this.#id) || !this.#claims.claim(type, this.#id))
      return { id, addedBytes: 0, addedPackedBytes: 0 };
    const { sealed, plainLength } = sealBlob(this.#sealing, type, id, plaintext);
    const { length } = sealed;
    if (!this.#setup.isDry) this.#pack(type, this.#id, sealed, plainLength);
    return { id, addedBytes: plaintext.length, addedPackedBytes: packedBytes({ length, plainLength }) };
  }

  /** Hands on what is in open packs. */
  flush(): void {
    for (const [type, pack] of this.#open) this.#close(type, pack);
  }

  #pack(type: BlobType, id: Buffer, sealed: Uint8Array, plainLength: number): void {
    let pack = this.#open.get(type);
    if (pack !== undefined && !pack.hasRoom(sealed.length)) {
      this.#close(type, pack);
      pack = undefined;
    }
    if (pack === undefined) {
      pack = new OpenPack(type, this.#memory.take(sealed.length));
      this.#open.set(type, pack);
    }
    pack.add(id, sealed, plainLength);
    if (pack.bytes >= this.#setup.packBytesTarget) this.#close(type, pack);
  }

  #close(type: BlobType, pack: OpenPack): void {
    this.#open.delete(type);
    this.#onFull(pack.close(this.#setup.key, this.#sealing.chance));
  }
}
