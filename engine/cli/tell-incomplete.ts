/** Tells of a snapshot that was saved and has lost what it needs since, or has it again. */
import { formatTime } from '../format/go-time.ts';
import { shortId } from '../format/id.ts';
import type { IncompleteNews } from '../protocol/run-news.ts';
import { showCounted, showTime } from './display.ts';
import type { Output } from './output.ts';

/** With --json: `snapshot_incomplete` on stderr; with no missing blobs, one that lacked some is whole again, or gone. */
export function tellIncomplete(
  output: Output,
  { snapshotId, committedMs, missingBlobs }: IncompleteNews,
): void {
  const saved = showTime(formatTime(BigInt(Math.round(committedMs)) * 1_000_000n));
  const name = `Snapshot ${shortId(snapshotId)}, saved ${saved},`;
  const json = {
    message_type: 'snapshot_incomplete',
    code: 'snapshot-incomplete',
    snapshot_id: snapshotId,
    missing_blobs: missingBlobs,
  };
  if (missingBlobs === 0) {
    if (output.json) output.warn('', json);
    else output.note(`${name} lacks nothing any more.`);
    return;
  }
  output.warn(
    `${name} has lost ${showCounted(missingBlobs, 'piece')} of its data or more: another program removed them. A backup of the same files stores again what is still there; \`slackwater check\` says what is lost.`,
    json,
  );
}
