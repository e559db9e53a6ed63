import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../engine/base/byte-string.ts';
import { fromSystemError } from '../../engine/base/failure.ts';
import type { Compute } from '../../engine/compute/crew.ts';
import { inlineCompute } from '../../engine/compute/inline-compute.ts';
import { threadCompute } from '../../engine/compute/pool.ts';
import type { BackupRequest } from '../../engine/job/backup.ts';
import type { BackupNews, BackupProgress, BackupSummary } from '../../engine/protocol/run-news.ts';
import { loadBlob, loadTree } from '../../engine/repo/load-blob.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { listSnapshotIds, loadSnapshot } from '../../engine/repo/snapshots.ts';
import { realFiles, type SourceFiles } from '../../engine/source/source-files.ts';
import { backUp } from '../support/back-up.ts';
import { seededChance } from '../support/fixed-world.ts';
import type { MemoryBackend } from '../support/memory-backend.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

let folder: string;
let repository: TestRepository;
let news: BackupNews[];
let progress: BackupProgress[];
let opened: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slackwater-backup-'));
  repository = await testRepository();
  news = [];
  progress = [];
  opened = [];
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'a.txt'), 'alpha');
  writeFileSync(join(folder, 'sub', 'b.bin'), seededChance('b').bytes(3_000_000));
  writeFileSync(join(folder, 'sub', 'c.bin'), seededChance('c').bytes(40_000));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The real files, but each opening is noted, and `onRead` may do mischief when a file is read. */
function watchedFiles(onRead: (path: string) => void = () => {}): SourceFiles {
  return {
    ...realFiles,
    open(path, item) {
      opened.push(path.slice(folder.length + 1));
      const file = realFiles.open(path, item);
      return {
        ...file,
        read(space) {
          const count = file.read(space);
          onRead(path);
          return count;
        },
      };
    },
  };
}

async function backup(
  change: Partial<BackupRequest> = {},
  files: SourceFiles = watchedFiles(),
  signal: AbortSignal = new AbortController().signal,
): Promise<BackupSummary> {
  const listener = {
    progress: (p: BackupProgress) => progress.push(p),
    news: (n: BackupNews) => news.push(n),
  };
  const targets = change.targets ?? [fromText(folder)];
  return await backUp(repository, files, { ...change, targets }, listener, signal);
}

async function locks(): Promise<number> {
  let count = 0;
  for await (const _lock of repository.backend.list('lock')) count++;
  return count;
}

