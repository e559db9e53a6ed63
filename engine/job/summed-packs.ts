/**
 * Packs whose bytes are summed up before the repository is open: what the sum must be, their names say, so no key is
 * needed; and while that is derived in another thread, this one has nothing else to do. Only in a folder of this machine,
 * where what is read again comes from the system's memory. Used by `check`, which then has the blobs left to prove.
 */
import { createHash } from 'node:crypto';
import type { Backend, StoredFile } from '../backend/backend.ts';
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
      for await (const pack of backend.list('pack', signal))
        if ((await sumOf(backend, pack, signal)) === pack.name) this.#good.add(pack.name);
    } catch {
      // Whoever checks meets the same, and tells it.
    }
  }
}

async function sumOf(backend: Backend, { name, sizeBytes }: StoredFile, signal: AbortSignal): Promise<Id> {
  const sum = createHash('sha256');
  for (let offset = 0; offset < sizeBytes; offset += limits.sumPieceBytes) {
    const length = Math.min(limits.sumPieceBytes, sizeBytes - offset);
    const bytes = await backend.load({ type: 'pack', name }, { offset, length }, signal);
    sum.update(bytes);
    letGo(bytes);
  }
  return sum.digest('hex');
}
