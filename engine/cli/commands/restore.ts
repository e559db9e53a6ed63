/** `slackwater restore` */
import { readFileSync } from 'node:fs';
import { type ByteString, fromText } from '../../base/byte-string.ts';
import { Failure, fromSystemError } from '../../base/failure.ts';
import { shortId } from '../../format/id.ts';
import { originalPlace } from '../../job/original-place.ts';
import { type RestoreRequest, runRestore } from '../../job/restore.ts';
import type { Overwrite, RestoreFilter } from '../../job/restore-plan.ts';
import { fillSkill } from '../../job/restore-skill.ts';
import { findSnapshot } from '../../repo/snapshots.ts';
import { parseSnapshotPath } from '../../repo/tree-path.ts';
import { parsePatternFile } from '../../source/exclude.ts';
import { absolutePath } from '../../source/path.ts';
import { compileBytePatterns } from '../../source/pattern.ts';
import { type Context, defineCommand } from '../command.ts';
import { showTime } from '../display.ts';
import { exitCodes } from '../exit-code.ts';
import { withRepository } from '../open-for-command.ts';
import { takeAtMost } from '../operands.ts';
import { flag, type OptionValues, text, texts } from '../option-table.ts';
import type { Environment } from '../parse-options.ts';
import { printablePath } from '../printable.ts';
import { RestoreReport } from '../report-restore.ts';
import { snapshotFilter, snapshotFilterOptions } from '../snapshot-options.ts';

const options = {
  ...snapshotFilterOptions,
  target: text('FOLDER', 'where to restore to', { short: 't' }),
  inPlace: flag('restore to where everything was'),
  include: texts('PATTERN', 'only what matches', { short: 'i' }),
  iinclude: texts('PATTERN', 'as --include, without regard to case'),
  includeFile: texts('FILE', 'read such patterns from a file'),
  iincludeFile: texts('FILE', 'as --include-file, without regard to case'),
  exclude: texts('PATTERN', 'all but what matches', { short: 'e' }),
  iexclude: texts('PATTERN', 'as --exclude, without regard to case'),
  excludeFile: texts('FILE', 'read such patterns from a file'),
  iexcludeFile: texts('FILE', 'as --exclude-file, without regard to case'),
  overwrite: text('WHEN', 'replace files that are there: always, if-changed, if-newer or never (always)', {
    choices: ['always', 'if-changed', 'if-newer', 'never'],
  }),
  delete: flag('remove from restored folders what the snapshot does not have'),
  dryRun: flag('write nothing; with -vv, tell what would be done', { short: 'n' }),
  verify: flag('read every restored file again and prove it'),
  sparse: flag('leave holes where a file holds zeros'),
  untrusted: flag('for snapshots that others made: no devices, no set-id bits, no capabilities'),
};
type Values = OptionValues<typeof options>;

