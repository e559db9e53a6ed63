/** `slackwater backup` */
import { lstatSync, realpathSync } from 'node:fs';
import { type ByteString, fromText } from '../../base/byte-string.ts';
import { Failure } from '../../base/failure.ts';
import { programName } from '../../base/version.ts';
import type { Compression } from '../../format/compression.ts';
import { type BackupRequest, runBackup } from '../../job/backup.ts';
import { LookAhead } from '../../job/look-ahead.ts';
import type { RunMemory } from '../../job/run-memory.ts';
import { backUpInTurn } from '../../job/vault-queue.ts';
import type { BackupSummary } from '../../protocol/run-news.ts';
import { type ExcludeOptions, type ExcludeWorld, makeExcluder } from '../../source/exclude.ts';
import { absolutePath } from '../../source/path.ts';
import { realFiles } from '../../source/source-files.ts';
import { checkSources, collectTargets, openStream, readsStdin } from '../backup-sources.ts';
import { namedRepository, passwordWay } from '../choose-repository.ts';
import { type Context, defineCommand } from '../command.ts';
import type { VaultPlaces } from '../default-vault.ts';
import { exitCodes } from '../exit-code.ts';
import { type Opened, openForBackup, openForCommand, packBytesTarget } from '../open-for-command.ts';
import { duration, flag, type OptionValues, text, texts } from '../option-table.ts';
import { gateTo, withRunMemory } from '../pending-work.ts';
import { printablePath } from '../printable.ts';
import { parseMoment } from '../quantities.ts';
import { BackupReport } from '../report-backup.ts';
import { splitTags } from '../snapshot-options.ts';

const options = {
  exclude: texts('PATTERN', 'leave out what matches', { short: 'e' }),
  iexclude: texts('PATTERN', 'as --exclude, without regard to case'),
  excludeFile: texts('FILE', 'read such patterns from a file'),
  iexcludeFile: texts('FILE', 'as --exclude-file, without regard to case'),
  excludeIfPresent: texts('NAME[:HEADER]', 'leave out folders that hold such a file, but for that file'),
  excludeCaches: flag('leave out caches: folders that hold a valid CACHEDIR.TAG'),
  excludeLargerThan: text('SIZE', 'leave out files larger than this, as in 500M or 2G'),
  oneFileSystem: flag('do not go into other file systems that are mounted below', { short: 'x' }),
  filesFrom: texts('FILE', 'back up what the lines of a file match; - is stdin'),
  filesFromVerbatim: texts('FILE', 'as --files-from, each line a name as it stands'),
  filesFromRaw: texts('FILE', 'as --files-from, each name ended by a zero byte'),
  stdin: flag('back up what comes on stdin, as one file'),
  stdinFilename: text('NAME', 'name of that file (stdin)'),
  stdinFromCommand: flag(
    'run the command after --, back up what it prints; if it fails, no snapshot is made',
  ),
  tag: texts('TAG[,TAG]', 'tags for the new snapshot'),
  host: text('NAME', 'host that the snapshot names', {
    short: 'H',
    environment: 'HOST',
    aliases: ['hostname'],
  }),
  time: text('TIME', 'time of the snapshot, as in "2012-11-01 22:08:41", or now'),
  parent: text('SNAPSHOT', 'compare with this snapshot to find what changed'),
  force: flag('read every file anew, whatever an earlier snapshot says', { short: 'f' }),
  ignoreInode: flag('a file with another inode number or ctime may be unchanged', {
    environment: 'IGNORE_INODE',
  }),
  ignoreCtime: flag('a file with another ctime may be unchanged', { environment: 'IGNORE_CTIME' }),
  skipIfUnchanged: flag('make no snapshot where nothing changed'),
  dryRun: flag('write nothing, only tell what would be done', { short: 'n' }),
  noWait: flag(
    'do not wait for a good network to finish: the next backup does, or `slackwater pending finish`',
  ),
  maxWait: duration('TIME', 'wait so long at most for a good network, as in 2h'),
  noScan: flag('do not count the files first; there is no percentage then'),
};
type Values = OptionValues<typeof options>;

