import { afterEach, expect, it, vi } from 'vitest';
import { idOf } from '../../engine/format/id.ts';
import { encodeIndex } from '../../engine/format/index-file.ts';
import { encodeEntries, type PackBlob } from '../../engine/format/pack-header.ts';
import type * as Seal from '../../engine/format/seal.ts';
import { BlobIndex } from '../../engine/repo/blob-index.ts';
import { sealIndex } from '../../engine/repo/seal-index.ts';
import { loadFile, openFile } from '../../engine/repo/unpacked-files.ts';
import { testRepository } from '../support/test-repository.ts';

/** What memory that fails makes of bytes before they are sealed. */
const fault = vi.hoisted(() => ({ of: undefined as ((plaintext: Uint8Array) => Uint8Array) | undefined }));
vi.mock('../../engine/format/seal.ts', async (importOriginal) => {
  const original = await importOriginal<typeof Seal>();
  return {
    ...original,
    seal: ((key, plaintext, chance) =>
      original.seal(key, fault.of?.(plaintext) ?? plaintext, chance)) satisfies typeof original.seal,
  };
});
afterEach(() => {
  fault.of = undefined;
});

function blobsOf(pack: number, count: number): PackBlob[] {
  let offset = 0;
  return Array.from({ length: count }, (_, i) => {
    const length = 40 + ((i * 37) % 5_000);
    offset += length;
    const id = idOf(Buffer.from(`${pack} ${i}`));
    const type = pack % 2 === 0 ? 'data' : 'tree';
    return { id, type, offset: offset - length, length, plainLength: i % 3 === 0 ? 0 : length * 2 };
  });
}

const packsOf = (counts: readonly number[]) =>
  counts.map((count, pack) => ({ id: idOf(Buffer.from(`pack ${pack}`)), blobs: blobsOf(pack, count) }));

const held = (packs: ReturnType<typeof packsOf>) =>
  packs.map(({ id, blobs }) => ({ id, entries: encodeEntries(blobs) }));

it.each([
  ['no packs', []],
  ['a few blobs', [3, 1]],
  ['many', [9_000, 1, 7_000]],
] as const)('says what the packs hold, as an index in one piece does: %s', async (_, counts) => {
  const repository = await testRepository();
  const packs = packsOf(counts);
  const file = await sealIndex(repository, held(packs));
  expect(Buffer.from(openFile(repository, file)).toString()).toBe(encodeIndex(packs));
  await repository.backend.save({ type: 'index', name: file.id }, [file.bytes]);
  expect(await loadFile(repository, 'index', file.id)).toBe(encodeIndex(packs));
});

it.each([
  [1, 'broken'],
  [2, 'broken'],
  [1, 'cut short'],
  [2, 'cut short'],
] as const)('fails where it does not open to what it should say: version %d, %s', async (version, how) => {
  const repository = await testRepository({ version });
  fault.of = (plaintext) => {
    if (how === 'cut short') return plaintext.subarray(0, plaintext.length - 1);
    const broken = Uint8Array.from(plaintext);
    broken[broken.length >> 1]! ^= 1;
    return broken;
  };
  await expect(sealIndex(repository, held(packsOf([9_000])))).rejects.toMatchObject({
    code: 'verification-failed',
    detail: { what: 'index' },
  });
});

it('enters a blob index as decoded blobs do', () => {
  const packs = packsOf([100, 50]);
  const [one, other] = [new BlobIndex(), new BlobIndex()];
  for (const pack of packs) one.addPack(pack);
  for (const pack of held(packs)) other.addHeld(pack);
  expect(other.addHeld(held(packs)[1]!)).toBe(50);
  expect([...other.blobs()]).toEqual([...one.blobs()]);
});