export const command = defineCommand({
  name: 'restore',
  summary: 'Bring back a snapshot, a folder or a file',
  usage: [
    'restore [OPTIONS] SNAPSHOT[:PATH] --target FOLDER',
    'restore [OPTIONS] SNAPSHOT[:PATH] --in-place',
  ],
  description: [
    'Writes the files of a snapshot below the target. With a path, only that folder or file, without the folders above it. Files that are there already are replaced, unless --overwrite says otherwise; other files stay, unless --delete is given.',
    'Nothing is ever written outside of the target, whatever the snapshot says. The snapshot is the beginning of an id, or `latest`.',
  ],
  examples: [
    { line: 'restore latest --target /tmp/restored', means: 'everything, beside the originals' },
    { line: 'restore latest:/home/me/Documents --in-place', means: 'one folder, back where it was' },
    {
      line: "restore 1a2b3c4d -t /tmp/r -i '*.odt' --verify",
      means: 'some files of an older snapshot, and prove them',
    },
    {
      line: 'restore latest --in-place --overwrite if-newer --dry-run -vv',
      means: 'what would be brought back to its place?',
    },
  ],
  options,
  onlyAnswers: false,
  async run(context, values, operands) {
    takeAtMost(operands, 1);
    const [named] = operands;
    if (named === undefined) {
      throw new Failure('usage', { why: 'The snapshot is missing.', instead: 'Name one, or say latest.' });
    }
    checkTarget(values);
    const { output, world, environment } = context;
    const filter = filterOf(values, environment);
    if (!values.dryRun) world.compute.makeReady(fillSkill);
    return await withRepository(
      context,
      'shared',
      async (repository, signal) => {
        const { snapshot: name, path } = parseSnapshotPath(named);
        const snapshot = await findSnapshot(repository, name, snapshotFilter(values));
        const target =
          values.target === undefined
            ? await originalPlace(repository, snapshot, path)
            : absolutePath(context.cwd, fromText(values.target));
        const where = `Snapshot ${shortId(snapshot.id)} of ${showTime(snapshot.time)} to ${printablePath(target)}`;
        output.head(values.dryRun ? `${where} (nothing is written: dry run)` : where);
        const report = new RestoreReport(output, world.clock, environment);
        try {
          const request = requestOf(context, values, { tree: snapshot.tree, path, target, filter });
          const summary = await runRestore(repository, request, report, signal);
          await report.end();
          report.summary(summary);
          if (summary.errors === 0) return exitCodes.ok;
          const message = 'Not everything could be restored.';
          output.fail(message, { message_type: 'exit_error', code: exitCodes.failed, message });
          return exitCodes.failed;
        } finally {
          await report.end();
        }
      },
      'run',
    );
  },
});

function checkTarget({ target, inPlace }: Values): void {
  if (target !== undefined && inPlace) {
    throw new Failure('usage', { why: '--target and --in-place exclude each other.' });
  }
  if (!target && !inPlace) {
    throw new Failure('usage', {
      why: 'Where to restore to is missing.',
      instead: 'Give it with --target, or say --in-place.',
    });
  }
}

function requestOf(
  { output }: Context,
  values: Values,
  what: Pick<RestoreRequest, 'tree' | 'path' | 'target'> & { readonly filter: RestoreFilter | undefined },
): RestoreRequest {
  const { filter, ...where } = what;
  return {
    ...where,
    ...(filter === undefined ? {} : { filter }),
    overwrite: (values.overwrite ?? 'always') as Overwrite,
    delete: values.delete,
    dryRun: values.dryRun,
    verify: values.verify,
    sparse: values.sparse,
    trust: { devices: !values.untrusted, setIdBits: !values.untrusted },
    count: output.showsProgress,
  };
}

/** Fails with `usage` where both sides are given. */
function filterOf(values: Values, environment: Environment): RestoreFilter | undefined {
  const collect = (given: readonly string[], files: readonly string[]): ByteString[] => [
    ...given.map(fromText),
    ...files.flatMap((file) => parsePatternFile(readWhole(file), environment)),
  ];
  const listsOf = (exact: ByteString[], folded: ByteString[]): RestoreFilter['lists'] =>
    [compileBytePatterns(exact), compileBytePatterns(folded, { ignoreCase: true })].filter(
      (list) => list.length > 0,
    );
  const include = listsOf(
    collect(values.include, values.includeFile),
    collect(values.iinclude, values.iincludeFile),
  );
  const exclude = listsOf(
    collect(values.exclude, values.excludeFile),
    collect(values.iexclude, values.iexcludeFile),
  );
  if (include.length > 0 && exclude.length > 0) {
    throw new Failure('usage', { why: 'Patterns to include and to exclude cannot go together.' });
  }
  if (include.length > 0) return { kind: 'include', lists: include };
  return exclude.length > 0 ? { kind: 'exclude', lists: exclude } : undefined;
}

function readWhole(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fromSystemError(error, 'read', path);
  }
}
