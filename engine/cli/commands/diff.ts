/** `slackwater diff` */
import { type ByteString, toText } from '../../base/byte-string.ts';
import { isFailure } from '../../base/failure.ts';
import { type DiffCounts, type DiffStatistics, diffTrees } from '../../job/diff.ts';
import { loadIndex } from '../../repo/load-index.ts';
import { findSnapshot } from '../../repo/snapshots.ts';
import { parseSnapshotPath, resolveFolder } from '../../repo/tree-path.ts';
import { defineCommand } from '../command.ts';
import { showBytes, showCount } from '../display.ts';
import { exitCodes } from '../exit-code.ts';
import { lookInto } from '../look-into.ts';
import { required, takeAtMost } from '../operands.ts';
import { flag } from '../option-table.ts';
import { printablePath } from '../printable.ts';
import { reasonOf } from '../sentences.ts';

export const command = defineCommand({
  name: 'diff',
  summary: 'Show what differs between two snapshots',
  usage: ['diff [OPTIONS] SNAPSHOT[:FOLDER] SNAPSHOT[:FOLDER]'],
  description: [
    'Names what was added (+), removed (-), changed in content (M) or type (T), and with --metadata in owner, times or permissions (U). A ? after M says that nothing but the content differs: perhaps the disk lost it.',
    'The end counts what is in one of them only.',
  ],
  examples: [
    { line: 'diff latest~1 latest', means: 'what the newest backup brought' },
    { line: 'diff 1a2b3c4d:/etc latest:/etc', means: 'one folder only' },
  ],
  options: { metadata: flag('show changes of metadata alone, too') },
  onlyAnswers: true,
  async run(context, values, operands) {
    takeAtMost(operands, 2);
    const [source, target] = [
      required(operands, 0, 'The first snapshot'),
      required(operands, 1, 'The second snapshot'),
    ];
    const { output } = context;
    return await lookInto(context, async (repository, signal) => {
      const places = operands.map(parseSnapshotPath);
      const snapshots = [];
      for (const { snapshot } of places) snapshots.push(await findSnapshot(repository, snapshot));
      const index = await loadIndex(repository);
      const trees = [];
      for (const [i, { path }] of places.entries()) {
        trees.push(await resolveFolder(repository, index, snapshots[i]!.tree, path));
      }
      let failed = 0;
      const listener = {
        change: ({ path, modifier }: { path: ByteString; modifier: string }) => {
          output.sayJson({ message_type: 'change', path: toText(path), modifier });
          output.say(`${modifier.padEnd(4)} ${printablePath(path)}`);
        },
        failed: (path: ByteString, error: unknown) => {
          failed++;
          const message = isFailure(error) ? reasonOf(error) : String(error);
          output.fail(`${printablePath(path)}: ${message}`, {
            message_type: 'error',
            message,
            item: toText(path),
          });
        },
      };
      const options = { metadata: values.metadata, signal };
      const statistics = await diffTrees(repository, index, trees[0]!, trees[1]!, listener, options);
      output.sayJson(statisticsJson(source, target, statistics));
      for (const line of statisticsLines(statistics)) output.tell(line);
      return failed === 0 ? exitCodes.ok : exitCodes.failed;
    });
  },
});

function statisticsJson(source: string, target: string, statistics: DiffStatistics): Record<string, unknown> {
  const counts = ({
    files,
    dirs,
    others,
    dataBlobs,
    treeBlobs,
    bytes,
  }: DiffCounts): Record<string, number> => ({
    files,
    dirs,
    others,
    data_blobs: dataBlobs,
    tree_blobs: treeBlobs,
    bytes,
  });
  return {
    message_type: 'statistics',
    source_snapshot: source,
    target_snapshot: target,
    changed_files: statistics.changedFiles,
    added: counts(statistics.added),
    removed: counts(statistics.removed),
  };
}

function statisticsLines({ changedFiles, added, removed }: DiffStatistics): string[] {
  const line = (label: string, one: number, other: number): string =>
    `${label} ${showCount(one)} new, ${showCount(other)} removed`;
  return [
    '',
    `${line('Files:     ', added.files, removed.files)}, ${showCount(changedFiles)} changed`,
    line('Folders:   ', added.dirs, removed.dirs),
    line('Others:    ', added.others, removed.others),
    line('Data blobs:', added.dataBlobs, removed.dataBlobs),
    line('Tree blobs:', added.treeBlobs, removed.treeBlobs),
    `Added:      ${showBytes(added.bytes)}`,
    `Removed:    ${showBytes(removed.bytes)}`,
  ];
}
