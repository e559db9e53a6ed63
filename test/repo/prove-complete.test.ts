import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { findMissing, type Missing } from '../../engine/repo/prove-complete.ts';
import { findSnapshot } from '../../engine/repo/snapshots.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { backUp } from '../support/back-up.ts';
import { MemoryBackend } from '../support/memory-backend.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let folder: string;
let backend: MemoryBackend;
let repository: TestRepository;
let tree: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slackwater-proof-'));
  for (const name of ['a', 'b', 'c']) {
    mkdirSync(join(folder, name));
    for (const file of ['1', '2'])
      writeFileSync(join(folder, name, file), randomFillSync(Buffer.alloc(3_000)));
  }
  backend = new MemoryBackend();
  repository = await testRepository({ backend });
  const listener = { progress() {}, news() {} };
  await backUp(
    repository,
    realFiles,
    { targets: [fromText(folder)], packBytesTarget: 4_096 },
    listener,
    new AbortController().signal,
  );
  tree = (await findSnapshot(repository, 'latest', {})).tree;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const missing = async (): Promise<Missing | undefined> =>
  await findMissing(repository, await loadIndex(repository), [tree], new AbortController().signal);
const packs = (): string[] => [...backend.files.keys()].filter((key) => key.startsWith('pack/'));

describe('the proof that a tree is complete', () => {
  it('finds nothing missing in a whole repository', async () => {
    expect(packs().length).toBeGreaterThan(2);
    expect(await missing()).toBeUndefined();
  });

  it('finds each pack that is gone', async () => {
    for (const key of packs()) {
      const bytes = backend.files.get(key)!;
      backend.files.delete(key);
      expect((await missing())?.packs.map(({ id }) => id)).toContain(key.slice('pack/'.length));
      backend.files.set(key, bytes);
    }
    expect(await missing()).toBeUndefined();
  });

  it('finds a pack that the store cut off', async () => {
    const [key] = packs();
    const whole = backend.files.get(key!)!;
    backend.files.set(key!, whole.subarray(0, -1));
    const id = key!.slice('pack/'.length);
    expect((await missing())?.packs).toEqual([{ id, sizeBytes: whole.length }]);
  });

  it('finds what no index lists', async () => {
    for (const key of [...backend.files.keys()]) if (key.startsWith('index/')) backend.files.delete(key);
    expect(await missing()).toEqual({ blobs: 1, packs: [] });
  });

  it('asks by name for a pack that a lagging list has not yet', async () => {
    const hidden = packs()[0]!.slice('pack/'.length);
    const list = backend.list.bind(backend);
    backend.list = async function* (type, signal) {
      for await (const file of list(type, signal)) if (file.name !== hidden) yield file;
    };
    expect(await missing()).toBeUndefined();
  });

  it('does not take a store that fails for one that has nothing', async () => {
    backend.before = (operation) => {
      if (operation === 'list') throw new Error('the store is away');
    };
    await expect(missing()).rejects.toThrow('the store is away');
  });
});
