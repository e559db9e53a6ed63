/**
 * One run in the journal while it goes over its sources: what it went on from, which packs it has, and which files are
 * finished. A file's record comes after its pack's: one whose pack was lost is read again.
 */
import type { ByteString } from '../base/byte-string.ts';
import { wallMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Id } from '../format/id.ts';
import { FileRecordBatch } from '../journal/file-records.ts';
import type { RunStart } from '../journal/journal.ts';
import type { BlobIndex } from '../repo/blob-index.ts';
import type { Repository } from '../repo/repository.ts';
import { RunNotes } from '../repo/run-notes.ts';
import type { Item } from '../source/item.ts';
import { type PacksFound, type Resumed, resumeRun } from './resume-run.ts';
import type { RunMemory } from './run-memory.ts';

export class RunJournal {
  readonly memory: RunMemory;
  readonly runId: string;
  readonly resumed: Resumed;
  readonly notes: RunNotes;
  readonly #clock: Repository['world']['clock'];
  readonly #files = new FileRecordBatch();
  #flushedMs: number;

  private constructor(memory: RunMemory, repository: Repository, runId: string, resumed: Resumed) {
    this.memory = memory;
    this.runId = runId;
    this.resumed = resumed;
    this.#clock = repository.world.clock;
    this.#flushedMs = this.#clock.elapsedMs();
    const { journal } = memory;
    // What is as near as the spool needs no other copy.
    const { folder, isAway } = repository.backend;
    const spool = folder === undefined ? memory.spool : undefined;
    this.notes = new RunNotes({
      runId,
      journal,
      spool,
      beforePack: () => this.flush(),
      ...(isAway === true ? { isAway } : {}),
    });
  }

  /** `index`: what is loaded; what the store has of the run is added to it. */
  static async begin(
    memory: RunMemory,
    repository: Repository,
    start: RunStart,
    index: BlobIndex,
    packs: PacksFound,
  ): Promise<RunJournal> {
    const resumed = await resumeRun(memory, start, index, packs);
    return new RunJournal(memory, repository, start.runId, resumed);
  }

  /** The file was read, and is as its item says. */
  readonly finishedFile = (path: ByteString, item: Item, content: readonly Id[]): void => {
    const { sizeBytes, mtimeNs, ctimeNs, inode, deviceId: device } = item;
    this.#files.add({ path, fingerprint: { sizeBytes, mtimeNs, ctimeNs, inode, device }, content });
    const ageMs = this.#clock.elapsedMs() - this.#flushedMs;
    if (this.#files.bytes >= limits.fileRecordBytes || ageMs >= limits.journalLazyMs) this.flush();
  };

  readonly flush = (): void => {
    this.#flushedMs = this.#clock.elapsedMs();
    if (this.#files.bytes > 0) this.memory.journal.files(this.runId, this.#files.take());
  };

  /** Nothing of the run is needed any more. */
  end(): void {
    this.memory.journal.end(this.runId, 'done', wallMs(this.#clock));
    this.memory.clear(this.runId);
  }
}
