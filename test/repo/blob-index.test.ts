import { describe, expect, it } from 'vitest';
import { idOf } from '../../engine/format/id.ts';
import { encodeIndex, readIndex } from '../../engine/format/index-file.ts';
import type { PackBlob } from '../../engine/format/pack-header.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';

const idFor = (text: string): string => idOf(Buffer.from(text));
const blob = (text: string, offset: number): PackBlob => ({
  id: idFor(text),
  type: 'data',
  offset,
  length: 100,
  plainLength: 0,
});

describe('the blob index', () => {
  it('adds nothing for a pack that a second index file lists as well', () => {
    const index = new BlobIndex();
    const pack = { id: idFor('pack'), blobs: [blob('a', 0), blob('b', 100)] };
    index.addPack(pack);
    index.addPack(pack);
    expect(index.packCount).toBe(1);
    expect([...index.blobs()]).toHaveLength(2);
  });

  it('knows all of a pack whose blobs older restics spread over two entries', () => {
    const index = new BlobIndex();
    index.addPack({ id: idFor('pack'), blobs: [blob('a', 0)] });
    index.addPack({ id: idFor('pack'), blobs: [blob('b', 100), blob('a', 0)] });
    expect(index.packIds()).toEqual([idFor('pack')]);
    expect(index.locate('data', idFor('b'))).toEqual([{ ...blob('b', 100), packId: idFor('pack') }]);
    expect(index.locate('data', idFor('a'))).toHaveLength(1);
  });

  it('takes entries from an index file as it takes packs', () => {
    const packs = [
      { id: idFor('pack'), blobs: [blob('a', 0)] },
      {
        id: idFor('other'),
        blobs: [blob('a', 7), { ...blob('t', 200), type: 'tree' as const, plainLength: 9 }],
      },
      { id: idFor('pack'), blobs: [blob('b', 100), blob('a', 0)] },
    ];
    const [one, other] = [new BlobIndex(), new BlobIndex()];
    for (const pack of packs) one.addPack(pack);
    for (const entry of readIndex(Buffer.from(encodeIndex(packs)))) {
      if (entry !== undefined) for (const _ of other.addEntry(entry));
    }
    expect([...other.blobs()]).toEqual([...one.blobs()]);
    expect(other.packIds()).toEqual(one.packIds());
    expect(other.blobCount).toBe(4);
  });
});
