/** What an index file means, said in the plainest way: a tree of objects. Real readers must agree with it. */
import { isId } from '../../engine/format/id.ts';
import type { IndexedPack } from '../../engine/format/index-file.ts';
import { asArray, asCount, asObject, parseObject } from '../../engine/format/json.ts';
import type { PackBlob } from '../../engine/format/pack-header.ts';

const uint32Max = 2 ** 32 - 1;

export function decodeIndexAsObjects(text: string): IndexedPack[] {
  return asArray(parseObject(text).packs, 'packs').map((value) => {
    const pack = asObject(value, 'a pack');
    if (!isId(pack.id)) throw new Error('id');
    return { id: pack.id, blobs: asArray(pack.blobs, 'blobs').map(decodeBlob) };
  });
}

function decodeBlob(value: unknown): PackBlob {
  const json = asObject(value, 'a blob');
  const { id, type } = json;
  if (!isId(id)) throw new Error('id');
  if (type !== 'data' && type !== 'tree') throw new Error('type');
  const offset = asCount(json.offset, 'an offset', uint32Max);
  const length = asCount(json.length, 'a length', uint32Max - offset);
  if (length < 32) throw new Error('too short');
  const plainLength = asCount(json.uncompressed_length ?? 0, 'an uncompressed length', uint32Max);
  // There is one zero in an index.
  return { id, type, offset: offset + 0, length, plainLength: plainLength + 0 };
}
