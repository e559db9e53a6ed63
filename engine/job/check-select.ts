/** Which packs a check reads. */
import type { StoredFile } from '../backend/backend.ts';
import { assertNever } from '../base/assert.ts';
import type { Chance } from '../base/chance.ts';

export type ReadData =
  | { readonly read: 'none' }
  | { readonly read: 'all' }
  /** The packs whose id's first byte, modulo `parts`, is `part` - 1: all parts together are all packs. */
  | { readonly read: 'part'; readonly part: number; readonly parts: number }
  /** So much of the packs, chosen at random; at least one. */
  | { readonly read: 'percent'; readonly percent: number }
  /** About so many bytes of them, chosen at random. */
  | { readonly read: 'bytes'; readonly bytes: number };

/** `part` is told by an id's first byte. */
export const readDataPartsMax = 256;

export function choosePacks(packs: readonly StoredFile[], readData: ReadData, chance: Chance): StoredFile[] {
  switch (readData.read) {
    case 'none':
      return [];
    case 'all':
      return [...packs];
    case 'part': {
      const { part, parts } = readData;
      return packs.filter(({ name }) => Number.parseInt(name.slice(0, 2), 16) % parts === part - 1);
    }
    case 'percent':
      return chooseShare(packs, readData.percent / 100, chance);
    case 'bytes': {
      const total = packs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      return chooseShare(packs, total === 0 ? 1 : Math.min(1, readData.bytes / total), chance);
    }
    default:
      return assertNever(readData);
  }
}

/** As restic: a share of their number, rounded down, but never none. */
function chooseShare(packs: readonly StoredFile[], share: number, chance: Chance): StoredFile[] {
  const count = Math.min(packs.length, Math.max(1, Math.floor(packs.length * share)));
  const rest = [...packs];
  for (let at = 0; at < count; at++) {
    const other = at + below(rest.length - at, chance);
    [rest[at], rest[other]] = [rest[other]!, rest[at]!];
  }
  return rest.slice(0, count);
}

/** A whole number from 0 to `count` - 1; 48 random bits make all but evenly likely. */
function below(count: number, chance: Chance): number {
  return Buffer.from(chance.bytes(6)).readUIntBE(0, 6) % count;
}
