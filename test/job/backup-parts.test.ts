import { renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fromText } from '../../engine/base/byte-string.ts';
import { inlineCompute } from '../../engine/compute/inline-compute.ts';
import type { Id } from '../../engine/format/id.ts';
import type { BackupSummary } from '../../engine/protocol/run-news.ts';
import { loadBlob, loadTree } from '../../engine/repo/load-blob.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { loadSnapshot } from '../../engine/repo/snapshots.ts';
import { realFiles, type SourceFiles } from '../../engine/source/source-files.ts';
import { backUp } from '../support/back-up.ts';
import { seededBytes } from '../support/seeded-bytes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

const zeros = Buffer.alloc(3_000_000);
const content = Buffer.concat([seededBytes('a', 12_000_000), zeros, seededBytes('b', 5_000_000)]);
/** A part is as large as eight packs. */
const packBytesTarget = 200_000;
const parts = Math.floor(content.length / (8 * packBytesTarget));

let folder: string;
let path: string;
let repository: TestRepository;
let opened: number;

beforeEach(async () => {
  folder = temporaryFolder('parts');
  path = join(folder, 'large.img');
  writeFileSync(path, content);
  repository = await testRepository();
  opened = 0;
});

/** The real files; `onOpen` may do mischief when one is opened so many times. */
function watchedFiles(onOpen: (count: number) => void = () => undefined): SourceFiles {
  return {
    ...realFiles,
    open(name, item) {
      onOpen(++opened);
      return realFiles.open(name, item);
    },
  };
}

async function backup(files: SourceFiles, handsMax = 2): Promise<BackupSummary> {
  const { chance, clock } = repository.world;
  const hands = { ...inlineCompute({ chance, clock, files }), handsMax };
  const listener = { progress: () => {}, news: () => {} };
  const request = { targets: [fromText(folder)], packBytesTarget };
  return await backUp(repository, files, request, listener, new AbortController().signal, hands);
}

async function contentIn({ snapshotId }: BackupSummary): Promise<readonly Id[]> {
  const index = await loadIndex(repository);
  let nodes = await loadTree(repository, index, (await loadSnapshot(repository, snapshotId!)).tree);
  for (const name of folder.split('/').slice(1))
    nodes = await loadTree(repository, index, nodes.find((node) => node.name === name)!.subtree!);
  return nodes[0]!.content!;
}

async function bytesOf(ids: readonly Id[]): Promise<Buffer> {
  const index = await loadIndex(repository);
  const blobs = [];
  for (const id of ids) blobs.push(await loadBlob(repository, index, 'data', id));
  return Buffer.concat(blobs);
}

describe('a large file', () => {
  it('is read in parts where there are several hands, and its chunks are those of the file in one piece', async () => {
    const inParts = await backup(watchedFiles());
    expect(opened).toBe(parts);
    expect(inParts).toMatchObject({ totalBytesProcessed: content.length, changedWhileReading: 0 });
    opened = 0;
    const ids = await contentIn(inParts);
    repository = await testRepository();
    const inOne = await backup(watchedFiles(), 1);
    expect(opened).toBe(1);
    expect(ids).toEqual(await contentIn(inOne));
    expect(inParts.dataBlobs).toBe(inOne.dataBlobs);
    expect((await bytesOf(ids)).equals(content)).toBe(true);
  });

  it('is read once more where another file took its place meanwhile', async () => {
    const other = Buffer.concat([content.subarray(0, 9_000_000), seededBytes('other', 9_000_000)]);
    const summary = await backup(
      watchedFiles((count) => {
        if (count !== 4) return;
        writeFileSync(`${path}.new`, other);
        renameSync(`${path}.new`, path);
      }),
    );
    expect(opened).toBe(parts + 1);
    expect((await bytesOf(await contentIn(summary))).equals(other)).toBe(true);
    expect(summary).toMatchObject({ totalBytesProcessed: other.length });
  });

  it('is read once more where its parts do not fit together', async () => {
    const moved = Buffer.concat([Buffer.alloc(50_000, 'x'), content]);
    const summary = await backup(
      watchedFiles((count) => {
        if (count === 4) writeFileSync(path, moved);
      }),
    );
    expect(opened).toBe(parts + 1);
    expect((await bytesOf(await contentIn(summary))).equals(moved)).toBe(true);
  });

  it('that is written to while it is read is not read again, and is told to have changed', async () => {
    const summary = await backup(
      watchedFiles((count) => {
        if (count === 4) utimesSync(path, 1, 2);
      }),
    );
    expect(opened).toBe(parts);
    expect(summary).toMatchObject({ changedWhileReading: 1 });
    expect((await bytesOf(await contentIn(summary))).equals(content)).toBe(true);
  });

  it('of which a part cannot be read is not in the snapshot, and is told', async () => {
    const summary = await backup(
      watchedFiles((count) => {
        if (count === 4) throw Object.assign(new Error('EIO: i/o error, open'), { code: 'EIO' });
      }),
    );
    expect(summary).toMatchObject({ errors: 1, filesNew: 0, totalBytesProcessed: 0 });
  });
});