export const command = defineCommand({
  name: 'backup',
  summary: 'Back up files and folders into a new snapshot',
  usage: ['backup [OPTIONS] FILE|FOLDER...', 'backup --stdin-from-command [OPTIONS] -- COMMAND [ARG...]'],
  description: [
    'Makes a snapshot of the files and folders. Only what is new is stored: content that is in the repository already, of whatever file, is not stored again. Files that did not change since the last snapshot of the same folders are not even read.',
    'A file that cannot be read is named, and left out of the snapshot; the exit code is 3 then. A file that changes while it is read is named too: its copy may mix two states of it.',
    'Without -r, the snapshot goes into your default vault, which is made on first use. A backup that is interrupted loses nothing that was stored: the next one goes on from there.',
  ],
  examples: [
    { line: 'backup ~/Documents ~/Pictures', means: 'back up two folders into your default vault' },
    { line: "backup ~ -e '*.tmp' --exclude-caches", means: 'your home folder, without what is not worth it' },
    {
      line: 'backup -r /mnt/disk/backups --tag before-upgrade /etc',
      means: 'into a named repository, tagged',
    },
    { line: 'backup --stdin-from-command -- pg_dumpall', means: 'what a command prints, if it succeeds' },
  ],
  options,
  onlyAnswers: false,
  async run(context, values, operands) {
    checkSources(values, operands);
    await refusePasswordFromStdin(context, values);
    const { output } = context;
    const report = new BackupReport(output, context.world.clock, context.environment);
    try {
      const summary = values.dryRun
        ? await runDry(context, values, operands, report)
        : await run(context, values, operands, report);
      await report.end();
      report.summary(summary);
      if (summary.errors === 0) return exitCodes.ok;
      const message = 'Some source data could not be read.';
      const end = { message_type: 'exit_error', code: exitCodes.incomplete, message };
      // For people the summary has said it.
      if (output.json) output.fail(message, end);
      return exitCodes.incomplete;
    } finally {
      await report.end();
    }
  },
});

async function runDry(
  context: Context,
  values: Values,
  operands: readonly ByteString[],
  report: BackupReport,
): Promise<BackupSummary> {
  const { repository, vault } = await openForCommand(context, { patience: 'run' });
  try {
    const request = await makeRequest(context, values, operands, vault);
    return await runBackup(repository, realFiles, request, report, context.signal);
  } finally {
    await repository.backend.close();
  }
}

async function run(
  context: Context,
  values: Values,
  operands: readonly ByteString[],
  report: BackupReport,
): Promise<BackupSummary> {
  const location = await namedRepository(context.global, context.environment);
  if (location !== undefined)
    return await withRunMemory(context, async (memory) => {
      const ahead = new LookAhead();
      const lookAhead = (): void => beginAhead(ahead, context, values, operands);
      try {
        const opened = await openForBackup(context, location, memory, lookAhead);
        return await runIn(opened, context, values, operands, report, { memory, ahead });
      } finally {
        await ahead.close();
      }
    });
  // The vault's folder is looked at with care before anything is put into it.
  const opened = await openForCommand(context, { createVault: true, patience: 'run' });
  return await withRunMemory(context, (memory) =>
    runIn(opened, context, values, operands, report, { memory }),
  );
}

/** What operands name, unless they are a command; what lists of files name comes later, and is not looked at ahead. */
function beginAhead(
  ahead: LookAhead,
  { world, cwd, environment }: Context,
  values: Values,
  operands: readonly ByteString[],
): void {
  const { filesFrom, filesFromVerbatim, filesFromRaw } = values;
  const hasLists = filesFrom.length + filesFromVerbatim.length + filesFromRaw.length > 0;
  if (hasLists || readsStdin(values) || values.stdinFromCommand || values.force) return;
  const targets = operands.filter((target) => isThere(absolutePath(cwd, target)));
  const found = targets.map((target) => absolutePath(cwd, target));
  try {
    const { plan } = makeExcluder(excludeOptions(values), found, { environment, warn: () => undefined });
    ahead.begin(world.compute, realFiles, { targets, cwd, excludes: plan });
  } catch {
    // What is wrong with patterns is told when the backup makes its own.
  }
}

async function runIn(
  { repository, vault, line, listed }: Opened,
  context: Context,
  values: Values,
  operands: readonly ByteString[],
  report: BackupReport,
  { memory, ahead }: { memory: RunMemory | undefined; ahead?: LookAhead },
): Promise<BackupSummary> {
  try {
    const plain = { ...(await makeRequest(context, values, operands, vault)), ...(listed ? { listed } : {}) };
    const giveUpMs = values.noWait ? 0 : values.maxWait;
    const gate = await gateTo(context, repository, { line, ...(giveUpMs === undefined ? {} : { giveUpMs }) });
    const prepared = ahead === undefined ? plain : { ...plain, ahead };
    const request = memory === undefined ? prepared : { ...prepared, memory, gate };
    return await backUpInTurn(repository, labelOf(request), context.signal, () =>
      runBackup(repository, realFiles, request, report, context.signal),
    );
  } finally {
    await repository.backend.close();
  }
}

