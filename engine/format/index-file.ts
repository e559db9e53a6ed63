/** An index file: which blobs lie in which packs, and where. A pack's blobs all stand in one entry. */
import { limits } from '../base/limits.ts';
import { type Id, isId } from './id.ts';
import { asArray, asCount, asObject, parseObject } from './json.ts';
import type { PackBlob } from './pack-header.ts';
import { sealOverheadBytes } from './seal.ts';

export interface IndexedPack {
  readonly id: Id;
  readonly blobs: readonly PackBlob[];
}

const uint32Max = 2 ** 32 - 1;

export function encodeIndex(packs: readonly IndexedPack[]): string {
  return `{"packs":[${packs.map(encodePack).join(',')}]}\n`;
}

function encodePack({ id, blobs }: IndexedPack): string {
  return `{"id":"${id}","blobs":[${blobs.map(encodeBlob).join(',')}]}`;
}

function encodeBlob({ id, type, offset, length, plainLength }: PackBlob): string {
  const compressed = plainLength === 0 ? '' : `,"uncompressed_length":${plainLength}`;
  return `{"id":"${id}","type":"${type}","offset":${offset},"length":${length}${compressed}}`;
}

/**
 * How much JSON an index of this size in the repository can hold. Ids are random, so that no true index shrinks
 * to a hundredth: one that claims to is a bomb.
 */
export function indexBytesMax(storedBytes: number): number {
  return Math.min(limits.indexBytesMax, limits.smallFileBytesMax + 100 * storedBytes);
}

/** Throws a plain error that says what is malformed. */
export function decodeIndex(text: string): IndexedPack[] {
  const json = parseObject(text);
  return asArray(json.packs, 'the list of packs').map((value) => {
    const pack = asObject(value, 'a pack');
    if (!isId(pack.id)) throw new Error('the id of a pack is not 64 hex digits');
    return { id: pack.id, blobs: asArray(pack.blobs, 'the list of blobs').map(decodeBlob) };
  });
}

function decodeBlob(value: unknown): PackBlob {
  const json = asObject(value, 'a blob');
  const { id, type } = json;
  if (!isId(id)) throw new Error('the id of a blob is not 64 hex digits');
  if (type !== 'data' && type !== 'tree') throw new Error('the type of a blob is neither data nor tree');
  const offset = asCount(json.offset, 'an offset', uint32Max);
  const length = asCount(json.length, 'a length', uint32Max - offset);
  if (length < sealOverheadBytes) throw new Error('a blob is too short');
  const plainLength = asCount(json.uncompressed_length ?? 0, 'an uncompressed length', uint32Max);
  return { id, type, offset, length, plainLength };
}
