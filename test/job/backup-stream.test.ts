import { beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import type { StreamSource } from '../../engine/job/archive-stream.ts';
import type { BackupSummary } from '../../engine/protocol/run-news.ts';
import { loadTree } from '../../engine/repo/load-blob.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { listSnapshotIds, loadSnapshot } from '../../engine/repo/snapshots.ts';
import { realFiles } from '../../engine/source/source-files.ts';
import { backUp } from '../support/back-up.ts';
import { seededChance } from '../support/fixed-world.ts';
import type { MemoryBackend } from '../support/memory-backend.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let repository: TestRepository;

beforeEach(async () => {
  repository = await testRepository();
});

async function backup(stream: StreamSource): Promise<BackupSummary> {
  const listener = { progress: () => {}, news: () => {} };
  return await backUp(repository, realFiles, { stream }, listener, new AbortController().signal);
}

async function locks(): Promise<number> {
  let count = 0;
  for await (const _lock of repository.backend.list('lock')) count++;
  return count;
}

describe('a stream', () => {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 30; i++) yield seededChance(`piece ${i}`).bytes(100_000);
  }

  it('is saved as a file under its name', async () => {
    const stream = { path: fromText('/dumps/db.sql'), pieces: pieces(), finished: async () => {} };
    const summary = await backup(stream);
    const snapshot = await loadSnapshot(repository, summary.snapshotId!);
    expect(snapshot.paths).toEqual(['/dumps/db.sql']);
    const index = await loadIndex(repository);
    const [dumps] = await loadTree(repository, index, snapshot.tree);
    const [file] = await loadTree(repository, index, dumps!.subtree!);
    expect(file).toMatchObject({ name: 'db.sql', size: 3_000_000, type: 'file' });
  });

  it('lets go of whoever writes it when the repository fails', async () => {
    let isOver = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (let i = 0; ; i++) yield seededChance(`piece ${i}`).bytes(1_000_000);
      } finally {
        isOver = true;
      }
    }
    (repository.backend as MemoryBackend).before = (operation, file) => {
      if (operation === 'save' && file.type === 'pack') throw new Error('disk full');
    };
    const stream = { path: fromText('/db.sql'), pieces: endless(), finished: async () => {} };
    await expect(backup(stream)).rejects.toThrow('disk full');
    expect(isOver).toBe(true);
  });

  it('belongs to whoever made the backup, as in restic', async () => {
    const stream = { path: fromText('/dumps/db.sql'), pieces: pieces(), finished: async () => {} };
    const { snapshotId } = await backup(stream);
    const index = await loadIndex(repository);
    const [dumps] = await loadTree(repository, index, (await loadSnapshot(repository, snapshotId!)).tree);
    const [file] = await loadTree(repository, index, dumps!.subtree!);
    for (const node of [dumps, file]) expect(node).toMatchObject({ uid: 1000, gid: 1000 });
  });

  it('leaves no snapshot when whoever wrote it failed', async () => {
    const finished = async (): Promise<void> => {
      throw new Error('the command failed');
    };
    const stream = { path: fromText('/db.sql'), pieces: pieces(), finished };
    await expect(backup(stream)).rejects.toThrow('the command failed');
    expect(await listSnapshotIds(repository)).toEqual([]);
    expect(await locks()).toBe(0);
  });
});
