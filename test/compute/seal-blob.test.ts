import { describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { sealBlob, unsealBlob } from '../../engine/compute/seal-blob.ts';
import { idOf } from '../../engine/format/id.ts';
import { makeSealKey } from '../../engine/format/seal.ts';
import { encodeTree } from '../../engine/format/tree.ts';
import { seededChance } from '../support/fixed-world.ts';

const chance = seededChance('seal-blob');
const key = makeSealKey(chance);

describe('the tree of a folder with a huge sparse file', () => {
  const time = '2024-05-06T07:08:09Z';
  const zeros = '07854d2fef297a06ba81685e660c332de36d5d18d546927d30daad6d7fda1541';

  it.each(['auto', 'max'] as const)('can be read, however well it is compressed (%s)', (compression) => {
    // 100 GiB of nothing: the id of 512 KiB of zeros, 200 000 times.
    const content = Array.from({ length: 200_000 }, () => zeros);
    const file = { name: fromText('disk.img'), type: 'file', mode: 0o644, content } as const;
    const times = { mtime: time, atime: time, ctime: time };
    const who = { uid: 0, gid: 0, inode: 1n, deviceId: 1n, device: 0n, links: 1, size: 200_000 * 524_288 };
    const tree = encodeTree([{ ...file, ...times, ...who, extendedAttributes: [] }]);
    const settings = { key, version: 2, compression, chance } as const;
    const sealed = sealBlob(settings, 'tree', idOf(tree), tree);
    expect(tree.equals(unsealBlob(key, sealed))).toBe(true);
  });
});
