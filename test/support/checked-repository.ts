/** A repository in memory that a test fills, spoils and has checked. */
import type { Id } from '../../engine/format/id.ts';
import { type IndexedPack, indexedPack } from '../../engine/format/index-file.ts';
import { runCheck } from '../../engine/job/check.ts';
import type { ReadData } from '../../engine/job/check-select.ts';
import type { SummedPacks } from '../../engine/job/summed-packs.ts';
import type { CheckFinding, CheckProgress, CheckSummary } from '../../engine/protocol/check-news.ts';
import { listIndexFiles, readIndexFile } from '../../engine/repo/load-index.ts';
import { keyOf, MemoryBackend } from './memory-backend.ts';
import { StoredTrees } from './stored-trees.ts';
import { type TestRepository, testRepository } from './test-repository.ts';

export interface Checked {
  readonly summary: CheckSummary;
  readonly findings: CheckFinding[];
  /** `severity code`, sorted. */
  readonly codes: string[];
  readonly progress: CheckProgress[];
}

export const readAll: ReadData = { read: 'all' };

export class CheckedRepository {
  readonly backend: MemoryBackend;
  readonly repository: TestRepository;
  readonly stored: StoredTrees;

  private constructor(backend: MemoryBackend, repository: TestRepository) {
    this.backend = backend;
    this.repository = repository;
    this.stored = new StoredTrees(repository, 40_000);
  }

  static async make(): Promise<CheckedRepository> {
    const backend = new MemoryBackend();
    return new CheckedRepository(backend, await testRepository({ backend }));
  }

  /** Two data packs, the first with several blobs, one tree pack, one index file, one snapshot. */
  async fill(): Promise<void> {
    const bytes = (): Uint8Array => this.repository.world.chance.bytes(30_000);
    const entries = { a: { big: bytes(), small: 'x' }, b: bytes(), c: bytes(), d: bytes() };
    await this.stored.snapshot(this.stored.tree(entries));
  }

  async check(
    readData: ReadData = { read: 'none' },
    signal = new AbortController().signal,
    summed?: SummedPacks,
  ): Promise<Checked> {
    const findings: CheckFinding[] = [];
    const progress: CheckProgress[] = [];
    const listener = {
      finding: (finding: CheckFinding) => void findings.push(finding),
      progress: (each: CheckProgress) => void progress.push(each),
    };
    const request = { readData, noLock: true, lockRetryMs: 0, ...(summed ? { summed } : {}) };
    const summary = await runCheck(this.repository, request, listener, signal);
    const codes = findings.map(({ severity, code }) => `${severity} ${code}`).sort();
    return { summary, findings, codes, progress };
  }

  packIds(type: 'data' | 'tree'): Id[] {
    const blobs = [...this.stored.index.blobs()].filter((blob) => blob.type === type);
    return [...new Set(blobs.map(({ packId }) => packId))];
  }

  packBytes(id: Id): Buffer {
    return Buffer.from(this.backend.files.get(keyOf({ type: 'pack', name: id }))!);
  }

  putPack(id: Id, bytes: Uint8Array): void {
    this.backend.files.set(keyOf({ type: 'pack', name: id }), bytes);
  }

  /** The one index file. */
  async indexedPacks(): Promise<{ id: Id; packs: IndexedPack[] }> {
    const [id] = await listIndexFiles(this.repository);
    const packs: IndexedPack[] = [];
    await readIndexFile(this.repository, id!, (entry) => {
      packs.push(indexedPack(entry));
      return [];
    });
    return { id: id!, packs };
  }
}
