/** `slackwater stats` */
import { toText } from '../../base/byte-string.ts';
import { selectSnapshots } from '../../job/select-snapshots.ts';
import { countStats, type Stats, type StatsMode, statsModes } from '../../job/stats.ts';
import { loadIndex } from '../../repo/load-index.ts';
import { defineCommand } from '../command.ts';
import { showBytes, showCount } from '../display.ts';
import { lookInto } from '../look-into.ts';
import { text } from '../option-table.ts';
import { snapshotFilter, snapshotFilterOptions } from '../snapshot-options.ts';

export const command = defineCommand({
  name: 'stats',
  summary: 'Count what the snapshots hold and need',
  usage: ['stats [OPTIONS] [SNAPSHOT...]'],
  description: [
    'Counts over all snapshots, or those that are named or chosen. `restore-size` (without --mode) is what a restore of all of them would take; `files-by-contents` counts files of the same content once; `blobs-per-file` counts pieces of files; `raw-data` is what they take in the repository.',
  ],
  examples: [
    { line: 'stats latest', means: 'how large is the newest snapshot?' },
    {
      line: 'stats --mode raw-data',
      means: 'how much space do all of them take, and what does compression save?',
    },
  ],
  options: {
    ...snapshotFilterOptions,
    mode: text('MODE', 'restore-size, files-by-contents, blobs-per-file or raw-data', {
      choices: statsModes,
    }),
  },
  onlyAnswers: true,
  async run(context, values, operands) {
    const { output } = context;
    const mode = (values.mode ?? 'restore-size') as StatsMode;
    await lookInto(context, async (repository, signal) => {
      const names = operands.map(toText);
      const snapshots = await selectSnapshots(repository, names, snapshotFilter(values));
      const index = await loadIndex(repository);
      const tellProgress = (done: number, total: number): void => {
        if (output.verbosity >= 2) output.note(`Counted ${showCount(done)} of ${showCount(total)} snapshots`);
      };
      const stats = await countStats(repository, index, snapshots, mode, tellProgress, signal);
      output.sayJson(statsJson(stats));
      for (const line of statsLines(stats, mode)) output.say(line);
    });
    return undefined;
  },
});

/** restic's fields; what is not counted in a mode is left out. */
function statsJson({ snapshots, totalBytes, files, blobs, compression }: Stats): Record<string, unknown> {
  return {
    total_size: totalBytes,
    ...(compression === undefined
      ? {}
      : {
          total_uncompressed_size: compression.uncompressedBytes,
          ...(compression.ratio === undefined ? {} : { compression_ratio: compression.ratio }),
          compression_progress: compression.progressPercent,
          compression_space_saving: compression.spaceSavingPercent,
        }),
    ...(files === undefined ? {} : { total_file_count: files }),
    ...(blobs === undefined ? {} : { total_blob_count: blobs }),
    snapshots_count: snapshots,
  };
}

function statsLines({ snapshots, totalBytes, files, blobs, compression }: Stats, mode: StatsMode): string[] {
  return [
    `Counted as ${mode}:`,
    `  Snapshots:     ${showCount(snapshots)}`,
    ...(files === undefined ? [] : [`  Files:         ${showCount(files)}`]),
    ...(blobs === undefined ? [] : [`  Blobs:         ${showCount(blobs)}`]),
    `  Size:          ${showBytes(totalBytes)}`,
    ...(compression === undefined
      ? []
      : [
          `  Uncompressed:  ${showBytes(compression.uncompressedBytes)}`,
          `  Compressed:    ${compression.progressPercent.toFixed(1)} % of the data`,
          ...(compression.ratio === undefined ? [] : [`  Ratio:         ${compression.ratio.toFixed(2)}`]),
          `  Space saved:   ${compression.spaceSavingPercent.toFixed(1)} %`,
        ]),
  ];
}
