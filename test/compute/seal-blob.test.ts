import { describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { type Failure, isFailure } from '../../engine/base/failure.ts';
import { type SealedBlob, sealBlob, unsealBlob, unsealBlobs } from '../../engine/compute/seal-blob.ts';
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

describe('a blob with a name that is not that of its content', () => {
  const content = chance.bytes(5_000);
  const wrong = idOf(content.subarray(1));

  it.each(['auto', 'off'] as const)('is not sealed (%s)', (compression) => {
    const settings = { key, version: 2, compression, chance } as const;
    const sealing = (id: string) => () => sealBlob(settings, 'data', id, content);
    expect(sealing(idOf(content))).not.toThrow();
    expect(sealing(wrong)).toThrow(expect.objectContaining({ code: 'verification-failed' }));
  });
});

describe('many blobs at once', () => {
  const lengths = [
    0,
    1,
    4_000,
    500,
    70_000,
    33_000,
    12,
    150_000,
    9_000,
    ...Array.from({ length: 60 }, (_, i) => 37 * i),
  ];
  const blobs = lengths.map((length, i): SealedBlob => {
    const plaintext = i % 2 === 0 ? chance.bytes(length) : Buffer.alloc(length, i);
    const settings = { key, version: 2, compression: i % 3 === 0 ? 'off' : 'auto', chance } as const;
    return sealBlob(settings, 'data', idOf(plaintext), plaintext);
  });
  /** Of each blob, the id of what it opens to, or why it does not. */
  const outcomeOf = (opened: Uint8Array | Failure): string =>
    isFailure(opened) ? String(opened.detail.why) : idOf(opened);
  const alone = (blob: SealedBlob): string => {
    try {
      return outcomeOf(unsealBlob(key, blob));
    } catch (error) {
      if (!isFailure(error)) throw error;
      return outcomeOf(error);
    }
  };
  const together = (all: readonly SealedBlob[], spaceBytes: number): string[] => {
    const outcomes: string[] = [];
    const visit = (number: number, opened: Uint8Array | Failure): void => {
      expect(number).toBe(outcomes.push(outcomeOf(opened)) - 1);
    };
    for (const _ of unsealBlobs(key, all, Buffer.alloc(spaceBytes), visit));
    return outcomes;
  };

  it.each([0, 1_000, 100_000, 1 << 20])(
    'open as each of them by itself, in a space of %i bytes',
    (spaceBytes) => {
      expect(together(blobs, spaceBytes)).toEqual(blobs.map(({ id }) => id));
    },
  );

  it('are told apart where some are damaged, exchanged, or not what they claim to be', () => {
    const bad = blobs.map((blob, i): SealedBlob => {
      const sealed = Buffer.from(blob.sealed);
      if (i % 7 === 1) sealed[i % sealed.length]! ^= 4;
      if (i % 11 === 2) return { ...blob, plainLength: blob.plainLength + 1 };
      if (i % 13 === 3) return { ...blob, id: blobs[i + 1]!.id };
      if (i % 17 === 4) return { ...blob, sealed: sealed.subarray(0, 31) };
      return { ...blob, sealed };
    });
    const expected = bad.map(alone);
    expect(new Set(expected.filter((each) => each.length !== 64)).size).toBeGreaterThan(2);
    expect(together(bad, 1 << 20)).toEqual(expected);
    expect(together(bad, 5_000)).toEqual(expected);
  });
});
