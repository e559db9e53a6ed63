/** `slackwater snapshots` */
import { toText } from '../../base/byte-string.ts';
import { shortId } from '../../format/id.ts';
import { selectSnapshots } from '../../job/select-snapshots.ts';
import type { NamedSnapshot } from '../../repo/snapshots.ts';
import { defineCommand } from '../command.ts';
import { showBytes, showCounted, showTable, showTime } from '../display.ts';
import { lookInto } from '../look-into.ts';
import { count, flag, text } from '../option-table.ts';
import type { Output } from '../output.ts';
import { printable, printablePath } from '../printable.ts';
import { groupSnapshots, newestOfEach, type SnapshotGroup } from '../snapshot-groups.ts';
import { parseGroupBy, snapshotFilter, snapshotFilterOptions, snapshotJson } from '../snapshot-options.ts';

export const command = defineCommand({
  name: 'snapshots',
  summary: 'List the snapshots',
  usage: ['snapshots [OPTIONS] [SNAPSHOT...]'],
  description: [
    'Lists what was backed up and when, the oldest first. A snapshot is named by the first digits of its id, or as `latest`; `latest~1` is the one before.',
  ],
  examples: [
    { line: 'snapshots --latest 3', means: 'the last three of each host and set of paths' },
    { line: 'snapshots --tag work --host laptop', means: 'those with a tag, of one computer' },
  ],
  options: {
    ...snapshotFilterOptions,
    compact: flag('leave the paths out', { short: 'c' }),
    last: flag('only the last one of each host and paths'),
    latest: count('N', 'only the last N of each host and paths'),
    groupBy: text('KEYS', 'group by host, paths or tags, separated by commas', { short: 'g' }),
  },
  onlyAnswers: true,
  async run(context, values, operands) {
    const { output } = context;
    const keys = parseGroupBy(values.groupBy ?? '');
    const latest = values.latest ?? (values.last ? 1 : undefined);
    await lookInto(context, async (repository) => {
      const names = operands.map(toText);
      const chosen = await selectSnapshots(repository, names, snapshotFilter(values));
      const groups = groupSnapshots(chosen, keys).map(({ key, snapshots }) => ({
        key,
        snapshots: newestOfEach(snapshots, latest, keys.length > 0),
      }));
      if (output.json) printJson(output, groups, keys.length > 0);
      else printGroups(output, groups, values.compact);
    });
    return undefined;
  },
});

function printJson(output: Output, groups: readonly SnapshotGroup[], isGrouped: boolean): void {
  if (!isGrouped) {
    output.sayJson(groups.flatMap(({ snapshots }) => snapshots.map(snapshotJson)));
    return;
  }
  output.sayJson(
    groups.map(({ key, snapshots }) => ({
      group_key: {
        hostname: key.host ?? '',
        paths: key.paths?.map(toText) ?? null,
        tags: key.tags?.length ? key.tags : null,
      },
      snapshots: snapshots.map(snapshotJson),
    })),
  );
}

function printGroups(output: Output, groups: readonly SnapshotGroup[], isCompact: boolean): void {
  for (const { key, snapshots } of groups) {
    const facts = [
      key.host === undefined ? '' : `host ${printable(key.host)}`,
      key.tags === undefined ? '' : `tags ${printable(key.tags.join(', '))}`,
      key.paths === undefined ? '' : `paths ${key.paths.map(printablePath).join(', ')}`,
    ].filter(Boolean);
    if (facts.length > 0) output.say(`Snapshots of ${facts.join(', ')}:`);
    for (const line of tableOf(snapshots, isCompact)) output.say(line);
    output.tell(showCounted(snapshots.length, 'snapshot'));
  }
}

function tableOf(snapshots: readonly NamedSnapshot[], isCompact: boolean): string[] {
  const columns = [
    { title: 'ID' },
    { title: 'Time' },
    { title: 'Host' },
    { title: 'Tags' },
    ...(isCompact ? [] : [{ title: 'Paths' }]),
    { title: 'Size', align: 'end' as const },
  ];
  const rows = snapshots.map(({ id, time, hostname, tags, paths, summary }) => [
    [shortId(id)],
    [showTime(time)],
    [printable(hostname)],
    [printable(tags.join(','))],
    ...(isCompact ? [] : [paths.map(printablePath)]),
    [summary === undefined ? '' : showBytes(summary.totalBytesProcessed)],
  ]);
  return showTable(columns, rows);
}
