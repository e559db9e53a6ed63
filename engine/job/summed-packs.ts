/**
 * Packs whose bytes are summed up before the repository is open: what the sum must be, their names say, so no key is
 * needed; and while that is derived in another thread, this one has nothing else to do. Only in a folder of this machine,
 * where what is read again comes from the system's memory. Used by `check`, which then has the blobs left to prove.
 */
import { createHash } from 'node:crypto';
import type { Backend, StoredFile } from '../backend/backend.ts';
import { inAdvance } from '../base/in-advance.ts';
import { letGo } from '../base/let-go.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';

export class SummedPacks {
  readonly #good = new Set<Id>();

  /** Whether the whole pack was read and is what its name says. */
  has(id: Id): boolean {
    return this.#good.has(id);
  }

  /** Goes over the packs until all are summed up or the signal ends it. Never fails. */
  async sum(backend: Backend, signal: AbortSignal): Promise<void> {
    if (backend.folder === undefined) return;
    try {
      const packs: StoredFile[] = [];
      for await (const pack of backend.list('pack', signal)) packs.push(pack);
      const load = (piece: Piece): Promise<Uint8Array> =>
        backend.load({ type: 'pack', name: piece.pack }, piece, signal);
      let sum = createHash('sha256');
      for await (const [piece, bytes] of inAdvance(piecesOf(packs), 1 + limits.sumPiecesAheadMax, load)) {
        sum.update(bytes);
        letGo(bytes);
        if (!piece.isLast) continue;
        if (sum.digest('hex') === piece.pack) this.#good.add(piece.pack);
        sum = createHash('sha256');
      }
    } catch {
      // Whoever checks meets the same, and tells it.
    }
  }
}

interface Piece {
  readonly pack: Id;
  readonly offset: number;
  readonly length: number;
  readonly isLast: boolean;
}

function* piecesOf(packs: readonly StoredFile[]): Generator<Piece> {
  for (const { name, sizeBytes } of packs) {
    for (let offset = 0; offset < sizeBytes; offset += limits.sumPieceBytes) {
      const length = Math.min(limits.sumPieceBytes, sizeBytes - offset);
      yield { pack: name, offset, length, isLast: offset + length === sizeBytes };
    }
  }
}