function labelOf({ targets }: BackupRequest): string {
  return targets.length === 0 ? 'a stream' : targets.map(printablePath).join(', ');
}

/** Standard input cannot be both the data and the password. */
async function refusePasswordFromStdin(context: Context, values: Values): Promise<void> {
  const { global, environment } = context;
  if (!readsStdin(values) || passwordWay(global, environment).from !== 'input') return;
  if ((await namedRepository(global, environment)) === undefined) return;
  throw new Failure('password-missing', {
    why: 'Standard input is what is backed up, so it cannot be asked for the password.',
    todo: 'Give it with --password-file, --password-command or SLACKWATER_PASSWORD.',
  });
}

async function makeRequest(
  context: Context,
  values: Values,
  operands: readonly ByteString[],
  vault: VaultPlaces | undefined,
): Promise<BackupRequest> {
  const { cwd, global } = context;
  const stream = openStream(context, values, operands);
  const targets = stream === undefined ? await collectTargets(context, values, operands) : [];
  const found = targets.map((target) => absolutePath(cwd, target)).filter(isThere);
  const excludes = { ...excludeOptions(values), paths: vaultPathsToExclude(context, targets, vault) };
  const excludeWorld = { environment: context.environment, warn: warnOfTags(context) };
  const timeNs = values.time === undefined ? undefined : momentOf(context, values.time);
  const { compression = 'auto' } = global as { compression?: Compression };
  return {
    targets,
    cwd,
    ...(stream === undefined ? {} : { stream }),
    excluder: makeExcluder(excludes, found, excludeWorld),
    excludes: values.exclude,
    tags: values.tag.flatMap(splitTags).filter((tag) => tag !== ''),
    // As restic has it, an empty name is none.
    hostname: values.host || context.world.host.hostname,
    ...(timeNs === undefined ? {} : { timeNs }),
    ...(values.parent === undefined ? {} : { parent: values.parent }),
    force: values.force,
    dryRun: values.dryRun,
    skipIfUnchanged: values.skipIfUnchanged,
    rule: { ignoreInode: values.ignoreInode, ignoreCtime: values.ignoreCtime },
    compression,
    packBytesTarget: packBytesTarget(global),
    scan: !values.noScan && context.output.showsProgress,
    lockRetryMs: global.retryLock ?? 0,
    programVersion: programName,
  };
}

function excludeOptions(values: Values): ExcludeOptions {
  return {
    patterns: values.exclude,
    patternsIgnoringCase: values.iexclude,
    patternFiles: values.excludeFile,
    patternFilesIgnoringCase: values.iexcludeFile,
    ifPresent: values.excludeIfPresent,
    caches: values.excludeCaches,
    ...(values.excludeLargerThan === undefined ? {} : { largerThan: values.excludeLargerThan }),
    oneFileSystem: values.oneFileSystem,
  };
}

function warnOfTags({ output }: Context): ExcludeWorld['warn'] {
  const tagTroubles = {
    'tag-unreadable': 'cannot be read, so it excludes nothing',
    'tag-without-header': 'does not begin as it should, so it excludes nothing',
  } as const;
  return ({ why, path }) => output.warn(`${printablePath(path)} ${tagTroubles[why]}`);
}

/** A vault that held itself would grow with every backup: the default one leaves out its own folder, and says so. */
function vaultPathsToExclude(
  { output, cwd }: Context,
  targets: readonly ByteString[],
  vault: VaultPlaces | undefined,
): ByteString[] {
  if (vault === undefined) return [];
  const own = [vault.folder, realpathSync(vault.folder)].map(fromText);
  const isAbove = (target: ByteString, folder: ByteString): boolean =>
    folder.startsWith(target === '/' ? '/' : `${target}/`);
  if (targets.some((target) => own.some((folder) => isAbove(absolutePath(cwd, target), folder)))) {
    output.note(`Left out: ${printablePath(fromText(vault.folder))}, which holds the vault itself.`);
  }
  return own;
}

function isThere(path: ByteString): boolean {
  return lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false }) !== undefined;
}

function momentOf({ world }: Context, typed: string): bigint {
  const moment = parseMoment(typed, world.clock.wallNs());
  if (moment !== undefined) return moment;
  throw new Failure('usage', {
    why: `"${typed}" is not a time.`,
    instead: 'Write it as in "2012-11-01 22:08:41", or now.',
  });
}