describe('a backup', () => {
  it('commits a snapshot of all that is there, and gives its lock back', async () => {
    const summary = await backup({ tags: ['t'], excludes: ['*.tmp'] });
    const snapshot = await loadSnapshot(repository, summary.snapshotId!);
    expect(snapshot).toMatchObject({
      paths: [folder],
      tags: ['t'],
      excludes: ['*.tmp'],
      hostname: 'testhost',
    });
    expect(summary).toMatchObject({ filesNew: 3, totalBytesProcessed: 3_040_005, errors: 0, dryRun: false });
    expect(await locks()).toBe(0);
    const index = await loadIndex(repository);
    let nodes = await loadTree(repository, index, snapshot.tree);
    for (const name of folder.split('/').slice(1)) {
      const found = nodes.find((node) => node.name === name);
      nodes = await loadTree(repository, index, found!.subtree!);
    }
    expect(nodes.map((node) => node.name)).toEqual(['a.txt', 'sub']);
    const content = await loadBlob(repository, index, 'data', nodes[0]!.content![0]!);
    expect(content.toString()).toBe('alpha');
  });

  it('tells its phases in order, and verified last', async () => {
    const backend = repository.backend as MemoryBackend;
    // The sources are counted where there is time for it.
    backend.before = async (operation, file) => {
      if (operation === 'save' && file.type === 'pack') await repository.world.clock.sleep(5_000);
    };
    await backup({ scan: true });
    const phases = progress.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1]);
    expect(phases).toEqual(['opening', 'uploading', 'sealing', 'writing-index', 'committing', 'verified']);
    expect(progress.at(-1)).toMatchObject({ filesDone: 3, bytesRead: 3_040_005 });
    expect(progress.some(({ filesTotal, bytesTotal }) => filesTotal === 3 && bytesTotal === 3_040_005)).toBe(
      true,
    );
  });

  it('reads only what changed since the parent, and stores nothing twice', async () => {
    const first = await backup();
    opened = [];
    appendFileSync(join(folder, 'a.txt'), ' beta');
    const second = await backup();
    expect(opened).toEqual(['a.txt']);
    expect(second).toMatchObject({ filesNew: 0, filesChanged: 1, filesUnmodified: 2, dataBlobs: 1 });
    expect((await loadSnapshot(repository, second.snapshotId!)).parent).toBe(first.snapshotId);
    opened = [];
    const third = await backup({ force: true });
    expect(opened).toHaveLength(3);
    expect(third).toMatchObject({ filesNew: 3, dataBlobs: 0 });
    expect((await loadSnapshot(repository, third.snapshotId!)).parent).toBeUndefined();
  });

  it('begins no thread for a few trees, and one for a file', async () => {
    await backup();
    const { chance, clock } = repository.world;
    const here = inlineCompute({ chance, clock, files: realFiles });
    let hands = 0;
    const hire: Compute['hire'] = (skill, setup, onNews) => {
      const counted: typeof skill = {
        ...skill,
        begin(...args) {
          hands++;
          return skill.begin(...args);
        },
      };
      return here.hire(counted, setup, onNews);
    };
    const again = async (): Promise<BackupSummary> => {
      const targets = [fromText(folder)];
      const listener = { progress: () => {}, news: () => {} };
      const { signal } = new AbortController();
      return await backUp(repository, realFiles, { targets }, listener, signal, { ...here, hire });
    };
    chmodSync(join(folder, 'sub'), 0o700);
    const summary = await again();
    expect(summary.dirsChanged).toBeGreaterThan(0);
    expect(hands).toBe(0);
    const index = await loadIndex(repository);
    const snapshot = await loadSnapshot(repository, summary.snapshotId!);
    expect(await loadTree(repository, index, snapshot.tree)).toHaveLength(1);
    writeFileSync(join(folder, 'a.txt'), 'beta');
    await again();
    expect(hands).toBe(1);
  });

  it('takes `latest` as a parent for the latest of this host and these paths, as restic does', async () => {
    const first = await backup();
    await backup({ hostname: 'elsewhere' });
    const again = await backup({ parent: 'latest' });
    expect((await loadSnapshot(repository, again.snapshotId!)).parent).toBe(first.snapshotId);
    await expect(backup({ parent: 'latest', hostname: 'nowhere' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('reads a file again whose blobs the repository has lost', async () => {
    await backup();
    const backend = repository.backend as MemoryBackend;
    for (const key of [...backend.files.keys()]) if (key.startsWith('index/')) backend.files.delete(key);
    const again = await backup();
    expect(opened.filter((path) => path === 'sub/b.bin')).toHaveLength(2);
    expect(again.dataBlobs).toBeGreaterThan(3);
  });

  it('takes a file for unchanged that has another inode and ctime, when it is told to', async () => {
    await backup();
    // A mounted ZFS snapshot: the same file under a new inode number and with a new ctime.
    const mounted: SourceFiles = {
      ...watchedFiles(),
      item(path, name) {
        const item = realFiles.item(path, name);
        return { ...item, inode: item.inode + 1000n, ctimeNs: item.ctimeNs + 5n };
      },
    };
    opened = [];
    await backup({ rule: { ignoreInode: true, ignoreCtime: false } }, mounted);
    expect(opened).toEqual([]);
    await backup({ rule: { ignoreInode: false, ignoreCtime: false } }, { ...mounted, item: realFiles.item });
    expect(opened).toHaveLength(3);
  });

  it('names a file that changes while it is read, and saves it all the same', async () => {
    const files = watchedFiles((path) => {
      if (path.endsWith('b.bin') && opened.length === 2) appendFileSync(path, 'more');
      if (path.endsWith('b.bin')) opened.push('mischief');
    });
    const summary = await backup({}, files);
    expect(summary.changedWhileReading).toBe(1);
    expect(news).toContainEqual({ type: 'changed-while-reading', item: join(folder, 'sub', 'b.bin') });
    expect(summary.snapshotId).toBeDefined();
  });

  it('goes on past a file that cannot be read, tells it and counts it', async () => {
    const files: SourceFiles = {
      ...realFiles,
      open(path, item) {
        const file = realFiles.open(path, item);
        const failing = {
          ...file,
          read: (): number => {
            throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
          },
        };
        return path.endsWith('b.bin') ? failing : file;
      },
    };
    const summary = await backup({}, files);
    expect(summary).toMatchObject({ filesNew: 2, errors: 1 });
    expect(news).toContainEqual(
      expect.objectContaining({
        type: 'error',
        item: join(folder, 'sub', 'b.bin'),
        message: 'EIO: i/o error, read',
      }),
    );
  });

  it('counts no bytes of a file that failed half-way', async () => {
    const files = watchedFiles((path) => {
      if (!path.endsWith('b.bin')) return;
      if (opened.includes('again')) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
      opened.push('again');
    });
    const summary = await backup({}, files);
    expect(summary).toMatchObject({ errors: 1, totalFilesProcessed: 2, totalBytesProcessed: 40_005 });
  });

  it('takes what vanished before it was looked at for never there', async () => {
    const files: SourceFiles = {
      ...realFiles,
      names: (path) => [...realFiles.names(path), 'zzz' as ByteString],
    };
    expect(await backup({}, files)).toMatchObject({ filesNew: 3, errors: 0 });
  });

  it('tells of a target that is not there, and fails when none is', async () => {
    const missing = fromText(join(folder, 'missing'));
    const summary = await backup({ targets: [missing, fromText(join(folder, 'a.txt'))] });
    expect(summary).toMatchObject({ filesNew: 1, errors: 1 });
    expect((await loadSnapshot(repository, summary.snapshotId!)).paths).toEqual([join(folder, 'a.txt')]);
    await expect(backup({ targets: [missing] })).rejects.toMatchObject({ code: 'source-missing' });
  });

  it('writes nothing in a dry run, but counts as if', async () => {
    const backend = repository.backend as MemoryBackend;
    const before = [...backend.files.keys()];
    const dry = await backup({ dryRun: true });
    expect([...backend.files.keys()]).toEqual(before);
    expect(dry.snapshotId).toBeUndefined();
    const real = await backup();
    expect(dry).toMatchObject({ dataBlobs: real.dataBlobs, treeBlobs: real.treeBlobs, filesNew: 3 });
  });

  it('makes no snapshot when nothing changed, where that is wished', async () => {
    // Relative, so that no folder above it, which others change, is in the tree.
    const targets = { targets: [fromText('sub')], cwd: fromText(folder) };
    await backup(targets);
    const again = await backup({ ...targets, skipIfUnchanged: true });
    expect(again.snapshotId).toBeUndefined();
    expect(await listSnapshotIds(repository)).toHaveLength(1);
  });
});

describe('a backup that is cut short', () => {
  it('indexes what was stored, so that the next run sends only the rest', async () => {
    for (let i = 0; i < 8; i++) writeFileSync(join(folder, `f${i}`), seededChance(`f${i}`).bytes(900_000));
    const backend = repository.backend as MemoryBackend;
    const cancelled = new AbortController();
    let packs = 0;
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'pack' && ++packs === 4) cancelled.abort();
    };
    await expect(backup({}, watchedFiles(), cancelled.signal)).rejects.toBeDefined();
    expect(await locks()).toBe(0);
    expect(await listSnapshotIds(repository)).toEqual([]);
    const kept = await loadIndex(repository);
    expect(kept.packCount).toBe([...backend.files.keys()].filter((key) => key.startsWith('pack/')).length);
    expect(kept.packCount).toBeGreaterThanOrEqual(4);
    backend.before = () => {};
    const sentBefore = new Set([...kept.blobs()].map(({ id }) => id));
    await backup();
    const all = [...(await loadIndex(repository)).blobs()];
    expect(all.filter(({ id }) => sentBefore.has(id))).toHaveLength(sentBefore.size);
  });

  it('fails with what the repository failed with, and leaves no lock and no snapshot', async () => {
    const backend = repository.backend as MemoryBackend;
    backend.before = (operation, file) => {
      if (operation === 'save' && file.type === 'pack') throw new Error('disk full');
    };
    await expect(backup()).rejects.toThrow('disk full');
    expect(await locks()).toBe(0);
    expect(await listSnapshotIds(repository)).toEqual([]);
  });

  it('fails when a thread dies, and leaves no lock and no snapshot', async () => {
    // A thread that lacks the skill ends with an error as soon as it is told.
    const entry = new URL('../compute/pool-thread.ts', import.meta.url);
    const here = { ...repository.world, files: realFiles };
    const compute = threadCompute({ entry, threadsMax: 2, here });
    const targets = [fromText(folder)];
    const listener = { progress: () => {}, news: () => {} };
    const { signal } = new AbortController();
    const running = backUp(repository, realFiles, { targets }, listener, signal, compute);
    await expect(running).rejects.toThrow('no thread has the skill');
    expect(await locks()).toBe(0);
    expect(await listSnapshotIds(repository)).toEqual([]);
  });

  it('takes a repository that is gone for no file that vanished', async () => {
    for (let i = 0; i < 9; i++)
      writeFileSync(join(folder, 'sub', `f${i}`), seededChance(`f${i}`).bytes(2_000));
    const backend = repository.backend as MemoryBackend;
    backend.before = async (operation, file) => {
      // Each upload takes long enough that an index is due.
      if (operation === 'save' && file.type === 'pack') await repository.world.clock.sleep(6 * 60_000);
      if (operation === 'save' && file.type === 'index') {
        backend.before = () => {};
        throw fromSystemError(Object.assign(new Error('gone'), { code: 'ENOENT' }), 'write', '/index');
      }
    };
    await expect(backup({ packBytesTarget: 1_000 })).rejects.toMatchObject({ code: 'not-found' });
    expect(await listSnapshotIds(repository)).toEqual([]);
  });

  it('indexes nothing after its lock was lost, for a prune may have removed what it stored', async () => {
    const backend = repository.backend as MemoryBackend;
    let packs = 0;
    backend.before = async (operation, file) => {
      if (operation !== 'save' || file.type !== 'pack' || ++packs < 2) return;
      // While this host sleeps, another one takes our lock for stale, and prunes.
      for (const key of [...backend.files.keys()]) if (/^(lock|pack)/.test(key)) backend.files.delete(key);
      const { clock } = repository.world;
      const wokenNs = clock.wallNs() + 40n * 60_000_000_000n;
      Object.assign(clock, { wallNs: () => wokenNs });
      await clock.sleep(2_000);
    };
    await expect(backup()).rejects.toMatchObject({ code: 'lock-lost' });
    expect((await loadIndex(repository)).packCount).toBe(0);
  });

  it('never says that a snapshot is saved which cannot be read back', async () => {
    const backend = repository.backend as MemoryBackend;
    backend.before = (operation, file) => {
      if (operation === 'load' && file.type === 'snapshot')
        backend.files.set(`snapshot/${file.name}`, Buffer.from('portal'));
    };
    await expect(backup()).rejects.toMatchObject({ code: 'verification-failed' });
    expect(progress.some(({ phase }) => phase === 'verified')).toBe(false);
  });
});
