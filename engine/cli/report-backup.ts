/** Tells people and programs what a backup does: the messages of restic's `--json`, or sentences. */
import { assertNever } from '../base/assert.ts';
import { toText } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import type { BackupListener } from '../job/backup-telling.ts';
import { bytesPerSecond, timeLeft } from '../machine/rate.ts';
import type { BackupNews, BackupProgress, BackupSummary, ItemNews } from '../protocol/run-news.ts';
import { backupFrame, backupLine, backupShare, type Moment } from './backup-frame.ts';
import { showBytes, showCount, showCounted, showDuration } from './display.ts';
import type { Output } from './output.ts';
import type { Environment } from './parse-options.ts';
import { printablePath } from './printable.ts';
import { shortReason } from './sentences.ts';
import { tellIncomplete } from './tell-incomplete.ts';
import { ProgressDisplay, type ProgressView } from './terminal-progress.ts';

export class BackupReport implements BackupListener {
  readonly #output: Output;
  readonly #display: ProgressDisplay<BackupProgress>;
  #isScanTold = false;

  constructor(output: Output, clock: Clock, environment: Environment) {
    this.#output = output;
    this.#display = new ProgressDisplay(output, clock, backupView, environment);
    this.#display.start();
  }

  progress(progress: BackupProgress): void {
    this.#display.tell(progress);
    if (progress.filesTotal !== undefined && !this.#isScanTold) this.#tellScan(progress);
  }

  news(news: BackupNews): void {
    if (news.type === 'snapshot-incomplete') {
      tellIncomplete(this.#output, news);
      return;
    }
    const item = news.type === 'item' ? news.path : news.item;
    const shown = printablePath(item);
    switch (news.type) {
      case 'item':
        this.#tellItem(news);
        break;
      case 'error': {
        const { message, during } = news;
        const json = { message_type: 'error', error: { message }, during, item: toText(item) };
        this.#output.fail(`${shown}: ${shortReason(message)}`, json);
        break;
      }
      case 'changed-while-reading': {
        const json = { message_type: 'changed_while_reading', item: toText(item) };
        this.#output.warn(`${shown} changed while it was read: its copy may mix two states of it`, json);
        break;
      }
      case 'warning': {
        const { message } = news;
        const json = { message_type: 'warning', message, item: toText(item) };
        this.#output.warn(`${shown}: ${shortReason(message)}`, json);
        break;
      }
      default:
        assertNever(news);
    }
  }

  /** In every case: takes the progress away. */
  async end(): Promise<void> {
    await this.#display.end();
  }

  summary(summary: BackupSummary): void {
    this.#output.sayJson(summaryJson(summary));
    if (this.#output.verbosity === 0) return;
    for (const line of summaryLines(summary)) this.#output.say(line);
  }

  #tellScan({ filesTotal = 0, bytesTotal = 0 }: BackupProgress): void {
    this.#isScanTold = true;
    if (this.#output.verbosity < 2) return;
    this.#output.say(`There are ${showCount(filesTotal)} files, ${showBytes(bytesTotal)}`);
    this.#output.sayJson({
      message_type: 'verbose_status',
      action: 'scan_finished',
      item: '',
      data_size: bytesTotal,
      total_files: filesTotal,
    });
  }

  #tellItem(news: ItemNews): void {
    if (this.#output.json && this.#output.verbosity >= 2) this.#output.sayJson(itemJson(news));
    if (this.#output.json || this.#output.verbosity < 3) return;
    const path = printablePath(news.path) + (news.isFolder ? '/' : '');
    const added =
      news.action === 'unmodified'
        ? ''
        : `, ${showBytes(news.dataBytes + news.treeBytes)} added, ${showBytes(news.dataStoredBytes + news.treeStoredBytes)} stored`;
    this.#output.say(`${news.action.padEnd(10)} ${path}${added}`);
  }
}

const backupView: ProgressView<BackupProgress> = {
  bytes: (progress) => progress.bytesRead,
  frame: backupFrame,
  line: backupLine,
  json: statusJson,
};

export function statusJson(progress: BackupProgress, { rate, elapsedMs }: Moment): Record<string, unknown> {
  const { phase, filesDone, filesTotal, bytesRead, bytesTotal, bytesStored, errors, currentFiles } = progress;
  const left = bytesTotal === undefined ? undefined : timeLeft(rate, bytesTotal - bytesRead);
  const isBounded = left !== undefined && Number.isFinite(left.mostMs);
  return {
    message_type: 'status',
    seconds_elapsed: Math.floor(elapsedMs / 1000),
    ...(isBounded ? { seconds_remaining: Math.round((left.leastMs + left.mostMs) / 2000) } : {}),
    percent_done: backupShare(progress) ?? 0,
    ...(filesTotal === undefined ? {} : { total_files: filesTotal }),
    files_done: filesDone,
    ...(bytesTotal === undefined ? {} : { total_bytes: bytesTotal }),
    bytes_done: bytesRead,
    error_count: errors,
    ...(currentFiles.length === 0 ? {} : { current_files: currentFiles.map(toText) }),
    phase,
    bytes_stored: bytesStored,
    bytes_per_second: Math.round(bytesPerSecond(rate) ?? 0),
  };
}

const actionNames = { new: 'new', changed: 'modified', unmodified: 'unchanged' } as const;

function itemJson(news: ItemNews): Record<string, unknown> {
  return {
    message_type: 'verbose_status',
    action: actionNames[news.action],
    item: toText(news.path) + (news.isFolder ? '/' : ''),
    duration: news.durationMs / 1000,
    data_size: news.dataBytes,
    data_size_in_repo: news.dataStoredBytes,
    metadata_size: news.treeBytes,
    metadata_size_in_repo: news.treeStoredBytes,
    total_files: 0,
  };
}

function summaryJson(summary: BackupSummary): Record<string, unknown> {
  return {
    message_type: 'summary',
    ...(summary.dryRun ? { dry_run: true } : {}),
    files_new: summary.filesNew,
    files_changed: summary.filesChanged,
    files_unmodified: summary.filesUnmodified,
    dirs_new: summary.dirsNew,
    dirs_changed: summary.dirsChanged,
    dirs_unmodified: summary.dirsUnmodified,
    data_blobs: summary.dataBlobs,
    tree_blobs: summary.treeBlobs,
    data_added: summary.dataAddedBytes,
    data_added_packed: summary.dataAddedPackedBytes,
    total_files_processed: summary.totalFilesProcessed,
    total_bytes_processed: summary.totalBytesProcessed,
    total_duration: summary.durationMs / 1000,
    backup_start: summary.startedAt,
    backup_end: summary.endedAt,
    ...(summary.snapshotId === undefined ? {} : { snapshot_id: summary.snapshotId }),
    error_count: summary.errors,
    changed_while_reading: summary.changedWhileReading,
  };
}

function summaryLines(summary: BackupSummary): string[] {
  const { filesNew, filesChanged, filesUnmodified, dirsNew, dirsChanged, dirsUnmodified } = summary;
  const counts = (label: string, fresh: number, changed: number, same: number): string =>
    `${label}  ${showCount(fresh)} new, ${showCount(changed)} changed, ${showCount(same)} unmodified`;
  const total = `${showCounted(summary.totalFilesProcessed, 'file')}, ${showBytes(summary.totalBytesProcessed)}`;
  const added = `${showBytes(summary.dataAddedBytes)}, stored as ${showBytes(summary.dataAddedPackedBytes)}`;
  return [
    counts('Files:   ', filesNew, filesChanged, filesUnmodified),
    counts('Folders: ', dirsNew, dirsChanged, dirsUnmodified),
    `${summary.dryRun ? 'Would add' : 'Added:   '}  ${added}`,
    `In all:    ${total} in ${showDuration(summary.durationMs)}`,
    ...(summary.changedWhileReading === 0
      ? []
      : [
          `${showCount(summary.changedWhileReading)} of the files changed while they were read (named above)`,
        ]),
    ...(summary.errors === 0
      ? []
      : [`Not complete: ${showCount(summary.errors)} could not be read (named above)`]),
    endOf(summary),
  ];
}

function endOf({ dryRun, snapshotId }: BackupSummary): string {
  if (snapshotId !== undefined) return `Snapshot ${snapshotId.slice(0, 8)} is saved and verified.`;
  return dryRun ? 'Nothing was written: this was a dry run.' : 'Nothing changed, so no snapshot was made.';
}
