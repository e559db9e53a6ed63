/**
 * The skill to prove packs. A hand has no backend: it tells which piece it wants and hears its bytes. The thread that has
 * one is a hand, too, while it has nothing else to do. Used by `check`.
 */
import type { SealKey } from '../format/seal.ts';
import { BlobLookup, type BlobTableHandle } from './blob-lookup.ts';
import { type CarriedError, unpackError } from './carry-error.ts';
import type { Done, Duty, Skill } from './crew.ts';
import { type PackFault, PackProver, type PackToProve } from './prove-pack.ts';
import { loadSealing } from './seal-blob.ts';

export interface PieceWanted {
  /** Of one hand's requests. */
  readonly number: number;
  readonly packId: string;
  readonly offset: number;
  readonly length: number;
}

export type PieceHeard =
  | { readonly number: number; readonly bytes: Uint8Array }
  | { readonly number: number; readonly error: CarriedError };

export interface ProveTerms {
  readonly setup: {
    readonly key: SealKey;
    readonly table: BlobTableHandle;
    readonly pieceBytesMax: number;
  };
  readonly request: PackToProve;
  readonly answer: readonly PackFault[];
  readonly news: PieceWanted;
  /** The bytes are the hand's own, all of their memory. */
  readonly word: PieceHeard;
}

export const proveSkill: Skill<ProveTerms> = {
  name: 'prove',
  callerHelps: true,
  prepare: loadSealing,
  begin: ({ key, table, pieceBytesMax }, { clock }, tell) => {
    // Often, for the thread that has the backend: others wait for what it reads.
    const rest = (): Promise<void> => clock.sleep(0);
    return new ProvingHand(new PackProver(key, new BlobLookup(table), rest, pieceBytesMax), tell);
  },
};

interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

class ProvingHand implements Duty<ProveTerms> {
  readonly #prover: PackProver;
  readonly #tell: (news: PieceWanted) => void;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(prover: PackProver, tell: (news: PieceWanted) => void) {
    this.#prover = prover;
    this.#tell = tell;
  }

  async work(pack: PackToProve): Promise<Done<readonly PackFault[]>> {
    const read = (offset: number, length: number): Promise<Uint8Array> =>
      new Promise((resolve, reject) => {
        const number = this.#asked++;
        this.#waiting.set(number, { resolve, reject });
        this.#tell({ number, packId: pack.id, offset, length });
      });
    return { answer: await this.#prover.faultsOf(pack, read) };
  }

  hear(heard: PieceHeard): void {
    const waiting = this.#waiting.get(heard.number);
    this.#waiting.delete(heard.number);
    if ('bytes' in heard) waiting?.resolve(heard.bytes);
    else waiting?.reject(unpackError(heard.error));
  }
}
