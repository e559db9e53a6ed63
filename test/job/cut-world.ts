/** A folder, a repository in memory and a journal, for runs that are cut: what is dead neither asks nor writes any more. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { FileType } from '../../engine/backend/backend.ts';
import { type ByteString, fromText, toText } from '../../engine/base/byte-string.ts';
import { Failure } from '../../engine/base/failure.ts';
import { limits } from '../../engine/base/limits.ts';
import type { Id } from '../../engine/format/id.ts';
import { decodeEntries } from '../../engine/format/pack-header.ts';
import type { BackupRequest } from '../../engine/job/backup.ts';
import { finishPending } from '../../engine/job/pending-commits.ts';
import { FinishedFiles, readFileRecords } from '../../engine/journal/file-records.ts';
import type { Journal } from '../../engine/journal/journal.ts';
import type { BackupNews, BackupSummary, IncompleteNews, RunPhase } from '../../engine/protocol/run-news.ts';
import { loadBlob } from '../../engine/repo/load-blob.ts';
import { loadIndex } from '../../engine/repo/load-index.ts';
import { findMissing } from '../../engine/repo/prove-complete.ts';
import { listSnapshotIds, loadSnapshot } from '../../engine/repo/snapshots.ts';
import { walkTree } from '../../engine/repo/walk-tree.ts';
import type { Item } from '../../engine/source/item.ts';
import { realFiles, type SourceFiles } from '../../engine/source/source-files.ts';
import { backUp, turning } from '../support/back-up.ts';
import { seededChance } from '../support/fixed-world.ts';
import { keyOf, MemoryBackend } from '../support/memory-backend.ts';
import { MemoryJournal, MemorySpool, memoryOfRuns } from '../support/memory-journal.ts';
import { type TestRepository, testRepository } from '../support/test-repository.ts';

const packBytesTarget = 20_000;

export function makeSources(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slackwater-cut-'));
  mkdirSync(join(folder, 'a'));
  mkdirSync(join(folder, 'b'));
  for (let i = 0; i < 8; i++) {
    const name = join(folder, i < 4 ? 'a' : 'b', `${i}.bin`);
    writeFileSync(name, seededChance(`file ${i}`).bytes(9_000 + 1_000 * i));
  }
  return folder;
}

export class CutWorld {
  readonly folder: string;
  readonly backend: MemoryBackend;
  readonly repository: TestRepository;
  /** The repository as runs see it. */
  store: TestRepository;
  readonly journal = new MemoryJournal();
  readonly spool = new MemorySpool();
  /** Files that were opened, without the folder, since the last run began. */
  opened: string[] = [];
  phases: RunPhase[] = [];
  /** Snapshots that were told, in the last run, to lack what they need. */
  incomplete: IncompleteNews[] = [];
  /** Names of files that the store has acknowledged, and of those that were sent after that. */
  readonly acknowledged = new Set<string>();
  readonly sentAgain: string[] = [];
  readonly #itemsAbove = new Map<ByteString, Item>();

  private constructor(folder: string, backend: MemoryBackend, repository: TestRepository) {
    this.folder = folder;
    this.backend = backend;
    this.repository = repository;
    this.store = repository;
  }

  /** `isNear`: the store is a folder of this machine, so nothing is spooled. */
  static async make(folder: string, isNear = false): Promise<CutWorld> {
    const backend = new MemoryBackend();
    if (isNear) Object.assign(backend, { folder: '/memory' });
    return new CutWorld(folder, backend, await testRepository({ backend }));
  }

  /** One run as a process of its own: it knows what the journal kept, no more. */
  async run(
    change: Partial<BackupRequest> = {},
    signal = new AbortController().signal,
  ): Promise<BackupSummary> {
    this.opened = [];
    this.phases = [];
    const memory = memoryOfRuns(this.journal, this.spool);
    this.incomplete = [];
    const listener = {
      progress: ({ phase }: { phase: RunPhase }) => this.#see(phase),
      news: (news: BackupNews) => void (news.type === 'snapshot-incomplete' && this.incomplete.push(news)),
    };
    const request = { targets: [fromText(this.folder)], packBytesTarget, memory, ...change };
    return await backUp(this.store, this.#files(), request, listener, signal);
  }

  /**
   * A run whose process dies at the store's n-th request from now, before it or once it is carried out; or before it tells
   * the journal this word, or saves a file of this type. Whether it did.
   */
  async runCutAt(
    n: number | keyof Journal | { save: FileType },
    when: 'before' | 'after' = 'before',
  ): Promise<boolean> {
    let asked = 0;
    let isDead = false;
    // Whatever waits for the store to come back ends with its process.
    const process = new AbortController();
    const die = (): never => {
      isDead = true;
      process.abort();
      throw new Failure('cancelled');
    };
    const dead = (): void => void (isDead && die());
    this.backend.before = (operation, file) => {
      dead();
      if (typeof n === 'object' && operation === 'save' && file.type === n.save) die();
      asked++;
      if (asked === n && when === 'before') die();
    };
    this.backend.afterSave = (file) => {
      if (when === 'after' && asked >= Number(n)) die();
      this.#acknowledge(keyOf(file));
    };
    this.journal.before = (word) => {
      dead();
      if (word === n) die();
    };
    this.spool.before = dead;
    await this.run({}, process.signal).catch(() => undefined);
    this.revive();
    this.journal.crash();
    return isDead;
  }

  /** What waits, in a process of its own. */
  async finish(signal = new AbortController().signal): Promise<void> {
    this.opened = [];
    this.phases = [];
    const memory = memoryOfRuns(this.journal, this.spool);
    const { repository } = this;
    const parts = {
      repository,
      memory,
      lockRetryMs: 0,
      signal,
      onStep: (phase: RunPhase) => this.#see(phase),
    };
    await turning(repository, finishPending(parts));
  }

  revive(): void {
    this.backend.before = () => {};
    this.backend.afterSave = (file) => this.#acknowledge(keyOf(file));
    this.journal.before = () => {};
    this.spool.before = () => {};
  }

  /** Files that the journal says are finished, with all their blobs in packs that are noted. */
  finishedFiles(): string[] {
    const runs = this.journal.openRuns();
    return runs.flatMap(({ runId, at }) => {
      const records = this.journal.fileRecords(runId);
      const finished = new FinishedFiles(records);
      const blobs = new Set(
        this.journal.packs(runId).flatMap(({ entries }) => decodeEntries(entries).map(({ id }) => id)),
      );
      const paths = records.flatMap((batch) => [...readFileRecords(batch)].map(({ path }) => path));
      const whole = (path: ByteString): boolean => finished.find(path)!.content.every((id) => blobs.has(id));
      return paths.filter((path) => at === 'sealed' || whole(path)).map((path) => this.#short(path));
    });
  }

  /** One snapshot, which is whole and has every byte; no pack is orphaned, no blob is there twice. */
  async expectOneGoodSnapshot(): Promise<void> {
    const ids = await listSnapshotIds(this.repository);
    expect(ids).toHaveLength(1);
    expect(await this.expectGood(ids[0]!)).toBe(8);
  }

  /** It is whole, and has what is in the folder now; how many files. */
  async expectGood(id: Id): Promise<number> {
    const { tree } = await loadSnapshot(this.repository, id);
    const index = await loadIndex(this.repository);
    expect(await findMissing(this.repository, index, [tree], new AbortController().signal)).toBeUndefined();
    let files = 0;
    for await (const { path, node } of walkTree(this.repository, index, tree)) {
      if (node.type !== 'file') continue;
      files++;
      const blobs = node.content!.map((id) => loadBlob(this.repository, index, 'data', id));
      expect(Buffer.concat(await Promise.all(blobs)).equals(readFileSync(toText(path)))).toBe(true);
    }
    return files;
  }

  /** For `backend.before`: packs take so long that our lock is held before the store has them. */
  readonly packsTakeLong = async (operation: string, { type }: { type: FileType }): Promise<void> => {
    if (operation === 'save' && type === 'pack')
      await this.repository.world.clock.sleep(2 * limits.lockSettleMs);
  };

  packsInStore(): string[] {
    return [...this.backend.files.keys()].filter((key) => key.startsWith('pack/'));
  }

  #see(phase: RunPhase): void {
    if (this.phases.at(-1) !== phase) this.phases.push(phase);
  }

  #acknowledge(key: string): void {
    if (this.acknowledged.has(key)) this.sentAgain.push(key);
    this.acknowledged.add(key);
  }

  /** Whatever else this machine does among its temporary files, no run has a new folder to save because of it. */
  #itemAbove(path: ByteString, name: ByteString): Item {
    const item = this.#itemsAbove.get(path) ?? realFiles.followed(path, name);
    this.#itemsAbove.set(path, item);
    return item;
  }

  #short(path: ByteString): string {
    return toText(path).slice(this.folder.length + 1);
  }

  #files(): SourceFiles {
    return {
      ...realFiles,
      followed: (path, name) => this.#itemAbove(path, name),
      open: (path, item) => {
        this.opened.push(this.#short(path));
        return realFiles.open(path, item);
      },
    };
  }
}

export function removeSources(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
