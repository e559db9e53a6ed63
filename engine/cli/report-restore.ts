/** Tells people and programs what a restore does: the messages of restic's `--json`, or sentences. */
import { toText } from '../base/byte-string.ts';
import type { Clock } from '../base/clock.ts';
import type { RestoreListener, RestoreSummary } from '../job/restore-telling.ts';
import type { RestoreNews, RestoreProgress } from '../protocol/run-news.ts';
import { type Moment, restoreFrame } from './backup-frame.ts';
import { showBytes, showCount, showCounted, showDuration } from './display.ts';
import type { Output } from './output.ts';
import type { Environment } from './parse-options.ts';
import { printable, printablePath } from './printable.ts';
import { shortReason } from './sentences.ts';
import { ProgressDisplay, type ProgressView } from './terminal-progress.ts';

export class RestoreReport implements RestoreListener {
  readonly #output: Output;
  readonly #display: ProgressDisplay<RestoreProgress>;

  constructor(output: Output, clock: Clock, environment: Environment) {
    this.#output = output;
    this.#display = new ProgressDisplay(output, clock, restoreView, environment);
    this.#display.start();
  }

  progress(progress: RestoreProgress): void {
    this.#display.tell(progress);
  }

  news(news: RestoreNews): void {
    if (news.type === 'restored') {
      this.#tellRestored(news.action, toText(news.path), news.sizeBytes);
      return;
    }
    const { message, during } = news;
    const json = { message_type: 'error', error: { message }, during, item: toText(news.item) };
    this.#output.fail(`${printablePath(news.item)}: ${shortReason(message)}`, json);
  }

  async end(): Promise<void> {
    await this.#display.end();
  }

  summary(summary: RestoreSummary): void {
    this.#output.sayJson(restoreSummaryJson(summary));
    for (const line of restoreSummaryLines(summary)) this.#output.tell(line);
  }

  #tellRestored(action: string, path: string, size: number): void {
    if (this.#output.verbosity < 3) return;
    this.#output.sayJson({ message_type: 'verbose_status', action, item: path, size });
    this.#output.say(`${action.padEnd(10)} ${printable(path)}${size === 0 ? '' : `, ${showBytes(size)}`}`);
  }
}

const restoreView: ProgressView<RestoreProgress> = {
  bytes: ({ bytesDone }) => bytesDone,
  frame: restoreFrame,
  line: (progress, moment) => restoreFrame(progress, { ...moment, columns: 240 })[0]!,
  json: restoreStatusJson,
};

function countsJson(progress: RestoreProgress): Record<string, unknown> {
  const { filesTotal, filesDone, filesSkipped, filesDeleted, bytesTotal, bytesDone, bytesSkipped } = progress;
  return {
    total_files: filesTotal,
    files_restored: filesDone,
    files_skipped: filesSkipped,
    files_deleted: filesDeleted,
    total_bytes: bytesTotal,
    bytes_restored: bytesDone,
    bytes_skipped: bytesSkipped,
  };
}

function restoreStatusJson(progress: RestoreProgress, { elapsedMs }: Moment): Record<string, unknown> {
  const { bytesTotal, bytesDone } = progress;
  return {
    message_type: 'status',
    seconds_elapsed: Math.floor(elapsedMs / 1000),
    percent_done: bytesTotal === 0 ? 0 : Math.min(1, bytesDone / bytesTotal),
    ...countsJson(progress),
  };
}

function restoreSummaryJson(summary: RestoreSummary): Record<string, unknown> {
  return {
    message_type: 'summary',
    seconds_elapsed: Math.floor(summary.durationMs / 1000),
    ...countsJson(summary),
    files_verified: summary.filesVerified,
    error_count: summary.errors,
    ...(summary.dryRun ? { dry_run: true } : {}),
  };
}

function restoreSummaryLines(summary: RestoreSummary): string[] {
  const { filesDone, bytesDone, filesSkipped, bytesSkipped, filesDeleted, filesVerified, errors, dryRun } =
    summary;
  const done = `${showCounted(filesDone, 'entry', 'entries')}, ${showBytes(bytesDone)}`;
  return [
    dryRun ? `Would restore ${done}` : `Restored ${done} in ${showDuration(summary.durationMs)}`,
    ...(filesSkipped === 0
      ? []
      : [`Left as they were: ${showCount(filesSkipped)}, ${showBytes(bytesSkipped)}`]),
    ...(filesDeleted === 0 ? [] : [`${dryRun ? 'Would delete' : 'Deleted'}: ${showCount(filesDeleted)}`]),
    ...(filesVerified === 0 ? [] : [`Read again and found right: ${showCounted(filesVerified, 'file')}`]),
    ...(errors === 0 ? [] : [`Not complete: ${showCounted(errors, 'error')} (named above)`]),
  ];
}
