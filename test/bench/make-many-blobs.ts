/** A vault that says it has many blobs: its index files are as restic writes them, the packs that they name are not there. */
import { openLocalBackend } from '../../engine/backend/local.ts';
import { limits } from '../../engine/base/limits.ts';
import { Secret } from '../../engine/base/secret.ts';
import { encodeIndex, type IndexedPack } from '../../engine/format/index-file.ts';
import { initRepository } from '../../engine/repo/repository.ts';
import { hostFacts, realChance, realClock, realCompute } from '../../engine/worker/real-world.ts';
import { saveFile } from '../support/save-file.ts';
import { Seeded } from './seeded.ts';

/** Of no worth. */
export const password = 'benchmark';
/** Packs of 16 MiB with chunks of half a MiB: fewer blobs a pack than in most vaults, so more memory for packs. */
const blobsPerPack = 32;

export async function makeManyBlobs(folder: string, count: number): Promise<void> {
  const log = { warn: () => undefined, note: () => undefined };
  const world = { clock: realClock, chance: realChance, host: hostFacts(), log, compute: realCompute() };
  const repository = await initRepository(openLocalBackend(folder, realChance), new Secret(password), world);
  const chance = new Seeded(`${count} blobs`);
  for (let made = 0; made < count; made += limits.indexBlobsMax) {
    const packs: IndexedPack[] = [];
    const end = Math.min(count, made + limits.indexBlobsMax);
    for (let at = made; at < end; at += blobsPerPack) {
      packs.push(makePack(chance, Math.min(blobsPerPack, end - at)));
    }
    await saveFile(repository, 'index', encodeIndex(packs));
  }
}

function makePack(chance: Seeded, blobCount: number): IndexedPack {
  let offset = 0;
  const id = (): string => chance.bytes(32).toString('hex');
  const blobs = Array.from({ length: blobCount }, () => {
    const length = 32 + chance.below(1_000_000);
    const blob = { id: id(), type: 'data' as const, offset, length, plainLength: 2 * length };
    offset += length;
    return blob;
  });
  return { id: id(), blobs };
}
